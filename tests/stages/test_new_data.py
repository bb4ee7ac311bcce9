"""From a folder of somebody's own files to a result: the commands that `rojsat data new` names, one after the other."""

import json
import re
import shlex
import shutil
import sys

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely.geometry import box

from rojsat import run
from rojsat.config import compose
from rojsat.geo.finland import metsakeskus_files
from rojsat.stages import _finnish_stands, inspect, new_data
from tests.support import safe_products

LABELS = ["need", "clear"] * 3


def stands(number, **columns):
    """Squares of 80 m, 170 m apart, in two rows."""
    corners = [
        (safe_products.EAST + 250 * (n // 2) + 50, safe_products.NORTH - 250 * (n % 2) - 200) for n in range(number)
    ]
    squares = [box(left, bottom, left + 80, bottom + 80) for left, bottom in corners]
    return gpd.GeoDataFrame(columns, geometry=squares, crs=safe_products.CRS)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder for files, and a repository to work in."""
    experiments = tmp_path / "repository" / "experiments"
    shutil.copytree(compose.EXPERIMENTS, experiments)
    monkeypatch.setattr(compose, "EXPERIMENTS", experiments)
    monkeypatch.setattr(compose, "ROOT", tmp_path / "repository")
    path = tmp_path / "My forest 2023"
    path.mkdir()
    return path


def written(name):
    return compose.EXPERIMENTS / "data" / f"{name}.yaml"


@pytest.mark.slow
def test_products_and_labelled_stands_become_a_result_by_the_commands_that_are_printed(folder, monkeypatch, capsys):
    recorder = pytest.importorskip("rojsat.tracking.recorder")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(recorder, "STORE", compose.ROOT / "mlruns")
    noise = np.random.default_rng(0)  # no two stands are alike: the audit of leaks would refuse copies
    for month in (7, 8):
        ground = {band: light + 0.02 * noise.random(light.shape) for band, light in safe_products.ground(120).items()}
        safe_products.write_product(folder, sensing=f"20230{month}23T101031", baseline="05.09", ground=ground)
    stands(6, stand=range(1, 7), label=LABELS).to_file(folder / "stands.gpkg")
    (folder / "watch.tcx").write_bytes(b"")
    new_data.run(folder)
    printed = capsys.readouterr().out
    assert "2 dates, 2023-07-23 to 2023-08-23" in printed
    assert "not used: watch.tcx: TCX files are not read" in printed
    assert "# QUESTION" not in written("my_forest_2023").read_text()
    look, train = commands(printed)
    assert (look[0], train[0]) == ("inspect", "run")
    inspect.run(compose.parse(look[1:]))
    page = (compose.ROOT / "reports" / "data" / "my_forest_2023" / "inspect.html").read_text()
    assert "6 labelled stands: leave-one-region-out yes, 3 folds yes" in page
    assert page.count('src="data:image/png') == 3
    experiment = compose.parse([*train[1:], "train.epochs=1"])
    run.run(experiment)
    report = compose.report_folder(experiment)
    assert 0 <= json.loads((report / "metrics.json").read_text())["test"]["accuracy"] <= 1
    assert (report / "figures").is_dir()


def commands(printed):
    """Words of the commands that are named at the end."""
    return [shlex.split(words) for words in re.findall(r"^(?:next:)? +rojsat (.*)", printed, re.MULTILINE)]


def write_raster(path):
    """A GeoTIFF of two bands."""
    grid = {"height": 4, "width": 4, "crs": safe_products.CRS, "transform": from_origin(600000, 6500040, 10, 10)}
    with rasterio.open(path, "w", driver="GTiff", count=2, dtype="uint16", **grid) as raster:
        raster.write(np.ones((2, 4, 4), "uint16"))
        raster.descriptions = ("B04", "B08")


def test_objects_and_gps_points_become_a_data_set_with_the_surroundings_that_windows_need(folder, capsys):
    for day in ("20230701", "20230801"):
        write_raster(folder / f"site_{day}.tif")
    stands(4, id=range(4)).to_file(folder / "objects.gpkg")
    (folder / "phone.csv").write_text("x;y;time\n600001;6500001;2023-07-01T08:00:00Z\n")
    new_data.run(folder, "mine")
    printed = capsys.readouterr().out
    assert "phone.csv: 1 point, with times" in printed
    assert "coordinate system of columns x and y of phone.csv" in printed
    written("mine").write_text(written("mine").read_text().replace("csv_crs: ???", "csv_crs: EPSG:32633"))
    data = compose.parse(["data=mine"]).data
    assert (data.source, data.labels.source, data.gps.files) == ("geotiff", "gps", ["phone.csv"])
    (folder / "phone.csv").write_text("lon;lat\n15;58\n")
    new_data.run(folder, "other")
    _, train = commands(capsys.readouterr().out)
    experiment = compose.parse(train[1:])
    assert experiment.data.chips.margin >= 10 * (experiment.inputs.window - 1)
    assert (experiment.split.options["folds"], experiment.inputs.channels) == (4, ["boa"])


def test_too_few_regions_and_dates_are_named_instead_of_a_command_that_fails(folder, capsys):
    write_raster(folder / "site_20230701.tif")
    stands(2, id=range(2), label=["need", "clear"]).to_file(folder / "stands.gpkg")
    new_data.run(folder, "mine")
    printed = capsys.readouterr().out
    assert "; 1 date, 2023-07-01\n" in printed
    assert "1 labelled stands of one label are too few to test on regions not trained on (at least 3)" in printed
    assert [words[0] for words in commands(printed)] == ["inspect"]


def test_what_files_do_not_say_is_asked_and_holds_the_data_set_up(folder, capsys):
    stands(2, a=["1", "2"], b=["x", "y"]).to_file(folder / "areas.geojson")
    new_data.run(folder, "mine")
    printed = capsys.readouterr().out
    assert "open:  6 questions" in printed
    for key in ("start", "end", "role", "label", "id_field", "source"):
        assert re.search(rf"line \d+, {key}: ", printed), key
    with pytest.raises(ValueError, match=r"mine\.yaml leaves questions open"):
        compose.parse(["data=mine"])


def test_nothing_is_overwritten_and_nothing_else_is_left(folder):
    stands(2, id=[1, 2]).to_file(folder / "need.gpkg")
    before = set(written("mine").parent.iterdir())
    new_data.run(folder, "mine", dry=True)
    assert set(written("mine").parent.iterdir()) == before
    new_data.run(folder, "mine")
    assert set(written("mine").parent.iterdir()) - before == {written("mine")}
    with pytest.raises(ValueError, match="exists already: choose another name"):
        new_data.run(folder, "mine")
    with pytest.raises(ValueError, match="exists already"):
        new_data.run(folder, "simulated")


@pytest.mark.parametrize("name", ["Mine", "a-b", "../x", "1a", "null", ""])
def test_a_name_that_cannot_be_one_is_refused(folder, name):
    with pytest.raises(ValueError, match="cannot name a data set"):
        new_data.run(folder, name)


def test_a_folder_without_anything_to_use_is_refused(folder):
    with pytest.raises(ValueError, match="no scenes, no outlines and no GPS points"):
        new_data.run(folder)
    with pytest.raises(ValueError, match="is no folder"):
        new_data.run(folder / "elsewhere")


def test_the_same_ids_in_two_files_get_a_prefix(folder):
    stands(2, id=[1, 2]).to_file(folder / "need.gpkg")
    stands(2, id=[2, 3]).to_file(folder / "clear.gpkg")
    new_data.run(folder, "mine")
    text = written("mine").read_text()
    assert "prefix: need_" in text
    assert "prefix: clear_" in text


FROM_WFS = {"years": "2019", "api": None, "download": "wfs"}


@pytest.mark.parametrize(
    "words", [["salo", "--finland", "Salo", "years=2019"], ["finland=Salo", "name=salo", "years=2019"]]
)
def test_finnish_stands_are_named_by_a_word_of_the_command(monkeypatch, words):
    calls = []
    monkeypatch.setattr(new_data, "run_finland", lambda *areas, **keys: calls.append((*areas, keys)))
    monkeypatch.setattr(sys, "argv", ["rojsat data new", *words, "declarations="])
    new_data.main()
    servers = {"declarations": ""}
    assert calls == [("Salo", "salo", {"servers": servers, "dry": False} | FROM_WFS)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["salo", "--finland"], "name the stands"),
        (["--finland", "Salo"], "give the data set one name"),
        (["salo", "--finland", "stands.xml"], "should be a file of Finnish stands"),
        (["salo", "--finland", "Salo", "years=next"], "years=next names no years"),
        (["docs", "years=2019"], "name one folder"),
    ],
)
def test_words_that_name_no_finnish_stands_are_refused(monkeypatch, capsys, words, message):
    monkeypatch.setattr(sys, "argv", ["rojsat data new", *words, "dry=true"])
    with pytest.raises(SystemExit) as ended:
        new_data.main()
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_stands_may_come_as_the_file_of_a_municipality(monkeypatch, tmp_path):
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    calls = []
    monkeypatch.setattr(metsakeskus_files, "fetch", lambda *words, **keys: calls.append((*words, keys)))
    _finnish_stands.fetch("Salo", "mine", "file", {"files": "http://127.0.0.1/x"})
    assert calls == [("Salo", tmp_path / "data" / "metsakeskus" / "mine", {"url": "http://127.0.0.1/x"})]
    with pytest.raises(ValueError, match="Did you mean 'file'"):
        _finnish_stands.fetch("Salo", "mine", "files", {})
