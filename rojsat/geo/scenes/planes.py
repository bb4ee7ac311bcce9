"""Reads all planes of one scene on the grids of regions, each raster opened once and each block decoded once."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from math import ceil
from typing import Any, Self

import numpy as np
import rasterio
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.enums import Resampling
from rasterio.errors import RasterioIOError
from scipy.ndimage import distance_transform_edt

from rojsat.chips import seen
from rojsat.chips.bands import CLOUD
from rojsat.geo.scenes import raster_files
from rojsat.geo.scenes.blocks import Blocks
from rojsat.geo.scenes.catalog import Asset, Scene
from rojsat.geo.scenes.resampling import Window, find_window, kernel

CACHE = 64 * 2**20
"""GDAL's own cache, bytes (rasterio takes no MB): blocks are kept by `Blocks`, as long as they are needed."""

MOST_NEGATIVE = 0.5
"""Share of negative numbers of a window that noise and the correction of the atmosphere explain over water."""

_TYPES: dict[str, Any] = {"boa": np.uint16, "toa": np.uint16, "tci": np.uint8, "scl": np.uint8, "csmask": np.uint8}


@dataclass(frozen=True)
class _Stack:
    """Assets of one kind on one native grid: read and resampled together.

    Attributes:
        kind: boa, toa, tci, scl or csmask.
        grid: their native grid.
        nodata: their stored nodata.
        saturated: their stored number of a saturated pixel.
        planes: number of each plane in the kind's array.
        files: href and band of each plane, sorted by href.
    """

    kind: str
    grid: GeoBox
    nodata: float
    saturated: int
    planes: tuple[int, ...]
    files: tuple[tuple[str, int], ...]

    def bands(self) -> list[tuple[str, list[int]]]:
        """Each raster with its bands, which together are the planes in their order."""
        bands: dict[str, list[int]] = {}
        for href, band in self.files:
            bands.setdefault(href, []).append(band)
        return list(bands.items())


class Reader:
    """Reads a scene region by region; a context manager that holds its rasters open.

    Attributes:
        units: scale and offset of its reflectance, `scale`, `offset`, `toa_scale`, `toa_offset`.
    """

    def __init__(self, scene: Scene, resampling: str, grids: Iterable[GeoBox] = (), *, cloud_margin: float = 0) -> None:
        """Look at what the scene holds; nothing is opened yet.

        Args:
            scene: the scene.
            resampling: how reflectance of other pixels is resampled to a grid (a name GDAL knows).
            grids: the grids that will be read, each once, best in the order of the scene's blocks: then no block is
                decoded twice. Others can be read too.
            cloud_margin: metres around a cloud that count as cloud; 0: no such array.

        Raises:
            UnknownNameError: if GDAL does not know the resampling.
            ValueError: if there is no band, or bands differ in scale or offset, or are no whole numbers.
        """
        boa = [scene.assets[band] for band in scene.boa]
        toa = [scene.assets[f"TOA-{band}"] for band in scene.toa]
        if not boa and not toa:
            raise ValueError(f"scene {scene.id} has no band (B02, B03, … or TOA-B01, …)")
        self.units = (_units(scene, boa, "") if boa else {}) | (_units(scene, toa, "toa_") if toa else {})
        self._counts = {"boa": len(boa), "toa": len(toa)}
        self._counts |= {"tci": 3 * ("TCI" in scene.assets)}
        self._counts |= {kind: int(kind.upper() in scene.assets) for kind in seen.KINDS}
        self._stacks = list(_stacks(scene, boa, toa))
        self._method, self._margin, self._grids = kernel(resampling), cloud_margin, list(grids)
        self._blocks: list[Blocks] = []
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", GDAL_CACHEMAX=CACHE))
        hrefs = sorted({href for stack in self._stacks for href, _ in stack.files})
        rasters = {href: self._open.enter_context(raster_files.open_raster(href)) for href in hrefs}
        self._blocks = [Blocks([(rasters[href], bands) for href, bands in stack.bands()]) for stack in self._stacks]
        for grid in self._grids:
            for stack, blocks in zip(self._stacks, self._blocks, strict=True):
                window = self._window(stack, grid)
                if window is not None:
                    blocks.expect(window.roi)
        return self

    def __exit__(self, *_: object) -> None:
        self._blocks = []
        self._open.close()

    def read(self, grid: GeoBox) -> dict[str, NDArray[Any]]:
        """Read all planes on `grid`, (h, w).

        Returns:
            What there is of `boa` and `toa` (B, h, w) uint16, 0 = nodata, `tci` (3, h, w) uint8, `scl` and `csmask`
            (h, w) uint8, and with a margin `cloud` (h, w) uint8, 1 in it. A reflectance stored as 0 that is not nodata
            becomes 1, one step brighter.

        Raises:
            ValueError: if a raster cannot be read, or a stored number does not fit.
        """
        shape = tuple(grid.shape)
        arrays = {kind: np.zeros((n, *shape), _TYPES[kind]) for kind, n in self._counts.items() if n}
        for stack, blocks in zip(self._stacks, self._blocks, strict=True):
            window = self._window(stack, grid)
            if window is None:
                continue
            stored = _clean(_stored(blocks, stack, window.roi), stack)
            method = self._method if stack.kind in ("boa", "toa") else Resampling.nearest
            arrays[stack.kind][list(stack.planes)] = window.resample(stored, method)
            if stack.kind in seen.KINDS and self._margin:
                near = _near(seen.scene_classes(stored, stack.kind), self._margin / stack.grid.affine.a)
                arrays["cloud"] = window.resample(near, method) | arrays.get("cloud", 0)
        return {kind: array[0] if kind in (*seen.KINDS, "cloud") else array for kind, array in arrays.items()}

    def _window(self, stack: _Stack, grid: GeoBox) -> Window | None:
        beyond = self._margin / stack.grid.affine.a if stack.kind in seen.KINDS else 0
        return find_window(stack.grid, grid, self._method, ceil(beyond))


def _stored(blocks: Blocks, stack: _Stack, roi: tuple[slice, slice]) -> NDArray[Any]:
    """Stored numbers of a window of the native grid, (n, rows, cols)."""
    try:
        return blocks.read(roi)
    except RasterioIOError as error:
        names = " or ".join(href for href, _ in stack.bands())
        raise ValueError(f"{names} cannot be read; download or copy it again ({error})") from error


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
    kinds |= {kind: [scene.assets[kind.upper()]] for kind in seen.KINDS if kind.upper() in scene.assets}
    for kind, assets in kinds.items():
        keys = [(asset.transform, asset.shape, asset.nodata or 0, asset.saturated) for asset in assets]
        for transform, shape, nodata, saturated in dict.fromkeys(keys):
            same = [n for n, key in enumerate(keys) if key == (transform, shape, nodata, saturated)]
            same.sort(key=lambda n: (assets[n].href, n))  # the order of `_Stack.bands`
            files = tuple((assets[n].href, assets[n].band) for n in same)
            yield _Stack(kind, GeoBox(shape, transform, scene.crs), nodata, saturated, tuple(same), files)
    if "TCI" in scene.assets:
        tci = scene.assets["TCI"]
        files = tuple((tci.href, tci.band + n) for n in range(3))
        grid = GeoBox(tci.shape, tci.transform, scene.crs)
        yield _Stack("tci", grid, tci.nodata or 0, tci.saturated, (0, 1, 2), files)


def _clean(stored: NDArray[Any], stack: _Stack) -> NDArray[Any]:
    """Stored numbers as the chip store holds them: 0 = nodata or saturated, and a reflectance of 0 or less becomes 1.

    Raises:
        ValueError: if numbers are too large, or so many are negative that they cannot be noise of dark pixels.
    """
    reflectance = stack.kind in ("boa", "toa")
    saturated = (stored == stack.saturated) if reflectance and stored.dtype == np.uint16 else None
    if stack.nodata == 0 and stored.dtype == _TYPES[stack.kind]:
        return stored if saturated is None or not saturated.any() else np.where(saturated, 0, stored)
    has_data, limits = stored != stack.nodata, np.iinfo(_TYPES[stack.kind])
    if saturated is not None:
        has_data &= ~saturated
    values, least = stored[has_data], -limits.max if reflectance else limits.min
    if values.size and not (least <= values.min() <= values.max() <= limits.max):
        raise ValueError(f"{stack.files[0][0]} holds {values.min()} to {values.max()}: not {limits.dtype}")
    negative = float((values < 0).mean()) if values.size else 0.0
    if negative > MOST_NEGATIVE:
        raise ValueError(
            f"{stack.files[0][0]}: {negative:.0%} of its numbers around a region are negative, which dark pixels alone "
            "cannot explain: its offset, nodata or type is another than is stated"
        )
    return np.where(has_data, np.maximum(stored, 1 if reflectance else 0), 0).astype(limits.dtype)


def _near(scl: NDArray[Any], margin: float) -> NDArray[np.uint8]:
    """Pixels of SCL (1, rows, cols) whose centres are at most `margin` pixels from that of a cloud: 1, else 0."""
    clear = ~np.isin(scl[0], CLOUD)
    if clear.all():
        return np.zeros(scl.shape, np.uint8)
    return (distance_transform_edt(clear) <= margin).astype(np.uint8)[None]
