"""The files of downloaded assets: how they are written, checked and recognised by a later call.

A file is written under a partial name, closed, read again and compared with what was read from the server; only then
it gets its final name. A file with its final name is complete, whenever the process was killed.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader, DatasetWriter
from rasterio.windows import Window

from rojsat.geo.scenes import raster_files

BLOCK = 256
"""Side of the blocks of the file, pixels: regions are small, and the archives' 1024 are multiples."""

NODATA = 0
"""Stored number without an observation in all Sentinel-2 products (ESA), where the asset itself names none."""

SPARE = 16 << 20
"""Bytes: with less room than that a failed write is put down to a full disk."""

_TAG = "rojsat"
"""Name of the file's metadata item that says what it holds and how it came to be."""


@dataclass(frozen=True)
class Stored:
    """An asset on this machine.

    Attributes:
        path: its file.
        crs: `EPSG:32633`.
        shape: height and width, pixels.
        transform: of its grid.
        dtype: of the stored numbers.
        nodata: stored number that means "no observation"; blocks that were not downloaded hold it too.
    """

    path: Path
    crs: str
    shape: tuple[int, int]
    transform: Affine
    dtype: str
    nodata: float


class DiskError(ValueError):
    """The disk of this machine fails, not a server."""


def known(path: Path, asked: Callable[[CRS], str]) -> Stored | None:
    """The asset that an earlier call left under its final name; None if it left none or another one.

    Args:
        path: the final name.
        asked: fingerprint of what the file is to hold, given its coordinate system.
    """
    if not path.exists():
        return None
    with raster_files.open_raster(path) as raster:
        note = json.loads(raster.tags().get(_TAG, "{}"))
        if note.get("asked") != asked(raster.crs):
            return None
        return _describe(raster, path)


class Copy:
    """A file that is being written, under a partial name."""

    def __init__(self, path: Path, like: DatasetReader) -> None:
        """Create it on the grid of `like`, all nodata.

        Raises:
            DiskError: if that fails.
        """
        self.nodata = NODATA if like.nodata is None else like.nodata
        self._path, self._partial = path, path.with_name(f".{path.name}.partial")
        self._windows: list[Window] = []
        self._digest = hashlib.sha256()
        with _writing(self._partial):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._partial.unlink(missing_ok=True)  # GDAL would look into what a killed process left
            self._raster: DatasetWriter = rasterio.open(self._partial, "w", **_profile(like, self.nodata))

    def put(self, block: NDArray[np.generic], window: Window) -> None:
        """Write one block of all bands.

        Raises:
            DiskError: if that fails.
        """
        self._digest.update(block.tobytes())
        self._windows.append(window)
        with _writing(self._partial):
            self._raster.write(block, window=window)

    def close(self) -> None:
        """Close it as it is; it keeps its partial name."""
        with _writing(self._partial):
            self._raster.close()

    def finish(self, asked: str, source: str) -> Stored:
        """Note what it holds, close it, compare it with what was put, give it its name.

        Raises:
            DiskError: if that fails or it reads back differently.
        """
        note = {"asked": asked, "source": source, "sha256": self._digest.hexdigest()}
        self._raster.update_tags(**{_TAG: json.dumps(note, sort_keys=True)})
        self.close()
        with _writing(self._partial), raster_files.open_raster(self._partial) as raster:
            _compare(raster, self._windows, self._digest.hexdigest())
            stored = _describe(raster, self._path)
        with _writing(self._partial):
            with self._partial.open("rb") as file:
                os.fsync(file.fileno())
            self._partial.replace(self._path)
        return stored


def _compare(raster: DatasetReader, windows: Sequence[Window], digest: str) -> None:
    again = hashlib.sha256()
    for window in windows:
        again.update(raster.read(window=window).tobytes())
    if again.hexdigest() != digest:
        raise OSError("it reads back other numbers than were written")


def _describe(raster: DatasetReader, path: Path) -> Stored:
    nodata = NODATA if raster.nodata is None else raster.nodata
    return Stored(path, raster.crs.to_string(), raster.shape, raster.transform, raster.dtypes[0], nodata)


def _profile(raster: DatasetReader, nodata: float) -> dict[str, Any]:
    return {
        "driver": "GTiff",
        "width": raster.width,
        "height": raster.height,
        "count": raster.count,
        "dtype": raster.dtypes[0],
        "crs": raster.crs,
        "transform": raster.transform,
        "nodata": nodata,
        "tiled": True,
        "blockxsize": BLOCK,
        "blockysize": BLOCK,
        "compress": "deflate",
        "predictor": 2,
        "interleave": "pixel",
        "sparse_ok": True,
        "bigtiff": "if_safer",
    }


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn errors of this machine's disk into one that says so, and is not taken for one of the server."""
    try:
        yield
    except (RasterioError, CPLE_BaseError, OSError) as error:
        folder = next(parent for parent in path.parents if parent.exists())
        free = shutil.disk_usage(folder).free
        if free < SPARE:
            raise DiskError(
                f"the disk of {folder} is full ({free >> 20} MiB left). Make room and run the same command: "
                "it goes on from there"
            ) from error
        raise DiskError(f"{path} cannot be written: {error}") from error
