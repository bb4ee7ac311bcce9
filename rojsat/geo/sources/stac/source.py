"""Scenes of a STAC API: searched, and of each asset the blocks around the regions downloaded."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd

from rojsat.chips import roles
from rojsat.geo.scenes import catalog
from rojsat.geo.servers import guarded_session
from rojsat.geo.servers.retries import Patience
from rojsat.geo.sources import _choice, _coverage
from rojsat.geo.sources.stac import (
    asset_downloads,
    dark_pixels,
    items,
    narrowing,
    offsets,
    presets,
    query,
    unusable_items,
)
from rojsat.geo.sources.stac.areas import Areas
from rojsat.geo.sources.stac.block_store import Stored
from rojsat.geo.sources.stac.scene_assets import ArchiveProduct, check_offset, scene
from rojsat.geo.sources.stac.signing import signer
from rojsat.geo.sources.stac.unusable_items import SHARE
from rojsat.geo.vectors import region_files

_log = logging.getLogger(__name__)


def write(
    destination: Path,
    regions: gpd.GeoDataFrame | None,
    *,
    start: str,
    end: str,
    api: str = "earth_search",
    collection: str | None = None,
    root: Path | str | None = None,
    area: Path | str | None = None,
    buffer: float = 200.0,
    max_cloud: float = 100.0,
    relative_orbit: Sequence[int] | None = None,
    bands: Sequence[str] = presets.ASSETS,
    assets: Mapping[str, str] | None = None,
    offset: float | str = "auto",
    signing: str | None = None,
    connections: int = 4,
    tries: int = 6,
    first_wait: float = 1.0,
    timeout: float = 60.0,
    skip: Sequence[str] = (),
    unusable_share: float = SHARE,
    months: Sequence[int] | None = None,
    years: Sequence[int] | None = None,
    tiles: Sequence[str] | None = None,
) -> None:
    """Search L2A scenes and download what the regions need of them.

    Of each asset the blocks that a region's box touches become `destination/<scene>/<asset>.tif`, on the asset's own
    grid, all else nodata. After an interruption the same call goes on: the items that were found are in
    `destination/search.json`, and a file under its final name is complete.

    Args:
        destination: a folder, empty or of an interrupted call.
        regions: in EPSG:4326; None where `area` names the ground.
        start: first day, `2023-05-01`.
        end: last day, inclusive.
        api: `earth_search`, `planetary_computer`, `cdse`, or the URL of the root of a STAC API.
        collection: its collection; without it that of the preset, `sentinel-2-l2a`.
        root: folder that `area` is relative to.
        area: vector file of polygons to download instead of the regions' boxes; without regions its polygons
            become regions of the role `control`.
        buffer: metres to download around the bounding box of each region.
        max_cloud: cloud cover of a product above which it is left out, percent.
        relative_orbit: orbits to keep; None for all.
        bands: B01 … B12, B8A, SCL, TCI.
        assets: keys of the items' assets by band, `{B02: blue}`, for an API that calls them by no usual name.
        offset: `auto`, see `stac/offsets.py` for the rule, or the offset of reflectance itself, 0 or -0.1.
        signing: `none`, `planetary_computer` or `s3`; without it as the preset needs.
        connections: downloads at once.
        tries: requests until a server is given up.
        first_wait: seconds before the second; doubled each time up to 120, or as long as the server asks.
        timeout: seconds without an answer after which a request counts as failed.
        skip: ids of items to leave out; an older processing of the same acquisition takes the place of one.
        unusable_share: share of the items that may be unusable: an asset is not there, is no raster or not what its
            item announces. Such an item is left out with a warning; above 0 one always may be.
        months: of the period to keep, 1 to 12; None for all.
        years: likewise.
        tiles: to keep, `35VLH`; None for all.

    Raises:
        ValueError: if an option is wrong, credentials are missing, nothing is found, an archive does not deliver, or
            too many items are unusable.
    """
    forced, own = _forced(offset), dict(assets or {})
    choice = _choice.choose(start, end, relative_orbit)
    archive = presets.preset(api)
    presets.check_bands(bands, own)
    sign = signer(signing or archive.signing, archive.endpoint)
    if not 0 <= max_cloud <= 100 or connections < 1 or buffer < 0 or not 0 <= unusable_share < 1:
        raise ValueError(
            f"max_cloud {max_cloud}, connections {connections}, buffer {buffer}, unusable_share {unusable_share}: "
            "0 to 100 percent, at least 1, no negative metres, and a share from 0 to below 1 are possible"
        )
    patience = Patience(tries, first_wait, timeout=timeout)
    areas = Areas(_ground(regions, area, root), buffer)
    narrowed = narrowing.of_options(months, years, tiles, choice)
    search = replace(
        search_of(archive, collection, areas, choice, max_cloud, narrowed),
        skip=tuple(skip),
        unusable_share=unusable_share,
    )
    searched = query.remembered(destination / "search.json", search, patience)
    products = products_of(searched.items, bands, archive, own)
    for product in products:
        check_offset(product, forced)
    with guarded_session.session(archive.url, connections=connections) as session:
        stored, unusable = asset_downloads.fetch(
            destination,
            products,
            areas,
            sign,
            session=session,
            connections=connections,
            patience=patience,
            unusable_share=unusable_share,
        )
    left = [product for product in products if str(product.item["id"]) not in unusable]
    scenes = _scenes(left, stored, areas, forced)
    _coverage.check(scenes, areas.regions if regions is None else regions)
    unusable = searched.unusable | unusable
    record = f". Left out as unusable: {'; '.join(f'{n}: {why}' for n, why in unusable.items())}" if unusable else ""
    catalog.write(destination, scenes, description=f"Sentinel-2 L2A: {search}{record}")
    unusable_items.warn(unusable, scenes)
    if regions is None:
        region_files.write_regions(areas.regions.to_crs(scenes[0].crs), destination / "regions.gpkg")


def _forced(offset: float | str) -> float | None:
    try:
        return None if offset == "auto" else float(offset)
    except ValueError:
        raise ValueError(f"offset is {offset!r}; it must be `auto` or a number, 0 or {offsets.SHIFT}") from None


def _ground(regions: gpd.GeoDataFrame | None, area: Path | str | None, root: Path | str | None) -> gpd.GeoDataFrame:
    """Polygons to download, in EPSG:4326."""
    if area is None:
        if regions is None:
            raise ValueError("an API holds the Earth: name regions (data.regions) or the option `area`")
        return regions
    ground = region_files.read_regions(Path(root or ".") / area, role=roles.CONTROL, crs="EPSG:4326")
    if regions is not None and not regions.geometry.to_crs("EPSG:4326").intersects(ground.union_all()).any():
        raise ValueError(
            f"no region lies in the area {area}: the regions are within {list(regions.total_bounds.round(4))}, "
            f"the area within {list(ground.total_bounds.round(4))} (west, south, east, north)"
        )
    return ground


def search_of(
    archive: presets.Preset,
    collection: str | None,
    areas: Areas,
    choice: _choice.Choice,
    max_cloud: float,
    narrowed: narrowing.Narrowing,
) -> query.Search:
    """The search for what touches some areas; it leaves no item out by its id.

    Raises:
        ValueError: if the choice has no first or no last day.
    """
    if choice.first is None or choice.last is None:
        raise ValueError("start and end must be days, as 2023-05-01: an API holds all years")
    orbits = None if choice.orbits is None else tuple(sorted(choice.orbits))
    period = (f"{choice.first:%Y-%m-%d}", f"{choice.last:%Y-%m-%d}")
    boxes = areas.degrees()
    return query.Search(
        archive.url, collection or archive.collection, boxes, *period, max_cloud, orbits, narrowing=narrowed
    )


def products_of(
    stac_items: Sequence[query.Item], bands: Sequence[str], archive: presets.Preset, own: Mapping[str, str]
) -> list[ArchiveProduct]:
    """Products that have all bands; the others are warned of."""
    complete, lacking = [], []
    for item in stac_items:
        keys = presets.locate(item, bands, archive, own)
        missing = [band for band in bands if band not in keys]
        if missing:
            lacking.append(f"{item['id']} lacks {', '.join(missing)}")
        else:
            complete.append((item, keys))
    if not complete:
        keys_there = ", ".join(sorted(stac_items[0]["assets"]))
        raise ValueError(
            f"no item has all of {', '.join(bands)}: {lacking[0]}; it has {keys_there}. "
            "Say what they are called (`assets: {B02: …}`), or ask for fewer `bands`"
        )
    for text in lacking:
        _log.warning("left out: %s", text)
    names = _names([item for item, _ in complete])
    return [ArchiveProduct(name, item, keys) for name, (item, keys) in zip(names, complete, strict=True)]


def _names(stac_items: Sequence[query.Item]) -> list[str]:
    """Ids of the scenes: time, orbit and tile; two that would be alike are numbered."""
    names: list[str] = []
    for item in stac_items:
        tile = items.tile(item) or "".join(c if c.isascii() and c.isalnum() else "-" for c in str(item["id"]))[:60]
        name = f"{items.acquired(item):%Y%m%dT%H%M%S}_R{items.relative_orbit(item):03d}_T{tile}"
        twins = sum(other == name or other.startswith(f"{name}_") for other in names)
        names.append(f"{name}_{twins + 1}" if twins else name)
    return names


def _scenes(
    products: Sequence[ArchiveProduct], stored: Mapping[str, Mapping[str, Stored]], areas: Areas, forced: float | None
) -> list[catalog.Scene]:
    scenes = []
    for product in products:
        files = stored.get(product.scene)
        if files:
            scenes.append(scene(product, files, dark_pixels.count(files, areas.boxes), forced))
    outside = len(products) - len(scenes)
    if outside:
        _log.info("%d scenes left out: the area lies within their footprints, but beside their pixels", outside)
    if not scenes:
        raise ValueError(f"no pixel of the {outside} scenes found lies in the area, though their footprints do")
    return scenes
