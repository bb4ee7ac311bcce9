"""An evening with Finnish stands on this machine: from a municipality's name to a data set, a model and a list."""

import shutil

import geopandas as gpd
import pandas as pd
import pytest

from rojsat import run
from rojsat.chips.reader import Chips
from rojsat.config import compose
from rojsat.stages import chips, inspect, masks, new_data, predict, raw
from tests.support import finnish_municipality as municipality
from tests.support import finnish_servers
from tests.support.finnish_files import write_geopackage, write_xml

pytestmark = pytest.mark.slow

DAYS = ("2019-07-06", "2020-07-15")


@pytest.fixture(scope="module")
def stands():
    """Of the municipality: 40 young ones amid old forest."""
    return municipality.stands(across=15, down=9)


@pytest.fixture(scope="module")
def servers(tmp_path_factory, stands):
    """WFS and archive of them."""
    servers = finnish_servers.Servers(tmp_path_factory.mktemp("archive"), stands, DAYS)
    servers.stands.most = 30
    yield servers
    servers.close()


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A repository to work in."""
    recorder = pytest.importorskip("rojsat.tracking.recorder")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copytree(compose.EXPERIMENTS, tmp_path / "experiments")
    monkeypatch.setattr(compose, "EXPERIMENTS", tmp_path / "experiments")
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    monkeypatch.setattr(recorder, "STORE", tmp_path / "mlruns")
    return tmp_path


def words(servers):
    return {"years": "2019,2020", "api": servers.archive.url, "servers": servers.addresses}


def test_from_the_name_of_a_municipality_to_a_list_of_stands_killed_on_the_way(servers, stands, root, capsys):
    of_servers = words(servers)
    new_data.run_finland(finnish_servers.NAME, "kuvala", dry=True, **of_servers)
    printed = capsys.readouterr().out
    assert f"v1:stand: {len(stands)} features" in printed and "scenes:   2 on 2 dates, tiles 35VLJ" in printed
    assert not list(root.rglob("*.gpkg")) and not (compose.EXPERIMENTS / "data" / "kuvala.yaml").exists()

    code = f"from rojsat.stages import new_data; new_data.run_finland('Kuvala', 'kuvala', **{of_servers!r})"
    finnish_servers.killed(servers, root, code, of="stands", after=2)
    before = servers.stands.starts()
    new_data.run_finland(finnish_servers.NAME, "kuvala", **of_servers)
    after = servers.stands.starts()[len(before) :]
    assert after == [60, 90, 120]  # the first two pages were kept
    assert "Kuvala" in (compose.EXPERIMENTS / "data" / "kuvala.yaml").read_text()

    code = "from rojsat.stages import raw; raw.run(compose.parse(['data=kuvala']))"
    finnish_servers.killed(servers, root, code, of="archive", after=15)
    complete = {path.relative_to(path.parents[1]) for path in (root / "data").rglob("2*/[A-Z]*.tif")}
    assert 0 < len(complete) < 28
    servers.archive.requests.clear()
    capsys.readouterr()
    inspect.run(compose.parse(["data=kuvala"]))
    days = {"20190706": "2019-07-06", "20200715": "2020-07-15"}
    assert not any(servers.archive.asked(f"{days[path.parts[0][:8]]}/{path.name}") for path in complete)
    report = capsys.readouterr().out
    assert "CC BY 4.0" in report and "## Labels by rule, by year of the images" in report
    assert "tending proposed near the image" in report and "development class 04" in report
    index = Chips(root / "data" / "processed" / "kuvala").index
    assert set(index["strength"]) == {"weak"} and set(index["label"]) == {"need", "clear"}

    pixels = ["exp=unet", "variant=boosting", "data=kuvala", "inputs.role=stand", "inputs.frame=box"]
    pixels += ["inputs.channels=[boa]", "split.name=stratified", "split.options.folds=3", "model.options.max_iter=20"]
    experiment = compose.parse(pixels)
    run.run(experiment)
    assert "the year" in capsys.readouterr().out
    area = f"area={root / 'data' / 'metsakeskus' / 'kuvala' / 'metsakeskus.gpkg'}"
    of_map = ["layer=stand", "id_field=standid", "dates=2020-07-15", f"out={root / 'map'}"]
    predict.run([f"model={compose.run_name(experiment)}", "data=kuvala", area, *of_map])
    listed = gpd.read_file(root / "map" / "stands.gpkg")
    assert len(listed) == len(stands) and listed["need_ha"].sum() > 0
    assert listed["area_ha"].sum() == pytest.approx(sum(stand.outline.area for stand in stands) / 1e4, rel=0.01)


@pytest.mark.parametrize("write", [write_xml, write_geopackage])
def test_a_file_with_completed_tendings_gives_strong_labels_that_change_between_the_years(servers, stands, root, write):
    file = write(root / ("stands.xml" if write is write_xml else "MV_kuvala.gpkg"), stands)
    new_data.run_finland(str(file), "kuvala", **words(servers))
    experiment = compose.parse(["data=kuvala"])
    for stage in (raw, masks, chips):
        stage.run(experiment)
    index = Chips(root / "data" / "processed" / "kuvala").index
    tended = {stand.number for stand in stands if stand.operations and stand.operations[0][2]}
    strong = index[index["strength"] == "strong"]
    assert set(strong["region"]) == tended
    assert set(zip(strong["date"], strong["label"], strict=True)) == {(DAYS[0], "need"), (DAYS[1], "clear")}
    dated = pd.read_parquet(root / "data" / "masks" / "kuvala" / "labels.parquet")
    assert len(dated) == len(DAYS) * len(stands)
