import json

import numpy as np
import pytest
from affine import Affine

from rojsat.geo.labels import rasters
from rojsat.geo.scenes.cog import write_cog
from tests.geo.conftest import ground

TRANSFORM = Affine(10, 0, 500100, 0, -10, 6399800)  # of region 1


def pair(raw, label, valid=None, transform=TRANSFORM, crs="EPSG:32633"):
    write_cog(raw / "label.tif", label.astype(np.uint8), transform=transform, crs=crs, nodata=None)
    if valid is not None:
        write_cog(raw / "valid.tif", valid.astype(np.uint8), transform=transform, crs="EPSG:32633", nodata=0)
    paths = {"label": str(raw / "label.tif"), "valid": None if valid is None else str(raw / "valid.tif")}
    (raw / "labels.json").write_text(json.dumps([paths]))


def test_a_pixel_with_neither_label_nor_forest_is_unknown(parts):
    label, valid = np.zeros((10, 15)), np.zeros((10, 15))
    label[0, 0] = 1
    valid[0, :3] = 2
    pair(parts[0], label, valid)
    labels = rasters.masks(*parts)
    assert labels.masks["1"][0, :4].tolist() == [1, 0, 0, -1]
    assert labels.facts["pixels"]["above_zero"] == 1
    plain = rasters.masks(*parts, both_zero="zero").masks["1"]
    assert plain.min() == 0


def test_need_that_the_valid_raster_contradicts_is_counted_and_can_be_unknown(parts):
    label, valid = np.zeros((10, 15)), np.ones((10, 15))
    label[0, :3] = 1
    valid[0, 0] = 0
    pair(parts[0], label, valid)
    plain, unknown = rasters.masks(*parts), rasters.masks(*parts, contradiction="unknown")
    assert plain.masks["1"][0, :4].tolist() == [1, 1, 1, 0]
    assert unknown.masks["1"][0, :4].tolist() == [1, -1, -1, 0]
    np.testing.assert_array_equal(plain.masks["1"][1:], unknown.masks["1"][1:])
    assert plain.facts["contradicting"] == unknown.facts["contradicting"] == 2
    assert unknown.facts["pixels"]["above_zero"] == 1


def test_a_larger_raster_is_cut_and_a_smaller_one_leaves_the_rest_unknown(parts):
    label = np.zeros((60, 20))
    label[21, 11] = 1
    pair(parts[0], label, transform=Affine(10, 0, 500000, 0, -10, 6400000))
    mask = rasters.masks(*parts).masks["1"]
    assert mask[1, 1] == 1
    assert (mask[:, 10:] == -1).all()
    assert (mask[:, :10] >= 0).all()


def test_pixels_outside_the_outline_of_a_region_are_unknown(parts):
    raw, regions, grids = parts
    regions = regions.copy()
    row = regions.index[regions["region"] == "1"][0]
    regions.loc[row, "geometry"] = ground(10, 20, 18.4, 30)
    pair(raw, np.ones((10, 15)))
    mask = rasters.masks(raw, regions, grids).masks["1"]
    assert (mask[:, :8] == 1).all() and (mask[:, 8:] == -1).all()
    assert (rasters.masks(raw, regions, grids, extent="box").masks["1"] == 1).all()


def test_rasters_that_do_not_fit_are_refused(parts):
    with pytest.raises(ValueError, match="labels.json does not exist"):
        rasters.masks(*parts)
    pair(parts[0], np.zeros((10, 15)), crs="EPSG:32632")
    with pytest.raises(ValueError, match="coordinate system EPSG:32632, the scenes in EPSG:32633: warp it"):
        rasters.masks(*parts)
    pair(parts[0], np.full((10, 15), 7))
    with pytest.raises(ValueError, match="labels go from 0 to 1"):
        rasters.masks(*parts)
    pair(parts[0], np.ones((10, 15)), transform=Affine(10, 0, 500105, 0, -10, 6399800))
    with pytest.raises(ValueError, match="does not lie on the pixels of the scenes of region '1'"):
        rasters.masks(*parts)
    pair(parts[0], np.ones((10, 15)), np.ones((10, 15)))
    write_cog(parts[0] / "valid.tif", np.ones((9, 15), np.uint8), transform=TRANSFORM, crs="EPSG:32633", nodata=0)
    with pytest.raises(ValueError, match="valid.tif does not lie on the pixels of"):
        rasters.masks(*parts)
    with pytest.raises(ValueError, match="'unknown' or 'zero'"):
        rasters.masks(*parts, both_zero="yes")
    with pytest.raises(ValueError, match="'label' or 'unknown'"):
        rasters.masks(*parts, contradiction="damage")
    with pytest.raises(ValueError, match="extent: 'boxes' does not exist. Did you mean 'box'"):
        rasters.masks(*parts, extent="boxes")
