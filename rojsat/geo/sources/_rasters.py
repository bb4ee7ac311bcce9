"""Inspect a raster file before it is listed: that it opens, is complete, and lies on a north-up grid."""

from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import rasterio
from affine import Affine
from rasterio.errors import RasterioError

from rojsat.geo.scenes import raster_files

SIGNATURE = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
"""First box of every JPEG 2000 file (ISO/IEC 15444-1, Annex I.5.1)."""

END = b"\xff\xd9"
"""Marker at the end of every JPEG 2000 codestream (ISO/IEC 15444-1, Annex A.4.4)."""

PADDING = 64
"""Bytes from the end in which that marker is looked for; it occurs nowhere else in a codestream."""


@dataclass(frozen=True)
class Raster:
    """Header of a raster file.

    Attributes:
        href: as GDAL opens it.
        shape: height and width, pixels.
        transform: upper-left corner and pixel size in `crs`.
        crs: `EPSG:32633`.
        dtypes: type of the stored numbers of each band.
        nodata: stored number that means "no observation", None for none.
        scales: of each band, reflectance = stored * scale + offset; 1 where the file states none.
        offsets: of each band; 0 where the file states none.
        descriptions: of each band; None where the file states none.
    """

    href: str
    shape: tuple[int, int]
    transform: Affine
    crs: str
    dtypes: tuple[str, ...]
    nodata: float | None
    scales: tuple[float, ...]
    offsets: tuple[float, ...]
    descriptions: tuple[str | None, ...]


def look(href: str | Path) -> Raster:
    """Open a raster file and say what it holds; no pixel is decoded.

    Raises:
        ValueError: if it cannot be opened, is cut short (GeoTIFF), has no CRS, is rotated or upside down, or a file
            beside it puts it elsewhere.
    """
    try:
        with raster_files.open_raster(href, beside=True) as raster:
            if raster.crs is None:
                raise ValueError(f"{href} has no coordinate system; set it (gdal_edit.py -a_srs EPSG:…)")
            if raster.transform.b or raster.transform.d or raster.transform.e > 0:
                raise ValueError(f"{href} is rotated or upside down; warp it to a north-up grid (gdalwarp)")
            if raster.driver == "GTiff":
                _check_sidecar(raster, Path(href))
                _check_blocks(raster, Path(href))
            crs, dtypes = raster.crs.to_string(), tuple(raster.dtypes)
            units = tuple(raster.scales), tuple(raster.offsets)
            names = tuple(raster.descriptions)
            return Raster(str(href), raster.shape, raster.transform, crs, dtypes, raster.nodata, *units, names)
    except RasterioError as error:
        raise ValueError(
            f"{href} cannot be opened as a raster ({error}); it is cut short or corrupt, get it again"
        ) from error


def check_jp2(stream: IO[bytes], size: int, href: str, *, tail: bool = True) -> None:
    """Check that a JPEG 2000 file has all its bytes; GDAL opens one that is cut short without a word.

    Args:
        stream: the file, at its start.
        size: its length, bytes.
        href: its name, for the message.
        tail: also look at its last bytes, which means inflating all of it inside a zip file; they are always looked at
            where the file does not name the length of its codestream.

    Raises:
        ValueError: if it is no JPEG 2000 file, or ends too early.
    """
    if stream.read(len(SIGNATURE)) != SIGNATURE:
        raise ValueError(f"{href} is no JPEG 2000 file, or its beginning is corrupt; get it again")
    kind, start, length, has_length = b"", len(SIGNATURE), 0, True
    while kind != b"jp2c":
        start += length
        stream.seek(start)
        kind, length, has_length = _box(stream, size - start, href)
    if tail or not has_length:
        stream.seek(start + max(length - PADDING, 0))
        if END not in stream.read(PADDING):
            raise ValueError(f"{href} is cut short: its image does not end; get it again")


def _box(stream: IO[bytes], left: int, href: str) -> tuple[bytes, int, bool]:
    """Type and length of the box at the stream's position, and whether it names its length: 0 is all the rest."""
    header = stream.read(8)
    length, kind = int.from_bytes(header[:4], "big"), header[4:]
    if length == 1:
        length = int.from_bytes(stream.read(8), "big")
    has_length = length != 0
    length = length if has_length else left
    if len(header) < 8 or not 8 <= length <= left:
        raise ValueError(f"{href} is cut short or corrupt: it ends inside of a box; get it again")
    return kind, length, has_length


def _check_sidecar(raster: Any, path: Path) -> None:
    """Check that a file `.aux.xml` left beside a GeoTIFF, which GDAL prefers, says no other place than the file."""
    sidecar = path.with_name(f"{path.name}.aux.xml")
    if not sidecar.exists():
        return
    with rasterio.Env(GDAL_GEOREF_SOURCES="INTERNAL"), raster_files.open_raster(path) as own:
        stated = own.transform != Affine.identity()
        moved = stated and not own.transform.almost_equals(raster.transform, precision=1e-6)
        if moved or (own.crs is not None and own.crs != raster.crs):
            raise ValueError(
                f"{path} has two georeferencing sources that differ: the file itself begins at {own.transform.c:g}, "
                f"{own.transform.f:g}, and {sidecar.name} at {raster.transform.c:g}, {raster.transform.f:g}; delete "
                f"{sidecar.name}, or write its place into the file (gdal_edit.py)"
            )


def _check_blocks(raster: Any, path: Path) -> None:
    """Check that every block that a GeoTIFF lists lies within the file."""
    if not path.exists():  # inside an archive
        return
    size = path.stat().st_size
    for band, (height, width) in enumerate(raster.block_shapes, start=1):
        for row in range(-(-raster.height // height)):
            for col in range(-(-raster.width // width)):
                location = [
                    raster.get_tag_item(f"BLOCK_{what}_{col}_{row}", "TIFF", bidx=band) for what in ("OFFSET", "SIZE")
                ]
                if None not in location and sum(int(number) for number in location) > size:
                    raise ValueError(f"{path} is cut short: a block of band {band} lies behind its end; get it again")
