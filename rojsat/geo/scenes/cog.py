"""Writes arrays as Cloud Optimized GeoTIFFs; the one module that knows the driver's options."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import rasterio.shutil
from affine import Affine
from numpy.typing import NDArray
from rasterio.io import DatasetReader, MemoryFile

_OPTIONS = {
    "driver": "COG",
    "compress": "DEFLATE",
    "level": "6",
    "predictor": "YES",  # GDAL chooses horizontal differencing or floating point by data type
    "blocksize": "256",
}


def write_cog(
    path: Path,
    array: NDArray[Any],
    *,
    transform: Affine,
    crs: str,
    nodata: float | None,
    scale: float | None = None,
    offset: float | None = None,
    resampling: str = "nearest",
    descriptions: Sequence[str] | None = None,
    units: Sequence[str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> Path:
    """Write one Cloud Optimized GeoTIFF beside `path` and rename it, so that `path` is complete once it exists.

    Args:
        path: the file to make; its folder is made if need be.
        array: (bands, H, W) or (H, W) of any type GDAL stores.
        transform: upper-left corner and pixel size in `crs`.
        crs: anything rasterio reads, "EPSG:32633".
        nodata: stored value that means "no observation"; None for none.
        scale: value = stored * scale + offset, the same for every band; None leaves it unset.
        offset: see `scale`.
        resampling: how overviews are made ("nearest" for classes, "average" for reflectance).
        descriptions: one name a band.
        units: one unit a band.
        tags: of the file, by name.

    Returns:
        `path`.

    Raises:
        ValueError: the array is not 2 or 3 dimensional, or `descriptions` or `units` are not one a band.
    """
    bands = array[None] if array.ndim == 2 else array  # (bands, H, W)
    if bands.ndim != 3:
        raise ValueError(f"write_cog({path.name}): shape {array.shape}; give (H, W) or (bands, H, W)")
    for subject, texts in (("descriptions", descriptions), ("units", units)):
        if texts is not None and len(texts) != len(bands):
            raise ValueError(f"write_cog({path.name}): {len(texts)} {subject} for {len(bands)} bands")
    count, height, width = bands.shape
    profile = {"driver": "GTiff", "count": count, "height": height, "width": width, "dtype": bands.dtype}
    with MemoryFile() as memory:
        with memory.open(**profile, transform=transform, crs=crs, nodata=nodata) as source:
            source.write(bands)
            if scale is not None:
                source.scales = (scale,) * count
            if offset is not None:
                source.offsets = (offset,) * count
            for number, name in enumerate(descriptions or (), start=1):
                source.set_band_description(number, name)
            for number, unit in enumerate(units or (), start=1):
                source.set_band_unit(number, unit)
            source.update_tags(**(tags or {}))
        with memory.open() as source:
            return copy_cog(source, path, resampling=resampling)


def copy_cog(source: DatasetReader | Path, path: Path, *, resampling: str = "nearest") -> Path:
    """Copy a raster, block by block, to a Cloud Optimized GeoTIFF beside `path` and rename it.

    Args:
        source: the raster, open or its file.
        path: the file to make; its folder is made if need be.
        resampling: how overviews are made.

    Returns:
        `path`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tif")
    rasterio.shutil.copy(source, beside, overview_resampling=resampling, **_OPTIONS)
    beside.replace(path)
    return path
