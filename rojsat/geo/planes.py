"""Reads all planes of one scene on the grid of a region, each raster opened once."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import rasterio
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.enums import Resampling
from rasterio.warp import reproject
from rasterio.windows import Window

from rojsat import catalog
from rojsat.geo.grid import same_pixels
from rojsat.geo.scenes import Asset, Scene

MARGIN = 4
"""Native pixels read around a region, for the widest kernel (Lanczos reaches 3)."""

_TYPES: dict[str, Any] = {"boa": np.uint16, "toa": np.uint16, "tci": np.uint8, "scl": np.uint8}


@dataclass(frozen=True)
class _Stack:
    """Assets of one kind on one native grid: read and resampled together.

    Attributes:
        kind: boa, toa, tci or scl.
        grid: their native grid.
        nodata: their stored nodata.
        places: place of each plane in the kind's array.
        files: href and band of each plane.
    """

    kind: str
    grid: GeoBox
    nodata: float
    places: tuple[int, ...]
    files: tuple[tuple[str, int], ...]


class Reader:
    """Reads a scene region by region; a context manager that holds its rasters open.

    Attributes:
        units: scale and offset of its reflectance, `scale`, `offset`, `toa_scale`, `toa_offset`.
    """

    def __init__(self, scene: Scene, resampling: str) -> None:
        """Look at what the scene holds; nothing is opened yet.

        Raises:
            UnknownNameError: if GDAL does not know the resampling.
            ValueError: if bands differ in scale or offset, or are no whole numbers.
        """
        names = [one.name for one in Resampling if one.name not in ("gauss",)]
        if resampling not in names:
            raise catalog.unknown("resampling", resampling, names)
        boa = [scene.assets[band] for band in scene.boa]
        toa = [scene.assets[f"TOA-{band}"] for band in scene.toa]
        if not boa:
            raise ValueError(f"scene {scene.id} has no band at the bottom of the atmosphere (B02, B03, …)")
        self.units = _units(scene, boa, "") | (_units(scene, toa, "toa_") if toa else {})
        self._counts = {"boa": len(boa), "toa": len(toa)}
        self._counts |= {"tci": 3 * ("TCI" in scene.assets), "scl": int("SCL" in scene.assets)}
        self._stacks = list(_stacks(scene, boa, toa))
        self._resampling = {"boa": Resampling[resampling], "toa": Resampling[resampling]}
        self._rasters: dict[str, rasterio.DatasetReader] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"))
        for href in sorted({href for stack in self._stacks for href, _ in stack.files}):
            self._rasters[href] = self._open.enter_context(rasterio.open(href))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def read(self, grid: GeoBox) -> dict[str, NDArray[Any]]:
        """Read all planes on `grid`, (h, w).

        Returns:
            `boa` (B, h, w) uint16, 0 = nodata, and what else there is of `toa` likewise, `tci` (3, h, w) uint8, `scl`
            (h, w) uint8. A reflectance stored as 0 that is not nodata becomes 1, one step brighter.

        Raises:
            ValueError: if a stored number does not fit.
        """
        shape = tuple(grid.shape)
        arrays = {kind: np.zeros((n, *shape), _TYPES[kind]) for kind, n in self._counts.items() if n}
        for stack in self._stacks:
            arrays[stack.kind][list(stack.places)] = self._on_grid(stack, grid)
        return {kind: array[0] if kind == "scl" else array for kind, array in arrays.items()}

    def _on_grid(self, stack: _Stack, grid: GeoBox) -> NDArray[Any]:
        """The planes of a stack on `grid`, (n, h, w), 0 outside the raster."""
        native = same_pixels(stack.grid, grid)
        found = np.zeros((len(stack.files), *grid.shape), _TYPES[stack.kind])
        roi = _window(stack.grid, grid, 0 if native else MARGIN)
        if roi is None:
            return found
        stored = _clean(self._stored(stack, roi), stack)
        place = stack.grid[roi]
        if native:
            rows, cols = grid.overlap_roi(place)
            found[:, rows.start : rows.stop, cols.start : cols.stop] = stored
            return found
        return _resample(stored, place, found, grid, self._resampling.get(stack.kind, Resampling.nearest))

    def _stored(self, stack: _Stack, roi: tuple[slice, slice]) -> NDArray[Any]:
        """Stored numbers of a window of the native grid, (n, rows, cols); bands of one file are read at once."""
        window = Window.from_slices(*roi)
        files = list(dict.fromkeys(href for href, _ in stack.files))
        bands = {href: [band for other, band in stack.files if other == href] for href in files}
        return np.concatenate([self._rasters[href].read(bands[href], window=window) for href in files])


def _units(scene: Scene, assets: Sequence[Asset], prefix: str) -> dict[str, float]:
    units = {(asset.scale, asset.offset) for asset in assets}
    if len(units) > 1:
        raise ValueError(f"scene {scene.id}: its bands differ in scale and offset: {sorted(units)}")
    if any(np.dtype(asset.dtype).kind not in "iu" for asset in assets):
        types = sorted({asset.dtype for asset in assets})
        raise ValueError(f"scene {scene.id} holds {types}; store reflectance as uint16 with a scale")
    scale, offset = units.pop()
    return {f"{prefix}scale": scale, f"{prefix}offset": offset}


def _stacks(scene: Scene, boa: Sequence[Asset], toa: Sequence[Asset]) -> Iterator[_Stack]:
    kinds = {"boa": list(boa), "toa": list(toa)}
    kinds |= {"scl": [scene.assets["SCL"]]} if "SCL" in scene.assets else {}
    for kind, assets in kinds.items():
        keys = [(asset.transform, asset.shape, asset.nodata or 0) for asset in assets]
        for transform, shape, nodata in dict.fromkeys(keys):
            same = [n for n, key in enumerate(keys) if key == (transform, shape, nodata)]
            same.sort(key=lambda n: (assets[n].href, n))  # as `Reader._stored` reads them
            files = tuple((assets[n].href, assets[n].band) for n in same)
            yield _Stack(kind, GeoBox(shape, transform, scene.crs), nodata, tuple(same), files)
    if "TCI" in scene.assets:
        tci = scene.assets["TCI"]
        files = tuple((tci.href, tci.band + n) for n in range(3))
        yield _Stack("tci", GeoBox(tci.shape, tci.transform, scene.crs), tci.nodata or 0, (0, 1, 2), files)


def _window(native: GeoBox, grid: GeoBox, margin: int) -> tuple[slice, slice] | None:
    """Rows and columns of `native` that `grid` and a margin lie on; None where they share no ground."""
    box, (step_x, step_y) = grid.boundingbox, (native.affine.a, native.affine.e)
    left, right = ((x - native.affine.c) / step_x for x in (box.left, box.right))
    top, bottom = ((y - native.affine.f) / step_y for y in (box.top, box.bottom))
    rows, cols = _span(top, bottom, margin, native.shape[0]), _span(left, right, margin, native.shape[1])
    return None if rows is None or cols is None else (rows, cols)


def _span(start: float, stop: float, margin: int, length: int) -> slice | None:
    first, last = int(np.floor(start + 1e-3)) - margin, int(np.ceil(stop - 1e-3)) + margin
    first, last = max(first, 0), min(last, length)
    return slice(first, last) if first < last else None


def _clean(stored: NDArray[Any], stack: _Stack) -> NDArray[Any]:
    """Stored numbers as the chip store wants them: 0 = nodata, and a reflectance of 0 becomes 1."""
    seen, limits = stored != stack.nodata, np.iinfo(_TYPES[stack.kind])
    if seen.any() and not (limits.min <= stored[seen].min() <= stored[seen].max() <= limits.max):
        raise ValueError(f"{stack.files[0][0]} holds {stored[seen].min()} to {stored[seen].max()}: not {limits.dtype}")
    least = 1 if stack.kind in ("boa", "toa") else 0
    return np.where(seen, np.maximum(stored, least), 0).astype(limits.dtype)


def _resample(
    stored: NDArray[Any], place: GeoBox, found: NDArray[Any], grid: GeoBox, method: Resampling
) -> NDArray[Any]:
    """Bring (n, rows, cols) to `grid`; a pixel whose own native pixel has no data gets none from its neighbours."""
    where = {
        "src_transform": place.affine,
        "src_crs": str(place.crs),
        "dst_transform": grid.affine,
        "dst_crs": str(grid.crs),
        "src_nodata": 0,
        "dst_nodata": 0,
    }
    reproject(stored, found, resampling=method, UNIFIED_SRC_NODATA="NO", **where)
    if method != Resampling.nearest and (stored == 0).any():
        seen = np.zeros(found.shape, np.uint8)
        reproject((stored > 0).astype(np.uint8), seen, resampling=Resampling.nearest, **where)
        found[seen == 0] = 0
    return found
