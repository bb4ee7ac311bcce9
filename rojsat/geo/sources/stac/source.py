"""Scenes of a STAC API: searched, and of each asset the blocks around the regions brought to this machine."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import requests
from requests.adapters import HTTPAdapter

from rojsat.geo.scenes import catalog
from rojsat.geo.sources import _choice, _coverage
from rojsat.geo.sources.stac import download, items, offsets, pixels, pool, presets, query
from rojsat.geo.sources.stac.areas import Areas
from rojsat.geo.sources.stac.retries import Patience
from rojsat.geo.sources.stac.signing import Signer, signer
from rojsat.geo.vectors import region_files

SCALE = 1e-4
"""Scale of reflectance where assets declare none: 1 / QUANTIFICATION_VALUE (ESA)."""

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
) -> None:
    """Search L2A scenes and bring what the regions need of them.

    Of each asset the blocks that a region's box touches become `destination/<scene>/<asset>.tif`, on the asset's own
    grid, all else nodata. What an interrupted call with the same options left is gone on from: the items it had found
    are in `destination/search.json`, and a file under its final name is whole.

    Args:
        destination: a folder, empty or of an interrupted call.
        regions: in EPSG:4326; None where `area` says what is wanted.
        start: first day, `2023-05-01`.
        end: last day, inclusive.
        api: `earth_search`, `planetary_computer`, `cdse`, or the URL of the root of a STAC API.
        collection: its collection; without it that of the preset, `sentinel-2-l2a`.
        root: folder that `area` is relative to.
        area: vector file of polygons to bring instead of the regions' boxes; without regions its polygons
            become regions of the role `control`.
        buffer: metres to bring around the bounding box of each region.
        max_cloud: cloud cover of a product above which it is left out, percent.
        relative_orbit: orbits to keep; None for all.
        bands: B01 … B12, B8A, SCL, TCI.
        assets: keys of the items' assets by band, `{B02: blue}`, for an API that calls them by no usual name.
        offset: `auto`, see `remote.offsets` for the rule, or the offset of reflectance itself, 0 or -0.1.
        signing: `none`, `planetary_computer` or `s3`; without it as the preset needs.
        connections: downloads at once.
        tries: requests until a server is given up.
        first_wait: seconds before the second; doubled each time up to 120, or as long as the server asks.
        timeout: seconds without an answer after which a request counts as failed.

    Raises:
        ValueError: if an option is wrong, credentials are missing, nothing is found, an archive does not deliver, or an
            asset is not what its item announces.
    """
    forced, own = _forced(offset), dict(assets or {})
    chosen = _choice.choose(start, end, relative_orbit)
    if chosen.first is None or chosen.last is None:
        raise ValueError("start and end must be days, as 2023-05-01: an API holds all years")
    known = presets.preset(api)
    presets.check_bands(bands, own)
    sign = signer(signing or known.signing, known.endpoint)
    if not 0 <= max_cloud <= 100 or connections < 1 or buffer < 0:
        raise ValueError(
            f"max_cloud {max_cloud}, connections {connections}, buffer {buffer}: "
            "0 to 100 percent, at least 1, and no negative metres are possible"
        )
    patience = Patience(tries, first_wait, timeout=timeout)
    areas = Areas(_ground(regions, area, root), buffer)
    orbits = None if chosen.orbits is None else tuple(sorted(chosen.orbits))
    period = (f"{chosen.first:%Y-%m-%d}", f"{chosen.last:%Y-%m-%d}")
    wanted = query.Wanted(known.url, collection or known.collection, areas.degrees(), *period, max_cloud, orbits)
    found = _usable(query.remembered(destination / "search.json", wanted, patience), bands, known, own)
    for item, keys in found:
        declared = _declared(item, keys)[1] if set(keys) & set(presets.BOA) else 0.0
        offsets.check(str(item["id"]), items.baseline(item), declared, forced)
    stored = _download(destination, found, areas, sign, connections, patience)
    made = [
        _scene(name, item, keys, stored[name], pixels.count(stored[name], areas.boxes), forced)
        for (item, keys), name in zip(found, _names([item for item, _ in found]), strict=True)
        if name in stored
    ]
    if len(made) < len(found):
        _log.info(
            "%d scenes left out: the area lies within their footprints, but beside their pixels", len(found) - len(made)
        )
    if not made:
        raise ValueError(f"no pixel of the {len(found)} scenes found lies in the area, though their footprints do")
    _coverage.check(made, areas.regions if regions is None else regions)
    catalog.write(destination, made, description=f"Sentinel-2 L2A: {wanted}")
    if regions is None:
        region_files.write_regions(areas.regions.to_crs(made[0].crs), destination / "regions.gpkg")


def _forced(offset: float | str) -> float | None:
    try:
        return None if offset == "auto" else float(offset)
    except ValueError:
        raise ValueError(f"offset is {offset!r}; it must be `auto` or a number, 0 or {offsets.SHIFT}") from None


def _ground(regions: gpd.GeoDataFrame | None, area: Path | str | None, root: Path | str | None) -> gpd.GeoDataFrame:
    """What is to be brought, in EPSG:4326."""
    if area is None:
        if regions is None:
            raise ValueError("an API holds the whole Earth: name regions (data.regions) or the option `area`")
        return regions
    ground = region_files.read_regions(Path(root or ".") / area, role="control", crs="EPSG:4326")
    if regions is not None and not regions.geometry.to_crs("EPSG:4326").intersects(ground.union_all()).any():
        raise ValueError(
            f"no region lies in the area {area}: the regions are within {list(regions.total_bounds.round(4))}, "
            f"the area within {list(ground.total_bounds.round(4))} (west, south, east, north)"
        )
    return ground


def _usable(
    found: Sequence[query.Item], bands: Sequence[str], known: presets.Preset, own: Mapping[str, str]
) -> list[tuple[query.Item, dict[str, str]]]:
    """Items that have all bands, with the keys of their assets; the others are warned of."""
    usable, lacking = [], []
    for item in found:
        keys = presets.locate(item, bands, known, own)
        missing = [band for band in bands if band not in keys]
        if missing:
            lacking.append(f"{item['id']} lacks {', '.join(missing)}")
        else:
            usable.append((item, keys))
    if not usable:
        raise ValueError(
            f"no item has all of {', '.join(bands)}: {lacking[0]}; it has {', '.join(sorted(found[0]['assets']))}. "
            "Say what they are called (`assets: {B02: …}`), or ask for fewer `bands`"
        )
    for text in lacking:
        _log.warning("left out: %s", text)
    return usable


def _names(found: Sequence[query.Item]) -> list[str]:
    """Ids of the scenes: time, orbit and tile; two that would be alike are numbered."""
    names: list[str] = []
    for item in found:
        tile = items.tile(item) or "".join(c if c.isalnum() else "-" for c in str(item["id"]))
        name = f"{items.taken(item):%Y%m%dT%H%M%S}_R{items.relative_orbit(item):03d}_T{tile}"
        twins = sum(other == name or other.startswith(f"{name}_") for other in names)
        names.append(f"{name}_{twins + 1}" if twins else name)
    return names


def _download(
    destination: Path,
    found: Sequence[tuple[query.Item, dict[str, str]]],
    areas: Areas,
    sign: Signer,
    connections: int,
    patience: Patience,
) -> dict[str, dict[str, download.Stored]]:
    """Bring all assets: by scene and band. A scene of which no pixel lies in the area is left out."""
    places = [
        (name, band, item, item["assets"][key])
        for (item, keys), name in zip(found, _names([item for item, _ in found]), strict=True)
        for band, key in keys.items()
    ]
    jobs = [
        download.Job(asset["href"], destination / name / f"{band}.tif", items.grid(item, asset))
        for name, band, item, asset in places
    ]
    with requests.Session() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(pool_maxsize=connections))

        def bring(job: download.Job) -> download.Stored | None:
            return download.bring(job, areas.boxes, sign=sign, session=session, patience=patience)

        results = pool.run(bring, jobs, connections=connections, patience=patience, what="assets")
    stored: dict[str, dict[str, download.Stored]] = {}
    for (name, band, _, _), result in zip(places, results, strict=True):
        if result is not None:
            stored.setdefault(name, {})[band] = result
    return stored


def _declared(item: query.Item, keys: Mapping[str, str]) -> tuple[float | None, float | None]:
    """Scale and offset that the bands of the item declare.

    Raises:
        ValueError: if they differ among its bands.
    """
    pairs = {items.declared(item["assets"][key]) for band, key in keys.items() if band in presets.BOA}
    if len(pairs) > 1:
        raise ValueError(f"item {item['id']}: its bands declare several scales and offsets: {sorted(map(str, pairs))}")
    return next(iter(pairs), (None, None))


def _scene(
    name: str,
    item: query.Item,
    keys: Mapping[str, str],
    stored: Mapping[str, download.Stored],
    evidence: offsets.Evidence,
    forced: float | None,
) -> catalog.Scene:
    scale, declared = _declared(item, keys)
    applied = item["properties"].get("earthsearch:boa_offset_applied")
    decision = offsets.decide(items.baseline(item), declared, applied, evidence, forced)
    _log.info("%s (%s): offset %g, %s", name, item["id"], decision.offset, decision.reason)
    if decision.doubts:
        doubts = " and ".join(decision.doubts)
        _log.warning("%s: offset %g is taken (%s), but %s", name, decision.offset, decision.reason, doubts)
    planes = {}
    for band, one in stored.items():
        factor, shift = (scale or SCALE, decision.offset) if band in presets.BOA else (1.0, 0.0)
        planes[band] = catalog.Asset(str(one.path), one.shape, one.transform, one.dtype, one.nodata, factor, shift)
    crs = {one.crs for one in stored.values()}
    if len(crs) > 1:
        raise ValueError(f"item {item['id']}: its assets lie in more than one CRS: {sorted(crs)}")
    return catalog.Scene(name, items.taken(item), items.relative_orbit(item), crs.pop(), planes)
