from collections import Counter

import numpy as np
import pytest
import rasterio
from affine import Affine

from rojsat.geo.scenes.blocks import Blocks


class Counting:
    """A raster that counts how often each window is read."""

    def __init__(self, raster):
        self._raster, self.windows = raster, Counter()

    def __getattr__(self, name):
        return getattr(self._raster, name)

    def read(self, bands, window):
        self.windows[window] += 1
        return self._raster.read(bands, window=window)


@pytest.fixture(
    params=[{"tiled": True, "blockxsize": 64, "blockysize": 64}, {"blockysize": 1}], ids=["tiles", "strips"]
)
def raster(tmp_path, request):
    array = np.random.default_rng(0).integers(0, 9999, (3, 700, 500)).astype(np.uint16)
    size = {"driver": "GTiff", "count": 3, "height": 700, "width": 500, "dtype": "uint16"}
    with rasterio.open(tmp_path / "a.tif", "w", **size, **request.param, transform=Affine.scale(10)) as new:
        new.write(array)
    with rasterio.open(tmp_path / "a.tif") as opened:
        yield Counting(opened), array


def test_each_block_is_decoded_once_for_all_windows(raster):
    counting, array = raster
    rng = np.random.default_rng(1)
    rois = [(slice(r, r + 60), slice(c, c + 90)) for r, c in rng.integers(0, (640, 410), (50, 2))]
    blocks = Blocks([(counting, [3]), (counting, [1])])
    for roi in rois:
        blocks.expect(roi)
    for roi in rois:
        assert (blocks.read(roi) == array[[2, 0]][:, *roi]).all()
    assert set(counting.windows.values()) == {2}  # once for either band
    assert len({(window.col_off, window.row_off) for window in counting.windows}) == len(counting.windows)
    assert not blocks._kept  # nothing stays in memory


def test_a_window_nobody_announced_is_read_by_itself(raster):
    counting, array = raster
    roi = (slice(3, 7), slice(5, 11))
    blocks = Blocks([(counting, [2])])
    assert (blocks.read(roi) == array[1:2, 3:7, 5:11]).all()
    assert [(window.height, window.width) for window in counting.windows] == [(4, 6)]
