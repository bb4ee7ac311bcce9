"""ESA's own products: `.SAFE` folders and zip files of them, L1C and L2A, of every processing baseline."""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import rasterio
from rasterio.crs import CRS

from rojsat.chips.bands import BOA, RESOLUTION, TOA
from rojsat.config import lookup
from rojsat.geo.scenes import catalog
from rojsat.geo.sources import _coverage, _true_colour
from rojsat.geo.sources._choice import choose
from rojsat.geo.sources._rasters import look
from rojsat.geo.sources.safe import granules as granule_files
from rojsat.geo.sources.safe import metadata, selection
from rojsat.geo.sources.safe.granules import Granule
from rojsat.geo.sources.safe.selection import Parts, Selection

log = logging.getLogger(__name__)

BANDS: Mapping[str, Sequence[str]] = {"L1C": TOA, "L2A": BOA}
"""Bands of each level."""


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
    true_colour: str | None = None,
) -> None:
    """Describe the products below `root` as a raw data set; they stay where they are and as they are.

    L1C and L2A of one tile and datatake are one scene. Where a tile and datatake were processed more than once, the
    newest baseline is taken, ESA's own before what a user made with Sen2Cor; the log names what is left out. Every band
    comes from its file of native resolution.
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
        true_colour: level of the true colour images, `L1C` or `L2A`; null: L2A where there is any, else L1C.

    Raises:
        ValueError: if there are no regions, no product or none that is selected, a product is broken or lacks a file,
            the files do not fit the XML, or no scene touches a region.
    """
    if regions is None:
        raise ValueError("source safe needs regions: name their files in data.regions")
    selected = Selection(_check_names(levels, BANDS, "level"), _tile_names(tiles), choose(start, end, orbits))
    names = _check_names(TOA if bands is None else bands, TOA, "band")
    _true_colour.check(true_colour)
    parts = list(selection.parts(selection.select(Path(root), selected), BANDS))
    without_colour, images = zip(*(_scene(part, names) for part in parts), strict=True)
    scenes = _true_colour.add(without_colour, images, true_colour)
    _coverage.check(scenes, regions)
    with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"):
        for number, (part, scene) in enumerate(zip(parts, scenes, strict=True), start=1):
            log.info("scene %d of %d: %s", number, len(scenes), scene.id)
            _check_files(part, scene)
    own = [scene.date for scene in scenes if metadata.OWN in scene.processing.values()]
    if own:
        log.info("%d of %d scenes are own Sen2Cor products: %s", len(own), len(scenes), ", ".join(sorted(set(own))))
    catalog.write(destination, scenes, description=f"Products of ESA in {Path(root).resolve()}")


def _check_names(names: Iterable[str], options: Iterable[str], kind: str) -> tuple[str, ...]:
    checked, possible = tuple(names), tuple(options)
    for name in checked:
        if name not in possible:
            raise lookup.unknown(kind, name, possible)
    return checked


def _tile_names(tiles: Sequence[str] | None) -> frozenset[str] | None:
    if tiles is None:
        return None
    for tile in tiles:
        if not re.fullmatch("T?[0-9]{2}[A-Z]{3}", tile):
            raise ValueError(f"{tile!r} is no tile; write it as 33VXG")
    return frozenset(tile.removeprefix("T") for tile in tiles)


def _scene(parts: Parts, bands: Sequence[str]) -> tuple[catalog.Scene, dict[str, catalog.Asset]]:
    """The scene without its true colour image, and the images that there are, by level."""
    first = next(iter(parts.granules.values()))
    assets: dict[str, catalog.Asset] = {}
    images: dict[str, catalog.Asset] = {}
    for level, granule in sorted(parts.granules.items()):
        if (granule.tile.crs, granule.tile.transforms) != (first.tile.crs, first.tile.transforms):
            raise ValueError(f"{granule.product.path} and {first.product.path} are one tile, but on two grids")
        of_level = _assets(granule, bands)
        if "TCI" in of_level:
            images[level] = of_level.pop("TCI")
        assets |= of_level
    name = f"{first.facts.time:%Y%m%dT%H%M%S}_{first.facts.mission}_R{first.facts.orbit:03d}_T{first.tile.tile}"
    processing = {level: granule.processing for level, granule in sorted(parts.granules.items())}
    facts = (name + parts.suffix, first.facts.time, first.facts.orbit, first.tile.crs)
    return catalog.Scene(*facts, assets, processing), images


def _assets(granule: Granule, bands: Sequence[str]) -> dict[str, catalog.Asset]:
    facts, level_bands = granule.facts, [band for band in BANDS[granule.facts.level] if band in bands]
    images = granule_files.images(granule, level_bands)
    missing = [band for band in level_bands if band not in images]
    if missing or not level_bands:
        raise ValueError(f"{granule.product.path}: {granule.folder} has no image of {missing or list(bands)}")
    scale, offset = 1 / facts.quantification, _offset(granule, level_bands) / facts.quantification
    prefix, assets = "TOA-" if facts.level == "L1C" else "", {}
    for name, file in images.items():
        if name in level_bands:
            asset = _asset(granule, name, file, "uint16", facts.nodata, scale, offset)
            assets[prefix + name] = replace(asset, saturated=facts.saturated)
        else:
            assets[name] = _asset(granule, name, file, "uint8", None if name == granule_files.CLOUD else 0, 1.0, 0.0)
    if facts.level == "L2A" and "SCL" not in assets:
        log.warning("%s has no scene classification (SCL): its clouds are not known", granule.product.path)
    return assets


def _offset(granule: Granule, bands: Sequence[str]) -> float:
    """Offset of the stored numbers of all bands."""
    offsets = {granule.facts.offsets.get(band) for band in bands}
    offset = offsets.pop()
    if offsets or offset is None:
        raise ValueError(f"{granule.product.path}: its bands differ in their offsets: {dict(granule.facts.offsets)}")
    return offset


def _asset(
    granule: Granule, name: str, file: str, dtype: str, nodata: int | None, scale: float, offset: float
) -> catalog.Asset:
    metres = RESOLUTION.get(name, 20)
    shape, transform = granule.tile.shapes[metres], granule.tile.transforms[metres]
    return catalog.Asset(granule.product.href(file), shape, transform, dtype, nodata, scale, offset)


def _check_files(parts: Parts, scene: catalog.Scene) -> None:
    """Open every file of a scene and compare it with the XML."""
    products = [granule.product for granule in parts.granules.values()]
    files = {product.href(file): (product, file) for product in products for file in product.files}
    for name, asset in scene.assets.items():
        product, file = files[asset.href]
        product.check_image(file)
        raster = look(asset.href)
        count = 3 if name == "TCI" else 1
        expected = (CRS.from_string(scene.crs), asset.shape, (asset.dtype,) * count)
        actual = (CRS.from_string(raster.crs), raster.shape, raster.dtypes)
        if actual != expected or not raster.transform.almost_equals(asset.transform, precision=1e-3):
            raise ValueError(
                f"{asset.href} does not fit the XML of its product: it is {raster.crs}, {actual[1:]} at "
                f"{tuple(raster.transform)[:6]}, not {scene.crs}, {expected[1:]} at {tuple(asset.transform)[:6]}"
            )
