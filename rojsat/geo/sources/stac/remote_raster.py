"""A file on a server as GDAL sees it: a folder with this one file."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.abc import FileContainer
from rasterio.errors import RasterioError

from rojsat.geo.scenes import raster_files
from rojsat.geo.servers.retries import PassingFault
from rojsat.geo.sources._rasters import SIGNATURE
from rojsat.geo.sources.stac import asset_links
from rojsat.geo.sources.stac.ranges import RangeFile
from rojsat.geo.sources.stac.unusable_items import UnusableItemError

_OPTIONS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",  # no search for files beside it
    "GDAL_NUM_THREADS": "1",  # in threads of GDAL's own rasterio finds no opener, and a JPEG 2000 becomes noise, unsaid
}


MOST_PIXELS = 10**9
"""Pixels of an asset; a tile of Sentinel-2 has 1.2e8 at 10 m."""


class NoRasterFault(PassingFault):
    """All bytes of a file came, but they are no raster; a copy that is just being written may be one next time."""


@contextmanager
def opened(file: RangeFile) -> Iterator[rasterio.DatasetReader]:
    """Open it as a raster; an error that GDAL met in reading it comes out as it was.

    Raises:
        NoRasterFault: if all its bytes came, but GDAL cannot make a raster of them.
    """
    file.fault = None
    _ = file.size  # what keeps the file from being read at all comes out here
    is_jp2 = file.read(0, len(SIGNATURE)) == SIGNATURE
    name, driver = ("remote.jp2", "JP2OpenJPEG") if is_jp2 else ("remote.tif", "GTiff")  # never what names other places
    try:
        with (
            rasterio.Env(**_OPTIONS),
            rasterio.open(name, driver=driver, opener=_Folder(name, file)) as raster,
        ):
            _check_size(raster, file)
            yield raster
    except (RasterioError, CPLE_BaseError) as error:
        name = asset_links.unsigned(file.href)
        raise file.fault or NoRasterFault(f"{name} is incomplete or no raster: {error}") from error
    if file.fault is not None:
        raise file.fault


def _check_size(raster: rasterio.DatasetReader, file: RangeFile) -> None:
    try:
        raster_files.check_size(raster, asset_links.unsigned(file.href), most=MOST_PIXELS)
    except ValueError as error:
        raise UnusableItemError(str(error)) from error


class _Folder(FileContainer):
    """A folder with this one file; the signatures are rasterio's."""

    def __init__(self, name: str, file: RangeFile) -> None:
        self._name, self._file = name, file

    def open(self, path: str, mode: str = "rb", **_: Any) -> "_Handle":  # noqa: ARG002
        if path != self._name:
            raise FileNotFoundError(path)
        return _Handle(self._file)

    def isfile(self, path: str) -> bool:
        return path == self._name

    def isdir(self, path: str) -> bool:  # noqa: ARG002
        return False

    def ls(self, path: str) -> list[str]:  # noqa: ARG002
        return [self._name]

    def mtime(self, path: str) -> int:  # noqa: ARG002
        return 0

    def rm(self, path: str) -> None:
        raise PermissionError(path)

    def size(self, path: str) -> int:  # noqa: ARG002
        return self._file.size


class _Handle(io.RawIOBase):
    """A position in the file, as `open` returns it."""

    def __init__(self, file: RangeFile) -> None:
        self._file, self._position = file, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position}.get(whence)
        self._position = (self._file.size if start is None else start) + offset
        return self._position

    def read(self, count: int = -1) -> bytes:
        if self._file.fault is not None:  # GDAL would ask again and again
            raise self._file.fault
        try:
            content = self._file.read(self._position, self._file.size - self._position if count < 0 else count)
        except Exception as error:
            self._file.fault = error
            raise
        self._position += len(content)
        return content
