from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from rojsat.geo.discovery import scene_sources
from rojsat.geo.sources import _patterns


def write_raster(path, count, *, dtype="uint16", descriptions=()):
    path.parent.mkdir(parents=True, exist_ok=True)
    grid = {"height": 4, "width": 4, "crs": "EPSG:32633", "transform": from_origin(600000, 6500040, 10, 10)}
    with rasterio.open(path, "w", driver="GTiff", count=count, dtype=dtype, **grid) as raster:
        raster.write(np.ones((count, 4, 4), dtype))
        raster.descriptions = tuple(descriptions) or (None,) * count


def names(folder):
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "name, pattern, site, day",
    [
        ("alpha_2019-08-31_10m.tif", "{site}_{date}_10m.tif", "alpha", "2019-08-31"),
        ("scenes/a_b_20190831.tif", "scenes/{site}_{date}.tif", "a_b", "2019-08-31"),
        ("20190831_boa.tif", "{date}_boa.tif", "all", "2019-08-31"),
        ("alpha_2019-08.tif", "{site}_{year}-{month}.tif", "alpha", "2019-08-15"),
    ],
)
def test_a_pattern_reads_the_name_that_it_is_made_from(name, pattern, site, day):
    assert scene_sources.pattern_of(Path(name)) == pattern
    read = _patterns.parse(pattern, name)
    assert (read.site, f"{read.day:%Y-%m-%d}") == (site, day)


def test_a_name_without_a_date_has_no_pattern():
    assert scene_sources.pattern_of(Path("dem_99999999.tif")) is None


def test_geotiffs_say_their_bands_by_description_or_name(tmp_path):
    write_raster(tmp_path / "a_20190831_10m.tif", 2, descriptions=["B04", "B08"])
    write_raster(tmp_path / "a_20190831_scl.tif", 1, dtype="uint8")
    write_raster(tmp_path / "a_20190831_other.tif", 3, dtype="float32")
    write_raster(tmp_path / "height.tif", 1)
    scenes = scene_sources.find(tmp_path, names(tmp_path))
    assert (scenes.source, scenes.days, scenes.groups) == ("geotiff", ["2019-08-31"], {"boa"})
    assert {kind["pattern"]: (kind["bands"], kind.get("scale")) for kind in scenes.options["files"]} == {
        "{site}_{date}_10m.tif": (["B04", "B08"], None),
        "{site}_{date}_scl.tif": (["SCL"], None),
        "{site}_{date}_other.tif": (None, 1.0),
    }
    assert [path for path, _ in scenes.left_aside] == ["height.tif"]


def test_files_of_sen2r_are_known_by_their_names(tmp_path):
    for product in ("BOA", "SCL", "TCI"):
        write_raster(tmp_path / f"S2A2A_20190723_022_site_{product}_10.tif", 1)
    write_raster(tmp_path / "a_20190831.tif", 1)
    scenes = scene_sources.find(tmp_path, names(tmp_path))
    assert (scenes.source, scenes.days, scenes.groups) == ("sen2r", ["2019-07-23"], {"boa", "s2", "tci"})
    assert [path for path, _ in scenes.left_aside] == ["a_20190831.tif"]


def test_without_scenes_they_are_searched_for(tmp_path):
    assert scene_sources.find(tmp_path, []).source == "stac"
