"""Count the dark pixels of a downloaded scene, for `offsets`."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.io import DatasetReader
from rasterio.windows import Window, from_bounds

from rojsat.geo.scenes import raster_files
from rojsat.geo.sources.stac.block_store import Stored
from rojsat.geo.sources.stac.download import Bounds, touched
from rojsat.geo.sources.stac.offsets import DARK, LOW, VISIBLE, Evidence

SAMPLE = 64
"""Blocks that are read, evenly spread over those in the area: four million pixels a band are enough."""

KINDS = (4, 6)
"""Scene classes counted: vegetation and water."""


def count(stored: Mapping[str, Stored], boxes: Callable[[CRS], Sequence[Bounds]]) -> Evidence:
    """Count over the visible bands within the boxes.

    Args:
        stored: the downloaded assets, by band.
        boxes: gives the boxes in a coordinate system: left, bottom, right, top.

    Returns:
        Counts of the pixels of vegetation and water if there is an SCL, else of all pixels.
    """
    bands = [stored[name] for name in VISIBLE if name in stored]
    classes = stored.get("SCL")
    if not bands:
        return Evidence()
    counts = np.zeros(3, dtype=np.int64)
    for band in bands:
        with raster_files.open_raster(band.path) as raster:
            blocks = touched(raster.shape, raster.block_shapes[0], raster.transform, boxes(raster.crs))
            sample = blocks[:: -(-len(blocks) // SAMPLE) or 1]
            if classes is None:
                counts += sum((_count(raster.read(1, window=block), band.nodata) for block in sample), counts * 0)
                continue
            with raster_files.open_raster(classes.path) as scl:
                for block in sample:
                    seen = np.isin(_classes(scl, raster, block), KINDS)
                    counts += _count(raster.read(1, window=block)[seen], band.nodata)
    valid, dark, low = (int(number) for number in counts)
    return Evidence(valid, dark, low, clear=classes is not None)


def _classes(scl: DatasetReader, raster: DatasetReader, block: Window) -> NDArray[np.uint8]:
    """Scene classes of a block of another asset, (H, W), nearest."""
    window = from_bounds(*raster.window_bounds(block), transform=scl.transform)
    shape = (int(block.height), int(block.width))
    classes: NDArray[np.uint8] = scl.read(1, window=window, out_shape=shape, resampling=Resampling.nearest)
    return classes


def _count(values: NDArray[np.integer], nodata: float) -> NDArray[np.int64]:
    valid = values[values != nodata]
    return np.array([valid.size, (valid < DARK).sum(), (valid < LOW).sum()], dtype=np.int64)
