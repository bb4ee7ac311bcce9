import shutil
import zipfile

import numpy as np
import pandas as pd
import pytest
from affine import Affine

from rojsat.figures import maps, mask_marks, style
from rojsat.geo.scenes.cog import write_cog
from rojsat.maps import map_project, qgis_styles, stand_table
from rojsat.maps.stand_columns import COLUMNS
from tests.support import map_scenes, qgis_projects

BANDS = ["degree", "lower", "upper", "dates", "newest", "outside"]


def listed():
    """Eight stands, the last not seen."""
    stands = map_scenes.stands(*((12 * number, 5, 10, 10) for number in range(8)))
    rank = pd.array([*range(1, 8), None], dtype="Int64")
    values = {"need_ha": [1.0] * 7 + [None], "degree_mean": [0.5] * 7 + [None], "last_clear": "2019-07-11"}
    further = {name: None for name in COLUMNS if name not in ("rank", "region", *values)}
    return stands.assign(rank=rank, **values, **further)


def write(folder, *names, bands=BANDS):
    """A map in a folder: `degree.tif` or rasters of these names, the list of stands, the project."""
    transform, count = Affine(10, 0, map_scenes.EAST, 0, -10, map_scenes.NORTH), len(bands)
    grid = {"transform": transform, "crs": map_scenes.CRS, "nodata": np.nan}
    values = np.linspace(0, 1, 20 * 100, dtype=np.float32).reshape(20, 100) * np.ones((count, 1, 1), np.float32)
    rasters = [write_cog(folder / name, values, **grid, descriptions=bands) for name in names or ["degree.tif"]]
    stand_table.write(listed(), folder, [("model", "unet")], pd.Timestamp("2019-07-11", tz="UTC"))
    return map_project.write(folder, rasters, listed(), map_scenes.card(run="unet"))


def sources(project):
    return [layer.findtext("datasource") for layer in qgis_projects.document(project).iter("maplayer")]


def test_the_same_map_gives_the_same_bytes_and_names_files_beside_it_alone(tmp_path):
    first, second = write(tmp_path / "a"), write(tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert archive.namelist() == ["map.qgs"] and str(tmp_path) not in archive.read("map.qgs").decode()
    assert {source.partition("|")[0] for source in sources(first)} == {"./degree.tif", "./stands.gpkg"}
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [
        "degree.tif",
        "map.qgz",
        "stands.csv",
        "stands.gpkg",
        "stands.xlsx",
    ]


def test_layers_have_english_and_swedish_names_and_the_interval_is_hidden(tmp_path):
    tree = qgis_projects.document(write(tmp_path)).find("layer-tree-group")
    shown = {layer.get("name"): layer.get("checked") == "Qt::Checked" for layer in tree.iter("layer-tree-layer")}
    assert shown["Degree of need / Behov av röjning"] and all(" / " in name for name in shown)
    assert [name for name, checked in shown.items() if not checked] == [
        "Interval, lower end / Intervall, nedre gräns",
        "Interval, upper end / Intervall, övre gräns",
    ]
    without = qgis_projects.document(write(tmp_path, bands=["degree", "dates", "newest", "outside"]))
    assert not any("Interval" in name.text for name in without.iter("layername"))
    two = qgis_projects.document(write(tmp_path, "degree_1.tif", "degree_2.tif")).find("layer-tree-group")
    assert [group.get("name") for group in two.findall("layer-tree-group")] == ["degree_1", "degree_2"]


def test_every_column_of_the_list_has_an_english_and_a_swedish_name(tmp_path):
    project = qgis_projects.document(write(tmp_path))
    aliases = {alias.get("field"): alias.get("name") for alias in project.iter("alias")}
    assert set(aliases) == set(listed().columns) - {"geometry"}
    names = [alias.split(" / ") for alias in (column.alias for column in COLUMNS.values())]
    assert all(len(name) == 2 and all(name) for name in names)
    assert len({english for english, _ in names}) == len({swedish for _, swedish in names}) == len(COLUMNS)


def test_colours_are_those_of_the_figures():
    steps = np.linspace(0, 1, len(qgis_styles.DEGREE_COLOURS))
    drawn = [int(colour[place : place + 2], 16) for colour in qgis_styles.DEGREE_COLOURS for place in (1, 3, 5)]
    np.testing.assert_allclose(drawn, (255 * maps.degrees()(steps)[:, :3]).ravel(), atol=2)
    assert qgis_styles.NOT_SEEN_COLOUR == style.UNKNOWN
    assert (qgis_styles.HATCH_COLOUR, qgis_styles.OUTLINE_COLOUR) == (
        mask_marks.HATCH_COLOUR,
        mask_marks.OUTLINE_COLOUR,
    )


def test_all_that_it_writes_is_what_qgis_writes(tmp_path):
    known = set(qgis_projects.VOCABULARY.read_text().splitlines())
    assert not qgis_projects.vocabulary(qgis_projects.document(write(tmp_path))) - known


@pytest.mark.slow
@pytest.mark.skipif(not qgis_projects.is_there(), reason="needs PyQGIS: apt-get install python3-qgis, 1 GB")
def test_qgis_opens_it_wherever_the_folder_is_moved(tmp_path):
    moved = tmp_path / "Anders skifte på höjden"
    shutil.move(write(tmp_path / "map").parent, moved)
    opened = qgis_projects.opened(moved / "map.qgz", tmp_path / "again.qgs")
    assert opened["read"] and opened["messages"] == [] and opened["crs"] == map_scenes.CRS
    assert "the best predictor without an image" in opened["abstract"]
    assert opened["count"] == len(opened["layers"]) == 6 and all(layer["valid"] for layer in opened["layers"])
    assert {layer["crs"] for layer in opened["layers"]} == {map_scenes.CRS}
    stands, *rasters, grey = opened["layers"]
    north = map_scenes.NORTH
    assert rasters[1]["extent"] == [5e5, north - 200, 5e5 + 1000, north]
    assert stands["extent"] == grey["extent"] == [5e5, north - 150, 5e5 + 940, north - 50]
    assert stands["labels"] == "rank" and stands["aliases"]["need_ha"] == "In need, ha / Behov, ha"
    assert stands["legend"] == ["1 to 5 / 1 till 5", "6 to 7 / 6 till 7", "not seen / ej synligt"]
    own, again = (qgis_projects.document(path) for path in (moved / "map.qgz", tmp_path / "again.qgs"))
    assert qgis_projects.vocabulary(own) - qgis_projects.vocabulary(again) == set()
