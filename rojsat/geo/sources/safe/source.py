"""ESA's own products: `.SAFE` folders and zip files of them, L1C and L2A, of every processing baseline."""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pandas as pd
import rasterio
from rasterio.crs import CRS

from rojsat.chips.bands import BOA, RESOLUTION, TOA
from rojsat.config import lookup
from rojsat.geo.scenes import catalog as scenes
from rojsat.geo.sources import _coverage
from rojsat.geo.sources._choice import Choice, choose, describe
from rojsat.geo.sources._rasters import look
from rojsat.geo.sources.safe import granules as _safe_granules
from rojsat.geo.sources.safe import product_files
from rojsat.geo.sources.safe.granules import Granule
from rojsat.geo.sources.safe.product_files import Product

log = logging.getLogger(__name__)

BANDS: Mapping[str, Sequence[str]] = {"L1C": TOA, "L2A": BOA}
"""Bands of each level."""


class _Kind(NamedTuple):
    """What a granule is: its level, tile, start of its datatake and relative orbit."""

    level: str
    tile: str
    time: pd.Timestamp
    orbit: int


class _Wanted(NamedTuple):
    """What is wanted: levels, tiles (None for all), period and relative orbits."""

    levels: Sequence[str]
    tiles: frozenset[str] | None
    choice: Choice

    def admits(self, kind: _Kind) -> bool:
        """Whether a granule is wanted."""
        right = kind.level in self.levels and (self.tiles is None or kind.tile in self.tiles)
        return right and self.choice.admits(kind.time, kind.orbit)


def write(
    destination: Path,
    regions: gpd.GeoDataFrame | None,
    *,
    root: Path | str,
    levels: Sequence[str] = ("L1C", "L2A"),
    bands: Sequence[str] | None = None,
    tiles: Sequence[str] | None = None,
    start: str | None = None,
    end: str | None = None,
    orbits: Sequence[int] | None = None,
) -> None:
    """Describe the products below `root` as a raw data set; they stay where they are and as they are.

    L1C and L2A of one tile and datatake are one scene. Where a tile and datatake were processed more than once, the
    newest baseline is taken; the log names what is left out. Every band comes from its file of native resolution.
    Reflectance is (stored + offset) / quantification value, both from the product's own XML. All files are opened and
    checked against the XML; damage inside an image shows only when it is decoded.

    Args:
        destination: folder of the raw data set.
        regions: what the scenes are for.
        root: folder with the products, at any depth, or one product.
        levels: levels to take, `L1C`, `L2A` or both.
        bands: bands to take, `B02`; null for all of the level. Each of them must be there.
        tiles: tiles to take, `33VXG`; null for all.
        start: first day to take, `2019-07-01`; null for no bound.
        end: last day to take, inclusive; null for no bound.
        orbits: relative orbits to take; null for all.

    Raises:
        ValueError: if there are no regions, no product or none that is wanted, a product is broken or lacks a file, the
            files do not fit the XML, or no scene touches a region.
    """
    if regions is None:
        raise ValueError("source safe needs regions: name their files in data.regions")
    wanted = _Wanted(_names(levels, BANDS, "level"), _tile_names(tiles), choose(start, end, orbits))
    names = _names(TOA if bands is None else bands, TOA, "band")
    pairs = [(parts, _scene(parts, strip, names)) for parts, strip in _parts(_granules(Path(root), wanted))]
    _coverage.check([scene for _, scene in pairs], regions)
    with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"):
        for number, (parts, scene) in enumerate(pairs, start=1):
            log.info("scene %d of %d: %s", number, len(pairs), scene.id)
            _check_files(parts, scene)
    scenes.write(destination, [scene for _, scene in pairs], description=f"Products of ESA in {Path(root).resolve()}")


def _names(found: Iterable[str], possible: Iterable[str], kind: str) -> tuple[str, ...]:
    names, options = tuple(found), tuple(possible)
    for name in names:
        if name not in options:
            raise lookup.unknown(kind, name, options)
    return names


def _tile_names(tiles: Sequence[str] | None) -> frozenset[str] | None:
    if tiles is None:
        return None
    for tile in tiles:
        if not re.fullmatch("T?[0-9]{2}[A-Z]{3}", tile):
            raise ValueError(f"{tile!r} is no tile; write it as 33VXG")
    return frozenset(tile.removeprefix("T") for tile in tiles)


def _granules(root: Path, wanted: _Wanted) -> list[Granule]:
    """Wanted granules below `root`; a product whose name says that it is not wanted is not opened."""
    found: list[Granule] = []
    others: list[_Kind] = []
    for product in product_files.find(root):
        kind = _named(product)
        if kind is not None and not wanted.admits(kind):
            others.append(kind)
            continue
        for granule in _safe_granules.read(product):
            kind = _Kind(granule.facts.level, granule.tile.tile, granule.facts.time, granule.facts.orbit)
            if wanted.admits(kind):
                found.append(granule)
            else:
                others.append(kind)
    if not found:
        there = ", ".join(sorted({f"{kind.level} {kind.tile}" for kind in others}))
        raise ValueError(
            f"no product of {root} is wanted (levels, tiles, start, end, orbits); "
            f"there are {there}, {describe((kind.time, kind.orbit) for kind in others)}"
        )
    log.info("%d granules are wanted, %d are not", len(found), len(others))
    lacking = (wanted.tiles or frozenset()) - {granule.tile.tile for granule in found}
    if lacking:
        log.warning("there is nothing of the tiles %s", ", ".join(sorted(lacking)))
    return found


def _named(product: Product) -> _Kind | None:
    """What the name of a product says, if it is one of ESA's."""
    try:
        name = product_files.parse_name(product.name)
    except ValueError:
        return None
    return _Kind(name.level, name.tile, name.time, name.orbit)


def _parts(granules: Sequence[Granule]) -> Iterator[tuple[dict[str, Granule], str]]:
    """What makes up each scene, by level; a tile in two datastrips is two scenes, with the strip as their last name."""
    groups: dict[tuple[str, ...], list[Granule]] = {}
    for granule in granules:
        key = (f"{granule.facts.time:%Y%m%dT%H%M%S}", granule.facts.mission, granule.tile.tile)
        groups.setdefault(key, []).append(granule)
    for _, group in sorted(groups.items()):
        newest = {level: _newest([one for one in group if one.facts.level == level]) for level in BANDS}
        if all(len(found) <= 1 for found in newest.values()):  # L1C and L2A may name the datastrip differently
            yield {level: granule for level, found in newest.items() for granule in found.values()}, ""
            continue
        for strip in sorted({strip for found in newest.values() for strip in found}):
            yield {level: found[strip] for level, found in newest.items() if strip in found}, f"_{strip}"


def _newest(granules: Sequence[Granule]) -> dict[str, Granule]:
    """The granules of the newest baseline, the last made of each datastrip, folders before zip files."""
    last = max((granule.facts.baseline for granule in granules), default="")
    taken: dict[str, Granule] = {}
    for granule in sorted(granules, key=lambda one: (one.facts.generated, one.product.inside is None)):
        if granule.facts.baseline == last:
            taken[granule.tile.strip] = granule
    for granule in granules:
        if all(granule is not one for one in taken.values()):
            log.warning("%s is left out: newer, or the same again, is %s", *_places(granule, taken.values()))
    return taken


def _places(left: Granule, taken: Iterable[Granule]) -> tuple[str, str]:
    return str(left.product.place), ", ".join(str(one.product.place) for one in taken)


def _scene(parts: Mapping[str, Granule], strip: str, wanted: Sequence[str]) -> scenes.Scene:
    first = next(iter(parts.values()))
    assets: dict[str, scenes.Asset] = {}
    for level in sorted(parts):  # L1C before L2A, whose true colour image is the one to have
        part = parts[level]
        if (part.tile.crs, part.tile.transforms) != (first.tile.crs, first.tile.transforms):
            raise ValueError(f"{part.product.place} and {first.product.place} are one tile, but on two grids")
        assets |= _assets(part, wanted)
    name = f"{first.facts.time:%Y%m%dT%H%M%S}_{first.facts.mission}_R{first.facts.orbit:03d}_T{first.tile.tile}"
    return scenes.Scene(name + strip, first.facts.time, first.facts.orbit, first.tile.crs, assets)


def _assets(granule: Granule, wanted: Sequence[str]) -> dict[str, scenes.Asset]:
    level = granule.facts.level
    mine = [band for band in BANDS[level] if band in wanted]
    images = _safe_granules.images(granule, mine)
    missing = [band for band in mine if band not in images]
    if missing or not mine:
        raise ValueError(f"{granule.product.place}: {granule.folder} has no image of {missing or list(wanted)}")
    if len({granule.facts.offsets.get(band) for band in mine}) > 1 or granule.facts.offsets.get(mine[0]) is None:
        raise ValueError(f"{granule.product.place}: its bands differ in their offsets: {dict(granule.facts.offsets)}")
    scale, offset = 1 / granule.facts.quantification, granule.facts.offsets[mine[0]] / granule.facts.quantification
    prefix, assets = "TOA-" if level == "L1C" else "", {}
    for name, file in images.items():
        if name in mine:
            assets[prefix + name] = _asset(granule, name, file, "uint16", granule.facts.nodata, scale, offset)
        else:
            assets[name] = _asset(granule, name, file, "uint8", None if name == _safe_granules.CLOUD else 0, 1.0, 0.0)
    if level == "L2A" and "SCL" not in assets:
        log.warning("%s has no scene classification (SCL): its clouds are not known", granule.product.place)
    return assets


def _asset(
    granule: Granule, name: str, file: str, dtype: str, nodata: int | None, scale: float, offset: float
) -> scenes.Asset:
    metres = RESOLUTION.get(name, 20)
    shape, transform = granule.tile.shapes[metres], granule.tile.transforms[metres]
    return scenes.Asset(granule.product.href(file), shape, transform, dtype, nodata, scale, offset)


def _check_files(parts: Mapping[str, Granule], scene: scenes.Scene) -> None:
    """Open every file of a scene and compare it with the XML."""
    files = {part.product.href(file): (part.product, file) for part in parts.values() for file in part.product.files}
    for name, asset in scene.assets.items():
        product, file = files[asset.href]
        product.check_image(file)
        raster = look(asset.href)
        count = 3 if name == "TCI" else 1
        said = (CRS.from_string(scene.crs), asset.shape, (asset.dtype,) * count)
        holds = (CRS.from_string(raster.crs), raster.shape, raster.dtypes)
        if holds != said or not raster.transform.almost_equals(asset.transform, precision=1e-3):
            raise ValueError(
                f"{asset.href} does not fit the XML of its product: it is {raster.crs}, {holds[1:]} at "
                f"{tuple(raster.transform)[:6]}, not {scene.crs}, {said[1:]} at {tuple(asset.transform)[:6]}"
            )
