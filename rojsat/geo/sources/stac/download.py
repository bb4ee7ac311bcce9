"""Download the blocks of an asset that some boxes touch, on the asset's own grid."""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import requests
from affine import Affine
from rasterio.crs import CRS
from rasterio.errors import CRSError
from rasterio.io import DatasetReader
from rasterio.windows import Window

from rojsat.geo.servers.retries import GaveUpError, Patience, persist
from rojsat.geo.sources.stac.asset_links import unsigned
from rojsat.geo.sources.stac.block_store import Copy, Stored, known
from rojsat.geo.sources.stac.items import AnnouncedGrid
from rojsat.geo.sources.stac.ranges import RangeFile
from rojsat.geo.sources.stac.remote_raster import NoRasterFault, opened
from rojsat.geo.sources.stac.unusable_items import UnusableItemError

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Download:
    """One asset to download.

    Attributes:
        href: its URL, unsigned.
        target: the file that it becomes.
        grid: what its item announces.
        renew: gives its URL as it is now, where the server refuses it; None where there is nothing to renew.
    """

    href: str
    target: Path
    grid: AnnouncedGrid
    renew: Callable[[str], str] | None = None


def fetch(
    job: Download,
    boxes: Callable[[CRS], Sequence[Bounds]],
    *,
    sign: Callable[[str], str],
    session: requests.Session,
    patience: Patience,
) -> Stored | None:
    """Download the blocks of the asset, unless they are on this machine already.

    Args:
        job: the asset.
        boxes: gives the boxes to cover in a coordinate system: left, bottom, right, top.
        sign: makes its URL readable.
        session: connections to reuse.
        patience: with its server.

    Returns:
        The file; None if the boxes touch none of its pixels.

    Raises:
        GaveUpError: if its server does not deliver.
        UnusableItemError: if it is not there, no raster, or not what its item announces.
        ValueError: if its server cannot be read from, or this machine's disk fails.
    """
    kept = known(job.target, lambda crs: _asked(job, boxes(crs)))
    if kept is not None:
        return kept
    two_tries = replace(patience, tries=min(2, patience.tries))  # all bytes came but are no raster: once more

    def attempt() -> Stored | None:
        file = RangeFile(job.href, sign=sign, session=session, patience=patience, renew=job.renew)
        return _fetch_blocks(job, boxes, file, patience)

    try:
        return persist(attempt, f"asset {job.href}", two_tries)
    except GaveUpError as error:
        if isinstance(error.__cause__, NoRasterFault):
            raise UnusableItemError(str(error.__cause__)) from error
        raise


def touched(shape: tuple[int, int], block: tuple[int, int], transform: Affine, boxes: Iterable[Bounds]) -> list[Window]:
    """Blocks of a grid that the boxes touch, sorted by row, then column.

    Args:
        shape: height and width of the grid, pixels.
        block: height and width of a block.
        transform: of the grid, north up.
        boxes: left, bottom, right, top, in its coordinate system.
    """
    (height, width), (tall, wide), blocks = shape, block, set()
    for left, bottom, right, top in boxes:
        rows = _within((top - transform.f) / transform.e, (bottom - transform.f) / transform.e, height)
        cols = _within((left - transform.c) / transform.a, (right - transform.c) / transform.a, width)
        if rows and cols:
            downs, acrosses = range(rows[0] // tall, rows[-1] // tall + 1), range(cols[0] // wide, cols[-1] // wide + 1)
            blocks |= {(down, across) for down in downs for across in acrosses}
    return [
        Window(across * wide, down * tall, min(wide, width - across * wide), min(tall, height - down * tall))
        for down, across in sorted(blocks)
    ]


def _within(first: float, last: float, size: int) -> range:
    """Pixels between two positions on an axis, those partly between too, as far as the axis has them."""
    return range(max(math.floor(first), 0), min(math.ceil(last), size))


def _asked(job: Download, boxes: Sequence[Bounds]) -> str:
    """Fingerprint of what a file is to hold; the signature of its URL is no part of it."""
    text = json.dumps([unsigned(job.href), [[round(number, 3) for number in bounds] for bounds in boxes]])
    return hashlib.sha256(text.encode()).hexdigest()


def _fetch_blocks(
    job: Download, boxes: Callable[[CRS], Sequence[Bounds]], file: RangeFile, patience: Patience
) -> Stored | None:
    with opened(file) as raster:
        _check(raster, job)
        bounds = boxes(raster.crs)
        windows = touched(raster.shape, raster.block_shapes[0], raster.transform, bounds)
        if not windows:
            return None
        copy = Copy(job.target, raster)
        try:
            for window in windows:
                patience.check()
                block = raster.read(window=window)
                if file.fault is not None:  # whatever GDAL made of it
                    raise file.fault
                copy.put(block, window)
        except BaseException:
            copy.close()
            raise
    return copy.finish(_asked(job, bounds), unsigned(job.href))


def _check(raster: DatasetReader, job: Download) -> None:
    """Compare the raster with what its item announces.

    Raises:
        UnusableItemError: if they differ, or it has no CRS or is not north up.
    """
    if raster.crs is None or raster.transform.b or raster.transform.d or raster.transform.e >= 0:
        raise UnusableItemError(
            f"{job.href} has no coordinate system or is not north up: no Sentinel-2 asset as archives have"
        )
    grid = job.grid
    pairs = {
        "shape": (grid.shape, raster.shape),
        "dtype": (grid.dtype, raster.dtypes[0]),
        "CRS": (grid.crs and _announced_crs(grid.crs, job.href), raster.crs),
        "transform": (grid.transform and Affine(*grid.transform), raster.transform),
    }
    for name, (announced, real) in pairs.items():
        same = announced.almost_equals(real, 1e-6) if isinstance(announced, Affine) else announced == real
        if announced is not None and not same:
            raise UnusableItemError(f"{job.href} is not what its item announces: {name} {real}, not {announced}")


def _announced_crs(text: str, href: str) -> CRS:
    try:
        return CRS.from_user_input(text)
    except (CRSError, ValueError) as error:
        raise UnusableItemError(f"the item of {href} announces the CRS {text!r}, which is none") from error
