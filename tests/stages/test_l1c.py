"""Archives of L1C alone, or of dates with and without L2A: from products to trained networks."""

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import box

from rojsat.chips.reader import Chips
from rojsat.config import compose, recipes
from rojsat.evaluation import report_files
from rojsat.geo.scenes import catalog
from rojsat.learn import assembly
from rojsat.stages import inspect, train
from rojsat.tracking import logbook, recorder
from tests.support import safe_products

pytestmark = pytest.mark.slow

EAST, NORTH = safe_products.EAST, safe_products.NORTH
DATES = ["20190723T101031", "20190801T101031", "20190812T101031", "20190820T101031"]


def stand(left, top, size=8):
    """A square in 10 m pixels from the tile's corner."""
    return box(EAST + 10 * left, NORTH - 10 * (top + size), EAST + 10 * (left + size), NORTH - 10 * top)


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """A folder with eight stands, and a repository to work in."""
    monkeypatch.setattr(compose, "ROOT", tmp_path / "repository")
    monkeypatch.setattr(recorder, "STORE", tmp_path / "repository" / "mlruns")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    folder = tmp_path / "archive"
    folder.mkdir()
    squares = {"label": ["need", "clear"] * 4, "stand": [f"s{number}" for number in range(8)]}
    places = [stand(8 + 12 * (number % 4), 10 + 24 * (number // 4)) for number in range(8)]
    gpd.GeoDataFrame(squares, geometry=places, crs=safe_products.CRS).to_file(folder / "stands.gpkg")
    return folder


def words(archive, *more):
    source = ["data=safe", "data.name=mine", f"data.root={archive}", "data.labels.source=polygons"]
    regions = "data.regions=[{path: stands.gpkg, role: stand, id_field: stand}]"
    return [*source, regions, *more]


def settings(archive, *more):
    """The shortest training."""
    short = ["exp=resnet18_tci", "variant=scratch", "train.epochs=1", "train.threads=1", "tracking.keep_models=none"]
    return compose.parse([*short, *words(archive, *more)])


def test_l1c_alone_trains_on_true_colour_and_on_bands_and_is_said_to_have_no_cloud_mask(archive, capsys, caplog):
    for sensing in DATES:
        safe_products.write_product(archive, level="L1C", baseline="05.09", sensing=sensing)
    inspect.run(compose.parse(words(archive)))
    report = capsys.readouterr().out
    assert "cloud masks: none on 4 (2019-07-23, 2019-08-01, 2019-08-12, 2019-08-20)" in report
    assert "processing: L1C baseline 05.09 (4 scenes)" in report
    assert "cloud masks: none on 4" in caplog.text
    store = Chips(recipes.folder("chips", compose.parse(words(archive))))
    assert set(store.index["kinds"]) == {"tci,toa"}
    experiment = settings(archive, "inputs.channels=[tci, toa]")
    train.run(experiment)
    test = report_files.read_predictions(compose.report_folder(experiment), "test")
    assert len(test.rows) and np.isfinite(test.prediction).all()
    findings = assembly.assemble(experiment, store).data.audit.findings
    assert [(len(each.names), each.severity) for each in findings if each.kind == "clouds"] == [(4, "warning")]
    assert "dates without a cloud mask" in (compose.report_folder(experiment) / logbook.NAME).read_text()


def test_dates_with_l1c_only_are_left_out_of_true_colour_with_a_word(archive, capsys):
    safe_products.write_product(archive, level="L1C", baseline="05.09", sensing="20190901T101031")
    for sensing in DATES:
        safe_products.write_product(archive, level="L2A", baseline="05.09", sensing=sensing)
    inspect.run(compose.parse(words(archive)))
    store = Chips(recipes.folder("chips", compose.parse(words(archive))))
    by_date = store.index.groupby("date")["kinds"].unique()
    assert [kinds.tolist() for kinds in by_date] == [["boa,scl,tci"]] * 4 + [["toa"]]
    audit = assembly.assemble(settings(archive), store).data.audit
    (left_out,) = (each for each in audit.findings if each.kind == "channels")
    assert left_out.names == ("2019-09-01",)
    assert sum(audit.chips.values()) <= 4 * 8


def test_a_cloud_mask_is_computed_for_the_dates_that_have_none(archive, capsys):
    pytest.importorskip("ukis_csmask")
    safe_products.write_product(archive, level="L1C", baseline="05.09", sensing="20190901T101031")
    safe_products.write_product(archive, level="L2A", baseline="05.09", sensing=DATES[0])
    experiment = compose.parse(words(archive, "data.clouds=csmask", "data.chips.cloud_margin=20"))
    inspect.run(experiment)
    assert "cloud masks: SCL on 1 date, CSMASK on 1 date" in capsys.readouterr().out
    scenes = catalog.read(recipes.folder("raw", experiment))
    assert ["CSMASK" in scene.assets for scene in scenes] == [False, True]
    store = Chips(recipes.folder("chips", experiment))
    chips = store.index.set_index("date")
    assert chips.loc["2019-09-01", "kinds"].unique().tolist() == ["cloud,csmask,toa"]
    assert chips["cloud"].notna().all()
    chip = store.read(store.index.loc[store.index["date"] == "2019-09-01", "chip"].iloc[0])
    assert (chip.arrays["csmask"][:8, :8] > 0).all()
    with pytest.raises(ValueError, match=r"clouds: 'csmask', not None"):
        inspect.run(compose.parse(words(archive)))
