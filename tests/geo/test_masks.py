import json

import pytest
import rasterio

from rojsat.catalog import UnknownNameError
from rojsat.geo import masks, scenes, vectors
from rojsat.geo.grid import region_grids


def test_masks_are_rasters_that_any_program_opens(world, tmp_path):
    masks.write(world, tmp_path, source="gps", percentile=99)
    with rasterio.open(tmp_path / "1.tif") as raster:
        assert raster.dtypes == ("float32",)
        assert raster.nodata == -1
        assert raster.crs == "EPSG:32633"
        assert tuple(raster.transform)[:6] == (10, 0, 500100, 0, -10, 6399800)
    facts = json.loads((tmp_path / "masks.json").read_text())
    assert facts["source"] == "gps"
    assert facts["options"] == {"percentile": 99}
    assert list(facts["dropped"]) == ["4"]


def test_what_is_written_is_read_back(world, tmp_path):
    masks.write(world, tmp_path, source="polygons")
    found = masks.read(tmp_path)
    grids = region_grids(scenes.read(world), vectors.load_regions(world / "regions.gpkg"))
    assert found.grids == {region: grids[region] for region in ("1", "c", "n")}
    assert found.degree["n"].max() == 1
    with pytest.raises(ValueError, match="python -m rojsat.stages.masks data=none"):
        masks.read(tmp_path / "none")


def test_mistyped_sources_and_options_name_the_nearest(world, tmp_path):
    with pytest.raises(UnknownNameError, match="'gsp' does not exist. Did you mean 'gps'"):
        masks.write(world, tmp_path, source="gsp")
    with pytest.raises(UnknownNameError, match="Did you mean 'percentile'"):
        masks.write(world, tmp_path, source="gps", percentil=97)
