"""From ESA's products, regions and GPS points to chips and figures, as docs/data.md tells it."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from rojsat.chips.reader import Chips
from rojsat.config import compose
from rojsat.page import cells, contents
from rojsat.stages import chips, inspect, masks, page_data, raw
from tests.support import safe_products

pytestmark = pytest.mark.slow

EAST, NORTH = safe_products.EAST, safe_products.NORTH


def stand(left, top, size):
    """A square in 10 m pixels from the tile's corner."""
    return box(EAST + 10 * left, NORTH - 10 * (top + size), EAST + 10 * (left + size), NORTH - 10 * top)


def deliver(folder):
    """L1C and L2A of one date, a later L2A of the new baseline as a zip; stands in two files and coordinate systems."""
    for level in ("L1C", "L2A"):
        safe_products.write_product(folder, level=level, baseline="02.13" if level == "L2A" else "02.07")
    safe_products.write_product(folder, sensing="20230723T101031", baseline="05.09", zipped=True)
    need = gpd.GeoDataFrame(
        {"stand": ["n1", "n2"]}, geometry=[stand(10, 10, 8), stand(40, 20, 6)], crs=safe_products.CRS
    )
    clear = gpd.GeoDataFrame(
        {"stand": ["c1", "c2"]}, geometry=[stand(25, 30, 5), stand(0, 0, 5)], crs=safe_products.CRS
    )
    need.to_crs("EPSG:3006").to_file(folder / "need.shp")
    clear.to_crs("EPSG:4326").to_file(folder / "clear.gpkg")


@pytest.fixture
def own_files(tmp_path, monkeypatch):
    """A customer's folder of products and files, and a repository to work in."""
    monkeypatch.setattr(compose, "ROOT", tmp_path / "repository")
    archive = tmp_path / "archive"
    archive.mkdir()
    return archive


def test_products_and_a_shapefile_become_chips(own_files, capsys):
    deliver(own_files)
    need = "{path: need.shp, role: stand, label: need, id_field: stand}"
    clear = "{path: clear.gpkg, role: stand, label: clear, id_field: stand}"
    words = ["data=safe", "data.name=mine", f"data.root={own_files}", f"data.regions=[{need}, {clear}]"]
    experiment = compose.parse([*words, "data.labels.source=polygons", "data.chips.max_cloud=0.5"])
    for stage in (raw, masks, chips, inspect):
        stage.run(experiment)
    store = Chips(compose.ROOT / "data" / "processed" / "mine")
    assert list(store.index["region"]) == ["c1", "c1", "n1", "n1", "n2", "n2"]
    assert set(store.dropped["region"]) == {"c2"}  # under the cloud in the corner
    assert list(store.index["kinds"][:2]) == ["boa,scl,tci,toa", "boa,scl,tci"]
    old, new = (store.read(chip) for chip in ("n1_2019-07-23_022", "n1_2023-07-23_022"))
    for band in ("B02", "B11"):  # the same ground before and after the offset of baseline 04.00
        seen = old.seen()
        np.testing.assert_allclose(old.plane(band)[seen], new.plane(band)[seen], atol=1e-4)
    assert np.isfinite(store.channels("n1_2019-07-23_022", ["tci", "s2", "toa.B10"])[:, old.seen()]).all()
    report = capsys.readouterr().out
    assert "| more than 50% under cloud |" in report
    assert (compose.ROOT / "reports" / "data" / "mine" / "report.png").stat().st_size > 10_000
    with pytest.raises(ValueError, match=r"no chips of role clearing \(for the segmentation\), control"):
        page_data.run(experiment)
    assert not (compose.ROOT / "reports" / "study").exists()


def test_products_of_l1c_alone_have_chips_and_a_report(own_files):
    safe_products.write_product(own_files, level="L1C", baseline="05.09", sensing="20230723T101031")
    gpd.GeoDataFrame(geometry=[stand(10, 10, 8)], crs=safe_products.CRS).to_file(own_files / "need.gpkg")
    files = "data.regions=[{path: need.gpkg, role: stand, label: need}]"
    words = ["data=safe", "data.name=mine", f"data.root={own_files}", files, "data.labels.source=polygons"]
    inspect.run(compose.parse(words))
    assert Chips(compose.ROOT / "data" / "processed" / "mine").size("stand") == (8, 8)
    page = (compose.ROOT / "reports" / "data" / "mine" / "inspect.html").read_text()
    assert "1 labelled stand: no split by regions, which needs 3" in page
    assert "2023-07-23 unknown" in page  # cloud


def walk(folder, steps):
    """Write GPS points, so many in a 10 m pixel (row, column), five seconds apart."""
    pixels = [pixel for pixel, count in steps.items() for _ in range(count)]
    times = pd.date_range("2019-08-01T08:00:00Z", periods=len(pixels), freq="5s").strftime("%Y-%m-%dT%H:%M:%SZ")
    x, y = np.array([(EAST + 10 * column + 5, NORTH - 10 * row - 5) for row, column in pixels], float).T
    places = gpd.GeoSeries.from_xy(x, y, crs=safe_products.CRS).to_crs("EPSG:4326")
    pd.DataFrame({"lon": places.x, "lat": places.y, "time": times}).to_csv(folder / "phone.csv", index=False)


def test_the_study_draws_its_figures_of_ones_own_data(own_files):
    deliver(own_files)
    objects = gpd.GeoDataFrame(
        {"stand": ["1", "2"]}, geometry=[stand(30, 12, 9), stand(45, 40, 8)], crs=safe_products.CRS
    )
    objects.to_file(own_files / "objects.gpkg")
    fields = gpd.GeoDataFrame({"stand": ["p"]}, geometry=[stand(20, 40, 6)], crs=safe_products.CRS)
    fields.to_file(own_files / "fields.gpkg")
    walk(own_files, {(row, column): 3 + row - 12 for row in range(12, 21) for column in range(30, 39)} | {(44, 50): 5})
    files = {"need.shp": "stand, label: need", "clear.gpkg": "stand, label: clear", "objects.gpkg": "clearing"}
    files["fields.gpkg"] = "control, label: cropland"
    regions = ", ".join(f"{{path: {name}, role: {role}, id_field: stand}}" for name, role in files.items())
    words = [
        "data=safe",
        "data.name=mine",
        f"data.root={own_files}",
        f"data.regions=[{regions}]",
        "data.gps={files: [phone.csv]}",
    ]
    experiment = compose.parse([*words, "data.labels.source=gps"])
    for stage in (raw, masks, chips, page_data):
        stage.run(experiment)
    folder = compose.ROOT / "reports" / "study" / "data" / "mine"
    assert {path.name for path in folder.iterdir()} == {
        "facts.json",
        *(drawing.file for drawing in contents.drawings()),
        *(cells.narrow_file(Path(drawing.file)).name for drawing in contents.drawings() if drawing.narrow is not None),
    }
    facts = json.loads((folder / "facts.json").read_text())
    assert (facts["first"], facts["last"], facts["scenes"]) == ("2019-07-23", "2023-07-23", 2)
    assert (facts["stands"], facts["objects"], facts["samples"]) == ({"need": 2, "clear": 2}, ["1"], 2)
    assert "5 GPS points" in facts["dropped"]["2"]
    assert facts["extent_km"] == [0.6, 0.6]
    assert facts["scl"]["CLOUD_HIGH_PROBABILITY"] == pytest.approx(9 / 900)  # 3 of 30 pixels each way, 20 m


def test_a_second_run_makes_nothing_and_other_files_or_another_recipe_are_refused(own_files, capsys):
    deliver(own_files)
    words = ["data=safe", "data.name=mine", f"data.root={own_files}", "data.regions=[{path: need.shp, role: stand}]"]
    raw.run(compose.parse(words))
    before = (compose.ROOT / "data" / "raw" / "mine" / "catalog.json").stat().st_mtime_ns
    raw.run(compose.parse(words))
    printed = capsys.readouterr().out
    assert "left aside: 1 file (not named in data.regions or data.gps.files): clear.gpkg" in printed
    assert printed.endswith("made already: data/raw/mine\n")
    assert (compose.ROOT / "data" / "raw" / "mine" / "catalog.json").stat().st_mtime_ns == before
    with pytest.raises(ValueError, match=r"options\.levels.*data\.name=NAME"):
        raw.run(compose.parse([*words, "data.options.levels=[L2A]"]))
    gpd.read_file(own_files / "need.shp").assign(stand=["n2", "n1"]).to_file(own_files / "need.shp")
    with pytest.raises(ValueError, match=r"(?s)has changed since.*changed: need\.shp"):
        inspect.run(compose.parse(words))
    raw.run(compose.parse([*words, "data.if_changed=make_again"]))
    assert "taken: 2 scenes" in capsys.readouterr().out


def test_bad_files_are_refused_and_leave_nothing(own_files):
    deliver(own_files)
    next(own_files.rglob("*B05_20m.jp2")).write_bytes(b"nothing")
    words = ["data=safe", "data.name=mine", f"data.root={own_files}", "data.regions=[{path: need.shp, role: stand}]"]
    with pytest.raises(ValueError, match="B05_20m"):
        raw.run(compose.parse(words))
    assert [path.name for path in (compose.ROOT / "data" / "raw").iterdir()] == [".lock-mine"]
