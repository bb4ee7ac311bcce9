import json

import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine

from rojsat.config.lookup import UnknownNameError
from rojsat.geo.scenes import native_pixels
from rojsat.geo.scenes.catalog import Asset, Scene
from rojsat.geo.scenes.cog import write_cog

SHAPE, PLACE = (40, 44), Affine(10, 0, 500_000, 0, -10, 5_500_000)


def scene(folder, name, size):
    """A scene of bands and classes: B02 is fine, B05 is made of pixels of `size` x 10 m."""
    rng = np.random.default_rng(len(name))
    fine, coarse = rng.integers(1, 3000, (2, *SHAPE)).astype(np.uint16)
    coarse = np.kron(coarse[: SHAPE[0] // size, : SHAPE[1] // size], np.ones((size, size), np.uint16))
    coarse[3, 4] = 0
    planes = {"B02": fine, "B05": coarse, "SCL": np.full(SHAPE, 4, np.uint8)}
    assets = {}
    for band, plane in planes.items():
        path = write_cog(folder / f"{name}_{band}.tif", plane, transform=PLACE, crs="EPSG:32633", nodata=0)
        assets[band] = Asset(str(path), SHAPE, PLACE, str(plane.dtype), 0, 1e-4)
    return Scene(name, pd.Timestamp("2019-09-15T12:00", tz="UTC"), 0, "EPSG:32633", assets)


def read(asset):
    with rasterio.open(asset.href) as raster:
        return raster.read(asset.band)


def test_bands_that_are_copies_are_interpolated_and_all_else_stays(tmp_path):
    scenes, raw = [scene(tmp_path, "copy", 2), scene(tmp_path, "sharp", 1)], tmp_path / "raw"
    raw.mkdir()
    copy, sharp = native_pixels.interpolate(scenes, raw)
    assert sharp == scenes[1]
    assert copy.assets["B02"] == scenes[0].assets["B02"] and copy.assets["SCL"] == scenes[0].assets["SCL"]
    before, after = read(scenes[0].assets["B05"]), read(copy.assets["B05"])
    np.testing.assert_array_equal(after == 0, before == 0)
    corner = before[4:8:2, 6:10:2].astype(float)  # four native pixels around a corner: 9/16, 3/16, 3/16, 1/16
    weights = np.array([[9, 3], [3, 1]]) / 16
    assert after[5, 7] == np.floor((corner * weights).sum() + 0.5)
    facts = json.loads((raw / native_pixels.FACTS).read_text())
    assert facts["sizes"] == {"B02": {"none": 2}, "B05": {"20": 1, "none": 1}}
    assert facts["kept"] == {"copy": ["B02"], "sharp": ["B02", "B05"]}
    assert facts["rasters"] == [scenes[0].assets["B05"].href]
    assert native_pixels.words(raw) == (
        "native grid: 1 of 2 scenes interpolated from native pixels, B02: none; B05: 20 m (1); no cells of one value, "
        "kept as they are: sharp; in some bands: copy"
    )


def test_scenes_that_are_copies_are_pointed_at(tmp_path):
    assert native_pixels.hint([scene(tmp_path, "sharp", 1)]) is None
    assert native_pixels.words(tmp_path) is None
    hint = native_pixels.hint([scene(tmp_path, "copy", 2), scene(tmp_path, "sharp", 1)])
    assert "1 of 2 scenes looked at are copies of pixels of 20 m" in hint and "native_grid=interpolate" in hint


def test_another_choice_is_refused():
    with pytest.raises(UnknownNameError, match="native_grid"):
        native_pixels.check("interpolation")
