"""Scenes that are copies of coarser pixels on a finer grid: which they are, and the same interpolated.

Sites are often delivered warped to another coordinate system by nearest neighbour. Then every value stands where its
pixel's square is, up to half a pixel (30 m of 60) from where it was measured.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.windows import Window

from rojsat.chips.bands import CLOUD_MASKS
from rojsat.config import lookup
from rojsat.config.input_files import listed
from rojsat.geo.scenes import cog, native_grid, raster_files
from rojsat.geo.scenes.catalog import Asset, Scene
from rojsat.geo.scenes.native_grid import Finder

CHOICES = ("keep", "interpolate")
"""What is done with such scenes."""

FACTS = "native_grid.json"
"""File of a raw data set whose scenes were interpolated."""

LOOKED_AT = 3
"""Scenes of a data set that `hint` looks at."""

SIDE = 256
"""Rows and columns in the middle of them."""

CLASSES = (*CLOUD_MASKS, "TCI")
"""Assets without reflectance."""


def check(choice: str) -> None:
    """Refuse another choice than `CHOICES`.

    Raises:
        rojsat.config.lookup.UnknownNameError: naming the nearest.
    """
    if choice not in CHOICES:
        raise lookup.unknown("data.options.native_grid", choice, CHOICES)


def interpolate(scenes: Sequence[Scene], raw: Path) -> list[Scene]:
    """Interpolate the reflectance of all scenes that are copies of coarser pixels between the centres of these.

    Args:
        scenes: their rasters are read completely.
        raw: folder of the raw data set, which gets the new rasters and `FACTS`.

    Returns:
        The scenes, with the new rasters; bands that are no copies stay as they are.
    """
    facts: dict[str, Any] = {"scenes": len(scenes), "sizes": {}, "kept": {}, "rasters": []}
    interpolated = [_interpolated(scene, raw, facts) for scene in scenes]
    facts["rasters"] = sorted(set(facts["rasters"]))
    (raw / FACTS).write_text(json.dumps(facts, indent=1) + "\n")
    return interpolated


def _interpolated(scene: Scene, raw: Path, facts: dict[str, Any]) -> Scene:
    """A scene with rasters of its own where bands are copies; counts in `facts`."""
    assets, finders = dict(scene.assets), _Finders(scene.crs)
    for name in sorted(assets.keys() - set(CLASSES)):
        asset = assets[name]
        stored = _read(asset)
        has_data = _has_data(stored, asset)
        native = finders.of(asset).find(stored, has_data)
        sizes = facts["sizes"].setdefault(name, {})
        key = str(native.size) if native else "none"
        sizes[key] = sizes.get(key, 0) + 1
        if native is None:
            facts["kept"].setdefault(scene.id, []).append(name)
            continue
        facts["rasters"].append(asset.href)
        plane = native_grid.interpolate(stored, has_data, GeoBox(asset.shape, asset.transform, scene.crs), native)
        path = raw / scene.id / f"{name}.tif"
        cog.write_cog(path, plane, transform=asset.transform, crs=scene.crs, nodata=asset.nodata)
        assets[name] = replace(asset, href=str(path), band=1)
    return replace(scene, assets=assets)


class _Finders:
    """Finders of native grids, one for each grid of a scene's rasters."""

    def __init__(self, crs: str) -> None:
        self._crs = crs
        self._finders: dict[tuple[Any, ...], Finder] = {}

    def of(self, asset: Asset) -> Finder:
        """The finder for an asset's raster."""
        grid = GeoBox(asset.shape, asset.transform, self._crs)
        return self._finders.setdefault((asset.shape, asset.transform), Finder(grid))


def _read(asset: Asset, window: Window | None = None) -> NDArray[np.integer]:
    """Stored numbers of an asset, (h, w)."""
    with raster_files.open_raster(asset.href, complete=window is None) as raster:
        return np.asarray(raster.read(asset.band, window=window))


def _has_data(stored: NDArray[np.integer], asset: Asset) -> NDArray[np.bool_]:
    """(h, w): neither nodata nor saturated."""
    return (stored != (asset.nodata or 0)) & (stored != asset.saturated)


def hint(scenes: Sequence[Scene]) -> str | None:
    """Whether some scenes, looked at in their middle, are copies of coarser pixels, in words; None if none is."""
    some = [scenes[number] for number in sorted({0, len(scenes) // 2, len(scenes) - 1})][:LOOKED_AT]
    sizes = [{size for size in _sizes(scene) if size} for scene in some]
    copies = [found for found in sizes if found]
    if not copies:
        return None
    metres = ", ".join(map(str, sorted(set().union(*copies))))
    return (
        f"native grid: {len(copies)} of {len(some)} scenes looked at are copies of pixels of {metres} m on a finer "
        "grid; data.options.native_grid=interpolate puts each value where it was measured"
    )


def _sizes(scene: Scene) -> Iterator[int]:
    """Size of the native pixels in the middle of each band; 0 where it is no copy."""
    for name in sorted(scene.assets.keys() - set(CLASSES)):
        asset = scene.assets[name]
        rows, columns = (_middle(length) for length in asset.shape)
        stored = _read(asset, Window.from_slices(rows, columns, height=asset.shape[0], width=asset.shape[1]))
        grid = GeoBox(asset.shape, asset.transform, scene.crs)[rows, columns]
        native = Finder(grid).find(stored, _has_data(stored, asset))
        yield native.size if native else 0


def _middle(length: int) -> slice:
    """The middle of an axis, `SIDE` long at most."""
    start = max(0, (length - SIDE) // 2)
    return slice(start, min(length, start + SIDE))


def facts(raw: Path) -> Mapping[str, Any]:
    """What `interpolate` left of a raw data set; empty where nothing was interpolated."""
    path = raw / FACTS
    content: Mapping[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return content


def words(raw: Path) -> str | None:
    """How many scenes were interpolated, from which pixels, and which stayed as they are; None where none was asked."""
    content = facts(raw)
    if not content:
        return None
    lines: dict[str, list[str]] = {}
    for name, sizes in content["sizes"].items():
        parts = [f"{size} m ({count})" for size, count in sorted(sizes.items()) if size != "none"]
        lines.setdefault(" or ".join(parts) or "none", []).append(name)
    pixels = "; ".join(f"{', '.join(names)}: {size}" for size, names in lines.items())
    complete = [scene for scene, names in content["kept"].items() if len(names) == len(content["sizes"])]
    partly = [scene for scene in content["kept"] if scene not in complete]
    kept = f"; no cells of one value, kept as they are: {listed(complete)}" if complete else ""
    kept += f"; in some bands: {listed(partly)}" if partly else ""
    count = content["scenes"] - len(complete)
    return f"native grid: {count} of {content['scenes']} scenes interpolated from native pixels, {pixels}{kept}"
