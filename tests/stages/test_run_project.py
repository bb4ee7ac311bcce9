"""The predictions of a run in QGIS, with the scenes, masks and outlines of the chips that it was trained on."""

import json
import shutil

import geopandas as gpd
import numpy as np
import pytest
import rasterio

from rojsat.chips.reader import Chips
from rojsat.config import compose
from rojsat.evaluation import report_files
from rojsat.stages import maps
from tests.support import qgis_projects, stores

SIDE = stores.SIZE
RING = np.array([[0, 0], [SIDE, 0], [SIDE, SIDE], [0, SIDE], [0, 0]])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The report of a run on two regions and two dates, and its chips, whose masks are of GPS points."""
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    rings = {str(number): [RING] for number in range(2)}
    path = stores.write_small(tmp_path / "data" / "processed" / "made", regions=2, dates=2, heat={}, outlines=rings)
    store = Chips(path)
    rows = store.index[store.index["role"] == "clearing"].reset_index(drop=True)
    target, seen = (np.stack([read(chip) for chip in rows["chip"]]) for read in (store.mask, store.seen))
    arrays = {"prediction": np.full(seen.shape, 0.25, np.float32), "target": target, "known": target >= 0, "seen": seen}
    report = tmp_path / "reports" / "quick" / "unet"
    report.mkdir(parents=True)
    report_files.write_predictions(report, "test", rows, arrays)
    (report / "summary.json").write_text("{}")
    (report / "run.json").write_text(json.dumps({"data": store.digest}))
    return report


def names(project):
    return [layer.findtext("layername") for layer in qgis_projects.document(project).iter("maplayer")]


def test_beside_the_predictions_lie_scenes_outlines_and_ground_not_walked(folder):
    maps.run(["run=unet"])
    store, (first, *_) = Chips(compose.ROOT / "data" / "processed" / "made"), sorted((folder / "maps").glob("0_*.tif"))
    with (
        rasterio.open(folder / "maps" / f"{first.stem}_true_colour.tif") as scene,
        rasterio.open(first) as prediction,
    ):
        assert (scene.transform, scene.crs, scene.nodata) == (prediction.transform, prediction.crs, 0)
        chip = store.index[(store.index["region"] == "0") & (store.index["date"] == prediction.tags()["date"])]
        brightness, tci = scene.read().mean(axis=0), store.read(chip["chip"].iloc[0]).arrays["tci"].mean(axis=0)
        box = prediction.bounds
    assert np.corrcoef(brightness.ravel(), tci.ravel())[0, 1] > 0.99
    outlines = gpd.read_file(folder / "maps" / "outlines.gpkg")
    assert tuple(outlines.total_bounds[[0, 2]]) == (box.left, box.right) and list(outlines["region"]) == ["0", "1"]
    walked = {region: (store.region_mask(region) > 0).sum() for region in ("0", "1")}
    unwalked = gpd.read_file(folder / "maps" / "not_walked.gpkg").set_index("region")
    for region, count in walked.items():
        assert unwalked.loc[region].geometry.area == pytest.approx(100 * (SIDE**2 - count))
    assert unwalked["meaning"].unique() == ["no GPS point in the pixel"]


def test_another_part_of_the_run_does_not_replace_the_project_of_the_first(folder, tmp_path):
    for file in (folder / "predictions").glob("test.*"):
        shutil.copy(file, file.with_stem("val"))
    maps.run(["run=unet"])
    project = (folder / "maps" / "qgis.qgz").read_bytes()
    with pytest.raises(ValueError, match=r"holds the maps of unet, part=test.*choose another out= for part=val"):
        maps.run(["run=unet", "part=val"])
    assert (folder / "maps" / "qgis.qgz").read_bytes() == project
    maps.run(["run=unet", "part=val", f"out={tmp_path / 'val'}"])
    assert (tmp_path / "val" / "qgis.qgz").is_file()


def test_layers_of_several_regions_are_one_and_the_same_run_gives_the_same_bytes(folder, tmp_path):
    for name in ("a", "b"):
        maps.run(["run=unet", f"out={tmp_path / name}"])
    project = tmp_path / "a" / "qgis.qgz"
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "b").iterdir())
    assert [name for name in files if name.endswith(".vrt")] == [
        "2019-08-01_065.vrt",
        "2019-08-01_065_true_colour.vrt",
        "2019-08-02_065.vrt",
        "2019-08-02_065_true_colour.vrt",
    ]
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    assert all(" / " in name for name in names(project)) and len(names(project)) == len(set(names(project))) == 12
    tree = qgis_projects.document(project).find("layer-tree-group")
    shown = [(group.get("name").partition(" / ")[0].partition(",")[0], group.get("checked")) for group in tree]
    assert shown == [
        ("Outlines", "Qt::Checked"),
        ("Difference", "Qt::Unchecked"),
        ("Predictions", "Qt::Checked"),
        ("Masks", "Qt::Checked"),
        ("Scenes", "Qt::Checked"),
    ]
    assert not qgis_projects.vocabulary(qgis_projects.document(project)) - set(
        qgis_projects.VOCABULARY.read_text().splitlines()
    )


def test_without_its_chips_a_run_has_its_predictions_alone(folder, capsys):
    shutil.rmtree(compose.ROOT / "data")
    maps.run(["run=unet"])
    assert "without scenes and outlines: no store below" in capsys.readouterr().out
    assert {name.partition(" / ")[0] for name in names(folder / "maps" / "qgis.qgz")} == {
        "Predicted degree",
        "Not seen",
        "Degree of the mask",
        "Difference",
    }


@pytest.mark.slow
@pytest.mark.skipif(not qgis_projects.is_there(), reason="needs PyQGIS: apt-get install python3-qgis, 1 GB")
def test_qgis_opens_the_project_of_a_run_wherever_it_is_moved(folder, tmp_path):
    maps.run(["run=unet"])
    moved = tmp_path / "Kartor på höst"
    shutil.move(folder / "maps", moved)
    opened = qgis_projects.opened(moved / "qgis.qgz", tmp_path / "again.qgs")
    assert opened["read"] and opened["messages"] == [] and opened["title"] == "unet, test"
    assert opened["count"] == len(opened["layers"]) == 12 and all(layer["valid"] for layer in opened["layers"])
    assert {layer["crs"] for layer in opened["layers"]} == {"EPSG:32633"}
    boxes = [tuple(layer["extent"]) for layer in opened["layers"] if "not_walked" not in layer["source"]]
    assert len(set(boxes)) == 1 and boxes[0][2] - boxes[0][0] == 10 * SIDE
    visible = [layer["name"] for layer in opened["layers"] if layer["visible"]]
    assert "Predicted degree / Beräknad grad, 2019-08-02 (R065)" in visible
    assert not any(name.endswith("2019-08-01 (R065)") or "Difference" in name for name in visible)
    own, again = (qgis_projects.document(path) for path in (moved / "qgis.qgz", tmp_path / "again.qgs"))
    assert qgis_projects.vocabulary(own) - qgis_projects.vocabulary(again) == set()
