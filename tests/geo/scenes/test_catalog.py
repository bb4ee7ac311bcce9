import json
import shutil

import pytest

from rojsat.geo.scenes import catalog


def test_what_is_written_is_read_back_sorted_by_time(world):
    scenes = catalog.read(world)
    assert [scene.id for scene in scenes] == ["s1", "s2", "s3"]
    assert scenes[0].relative_orbit == 65
    assert scenes[0].crs == "EPSG:32633"
    assert scenes[0].boa == ("B01", "B02", "B04", "B05")
    assert scenes[0].toa == ("B10",)
    red = scenes[0].assets["B04"]
    assert (red.scale, red.offset, red.nodata, red.dtype, red.shape) == (1e-4, -0.1, 65535, "uint16", (60, 60))
    assert scenes[0].grid.shape == (60, 60)


def test_the_folder_may_be_renamed(world, tmp_path):
    shutil.move(world, tmp_path / "other")
    assert catalog.read(tmp_path / "other")[0].assets["B02"].href == str(tmp_path / "other/s1/B02.tif")


def test_a_missing_or_empty_catalog_names_the_command(tmp_path):
    with pytest.raises(ValueError, match="python -m rojsat.stages.raw data=raw"):
        catalog.read(tmp_path / "raw")
    catalog.write(tmp_path / "raw", [], description="")
    with pytest.raises(ValueError, match="holds no scene"):
        catalog.read(tmp_path / "raw")


@pytest.mark.parametrize("key", ["proj:transform", "raster:bands"])
def test_an_asset_that_lacks_something_is_named(world, key):
    path = world / "s1" / "s1.json"
    item = json.loads(path.read_text())
    del item["assets"]["B04"][key]
    path.write_text(json.dumps(item))
    with pytest.raises(ValueError, match=f"s1: asset B04 lacks .*{key}"):
        catalog.read(world)


def test_a_scene_without_orbit_or_bands_is_named(world):
    path = world / "s1" / "s1.json"
    item = json.loads(path.read_text())
    path.write_text(json.dumps(item | {"assets": {}}))
    with pytest.raises(ValueError, match="s1 has no asset"):
        catalog.read(world)
    del item["properties"]["sat:relative_orbit"]
    path.write_text(json.dumps(item))
    with pytest.raises(ValueError, match="lacks .*sat:relative_orbit"):
        catalog.read(world)


def test_a_scene_without_10_m_pixels_has_no_grid(world):
    scene = catalog.read(world)[0]
    coarse = catalog.Scene("c", scene.datetime, 1, scene.crs, {"B05": scene.assets["B05"]})
    with pytest.raises(ValueError, match="scene c has no asset with 10 m pixels"):
        _ = coarse.grid


def test_a_catalog_is_called_as_its_data_set_also_while_the_folder_is_incomplete(tmp_path):
    catalog.write(tmp_path / ".partial-mine", [], description="")
    assert json.loads((tmp_path / ".partial-mine" / "catalog.json").read_text())["id"] == "mine"
