"""Open a raster file of this machine: by one named driver, never another place that it or its name leads to.

GDAL takes the format from the content, so that a `.tif` may be a VRT that reads other files or servers; and it reads
what lies beside a file (`.aux.xml`, `.ovr`), which may name others too. Here the ending decides on the driver.
"""

import re
from pathlib import Path, PurePosixPath

import numpy as np
import rasterio
from rasterio.dtypes import dtype_fwd
from rasterio.io import DatasetReader

from rojsat.geo.scenes import vrt_files

DRIVERS = {".jp2": "JP2OpenJPEG", ".j2k": "JP2OpenJPEG", ".vrt": "VRT", ".dat": "ENVI"}
"""GDAL's driver for files of an ending; `GTiff` for all others."""

MOST_PIXELS = 10**11
"""Pixels of a raster: a continent has as many at 10 m. Only what regions need is read of so many."""

MOST_COMPLETE = 5 * 10**8
"""Pixels of a raster that is read completely: four tiles of Sentinel-2 have as many at 10 m; 2 GB as float32."""

MOST_BLOCK = 1 << 29
"""Bytes of a block of one band, which GDAL decodes at once: a tile of Sentinel-2 in one block has 241 MB."""

_ARCHIVE = "/vsizip/"
_ELSEWHERE = re.compile(r"/*vsi[a-z0-9_]+/|\{|.*://|[A-Za-z][A-Za-z0-9_+.-]+:", re.DOTALL)
"""Addresses that GDAL and rasterio take for no file of this machine: `/vsicurl/`, `http://`, `GTIFF_DIR:`."""

_BYTES = {name: np.dtype(name).itemsize for number, name in dtype_fwd.items() if number and name in np.sctypeDict}

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_OTHER_FILE = b"OVERVIEW_FILE"


def open_raster(href: str | Path, *, beside: bool = False, complete: bool = False) -> DatasetReader:
    """Open a raster.

    Args:
        href: a path, or `/vsizip/` and the path of a file in a zip file of this machine.
        beside: whether what lies beside it (`.aux.xml`, `.tfw`, `.ovr`, `.msk`) is read too.
        complete: whether it will be read completely.

    Raises:
        rasterio.errors.RasterioError: if it is no raster of the format of its ending.
        ValueError: if the address, a VRT or a file beside it leads elsewhere, or it is too large.
    """
    address(href)
    path = PurePosixPath(str(href))
    driver = DRIVERS.get(path.suffix.lower(), "GTiff")
    if driver == "VRT":
        vrt_files.check(Path(str(href)), address)
    if beside or driver == "ENVI":
        _check_beside(Path(str(href)))
    with rasterio.Env(**_listing(driver, beside=beside)):
        raster = rasterio.open(href, driver=driver)
    try:
        check_size(raster, str(href), most=MOST_COMPLETE if complete else MOST_PIXELS)
    except ValueError:
        raster.close()
        raise
    return raster


def _listing(driver: str, *, beside: bool) -> dict[str, str]:
    """GDAL's option on looking at what lies beside a file; an ENVI file cannot be read without its header (`.hdr`)."""
    if driver == "ENVI":
        return {"GDAL_DISABLE_READDIR_ON_OPEN": "FALSE"}
    return {} if beside else {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}


def address(href: str | Path) -> None:
    """Refuse the address of what is no file of this machine.

    Raises:
        ValueError: if it is one.
    """
    text = str(href)
    if _ELSEWHERE.match(text.removeprefix(_ARCHIVE)):
        raise ValueError(f"{text!r} is no path of a raster: only files of this machine and of its zip files are read")


def check_size(raster: DatasetReader, name: str, *, most: int = MOST_PIXELS) -> None:
    """Refuse a raster that announces more than can be, before anything is read of it.

    Raises:
        ValueError: if it does.
    """
    height, width = raster.shape
    if height * width > most:
        raise ValueError(
            f"{name} announces {width} x {height} pixels, more than the {most:.0e} that are read; "
            "cut out what you need (gdal_translate -projwin)"
        )
    for (rows, columns), dtype in zip(raster.block_shapes, raster.dtypes, strict=True):
        if rows * columns * _BYTES[dtype] > MOST_BLOCK:
            raise ValueError(
                f"{name} has blocks of {columns} x {rows} pixels, of which each must be read at once; "
                "write it in tiles (gdal_translate -co TILED=YES)"
            )


def _check_beside(path: Path) -> None:
    """Refuse a file beside a raster that makes GDAL read others.

    Raises:
        ValueError: if there is one.
    """
    overviews, notes = path.with_name(f"{path.name}.ovr"), path.with_name(f"{path.name}.aux.xml")
    if overviews.is_file():
        with overviews.open("rb") as file:
            if file.read(4) not in _TIFF:
                raise ValueError(f"{overviews} are no overviews of GDAL's; delete that file")
    if notes.is_file() and _OTHER_FILE in notes.read_bytes():
        raise ValueError(f"{notes} makes GDAL read another file in place of the raster; delete that file")
