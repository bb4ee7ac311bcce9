"""Ask a STAC API for items and choose among them."""

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pystac import STACError
from pystac_client import Client
from pystac_client.exceptions import APIError
from shapely import STRtree, box
from shapely.geometry import shape

from rojsat.config import lookup
from rojsat.geo.servers.retries import GaveUpError, Patience
from rojsat.geo.sources.stac import items
from rojsat.geo.sources.stac.api_requests import PatientIO
from rojsat.geo.sources.stac.items import Item
from rojsat.geo.sources.stac.narrowing import EVERYTHING, Narrowing
from rojsat.geo.sources.stac.unusable_items import SHARE, UnusableItemError, UnusableItems

PAGE = 100
"""Items asked for at once."""

MOST_ITEMS = 100_000
"""Items of a search: all tiles of Sweden have some 30,000 in three years."""

SCENE_CLASSES = frozenset({"scl", "scl_20m"})
"""Keys of the asset of scene classes at the archives, in small letters."""

Box = tuple[float, float, float, float]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Search:
    """A search at a STAC API.

    Attributes:
        url: root of the API.
        collection: its collection.
        boxes: west, south, east, north of each area, degrees in EPSG:4326.
        start: first day, `2023-05-01`.
        end: last day.
        max_cloud: cloud cover of a product above which it is left out, percent.
        relative_orbit: orbits to keep, None for all.
        skip: ids of items to leave out, as if the archive did not have them.
        unusable_share: share of the items that may be unusable.
        narrowing: months, years and tiles to keep.
    """

    url: str
    collection: str
    boxes: tuple[Box, ...]
    start: str
    end: str
    max_cloud: float = 100.0
    relative_orbit: tuple[int, ...] | None = None
    skip: tuple[str, ...] = ()
    unusable_share: float = SHARE
    narrowing: Narrowing = EVERYTHING

    @property
    def bounds(self) -> Box:
        """One box around all."""
        west, south, east, north = zip(*self.boxes, strict=True)
        return min(west), min(south), max(east), max(north)

    def __str__(self) -> str:
        """What it asks, in words."""
        orbits = "any" if self.relative_orbit is None else ", ".join(map(str, self.relative_orbit))
        bounds = ", ".join(f"{number:.4f}" for number in self.bounds)
        return (
            f"collection {self.collection!r} of {self.url}, {self.start} to {self.end}, within {bounds} "
            f"(west, south, east, north), cloud at most {self.max_cloud:g} %, relative orbit {orbits}{self.narrowing}"
        ) + (f", without {', '.join(self.skip)}" if self.skip else "")


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes:
        items: those to take, sorted by time, then id.
        unusable: why others cannot be used, by id.
    """

    items: list[Item]
    unusable: dict[str, str]


def remembered(path: Path, search: Search, patience: Patience) -> Found:
    """Find and choose, or read what an interrupted call wrote to `path`: items published meanwhile change nothing.

    Args:
        path: `search.json`, written after the search.
        search: what to ask for; with another search the file is not used.
        patience: with the API.

    Raises:
        GaveUpError: if the API does not answer.
        ValueError: if nothing is found, or too much of it is unusable.
    """
    asked = json.loads(json.dumps(asdict(search)))
    if path.exists():
        kept = json.loads(path.read_text())
        if kept["asked"] == asked:
            _log.info("going on with the %d items of %s", len(kept["items"]), path)
            return Found(list(kept["items"]), dict(kept["unusable"]))
    usable, unusable = readable(find(search, patience), search)
    chosen = choose(usable, search)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(json.dumps({"asked": asked, "items": chosen, "unusable": unusable}, sort_keys=True))
    partial.replace(path)
    return Found(chosen, unusable)


def find(search: Search, patience: Patience) -> list[Item]:
    """Ask the API for all items of the collection, the period and the area; cloud and orbits are not asked for.

    Raises:
        GaveUpError: if the API does not answer, or not as a STAC API does.
    """
    try:
        client = Client.open(search.url, stac_io=PatientIO(search.url, patience))
        results = client.search(
            collections=[search.collection],
            bbox=list(search.bounds),
            datetime=f"{search.start}/{search.end}",
            limit=PAGE,
        )
        unique = {str(item["id"]): item for item in _limited(results.items_as_dicts(), search)}
    except (APIError, STACError, LookupError, TypeError, AttributeError) as error:
        raise GaveUpError(
            f"search at {search.url} failed: {error}. Is that the root of a STAC API, and does it have the "
            f"collection {search.collection!r}? If the server is only busy, run the same command later"
        ) from error
    return [unique[key] for key in sorted(unique)]


def _limited(found: Iterable[Item], search: Search) -> Iterator[Item]:
    """The items, as long as they are not more than any search of regions gives: an API may lead on to pages forever."""
    for number, item in enumerate(found):
        if number == MOST_ITEMS:
            raise ValueError(
                f"the API gives more than {MOST_ITEMS} items for {search}: narrow start and end, or the area"
            )
        yield item


def readable(candidates: Sequence[Item], search: Search) -> tuple[list[Item], dict[str, str]]:
    """The items that say what is needed of them, and why the others do not, by id; those to skip are in neither.

    Raises:
        UnknownNameError: if an item to skip is not among them.
        ValueError: if too many do not.
    """
    ids = [str(item["id"]) for item in candidates]
    for name in search.skip:
        if name not in ids:
            raise lookup.unknown("item (data.options.skip)", name, ids)
    left = [item for item in candidates if str(item["id"]) not in search.skip]
    usable, unusable = [], UnusableItems(len(left), search.unusable_share)
    for item in left:
        try:
            usable.append(items.check(item))
        except UnusableItemError as error:
            unusable.add(str(item["id"]), str(error))
    return usable, unusable.reasons()


def choose(candidates: Sequence[Item], search: Search) -> list[Item]:
    """Keep the items that the search admits, one a tile and acquisition, sorted by time, then id.

    Raises:
        ValueError: if none is left; names the search, the number left out for each reason, and what to relax.
    """
    tree = STRtree([box(*area) for area in search.boxes])
    steps: list[tuple[str, str, Callable[[Item], bool]]] = [
        ("of level L1C", "collection: L2A alone is read here", lambda item: _level(item, search) != "L1C"),
        ("beside the area", "the area", lambda item: len(tree.query(shape(item["geometry"]), "intersects")) > 0),
        ("too cloudy", "max_cloud", lambda item: (items.cloud(item) or 0.0) <= search.max_cloud),
        ("of other months, years or tiles", "months, years, tiles", search.narrowing.admits),
        ("other orbits", "relative_orbit", lambda item: _in_orbit(item, search)),
    ]
    left, lost = list(candidates), []
    for reason, relax, keep in steps:
        kept = [item for item in left if keep(item)]
        if len(kept) < len(left):
            lost.append(f"{len(left) - len(kept)} {reason} (relax {relax})")
        left = kept
    _log.info("%d items found, %d kept; left out: %s", len(candidates), len(left), ", ".join(lost) or "none")
    if not left:
        why = ", ".join(lost) or "the API has none: widen start and end, or check the collection and the area"
        raise ValueError(f"no item is left of {len(candidates)} for {search}. Left out: {why}")
    _warn_of_levels(left, search)
    return newest(left)


def _level(item: Item, search: Search) -> str | None:
    return items.level({"collection": search.collection} | item)


def _warn_of_levels(chosen: Sequence[Item], search: Search) -> None:
    """Say that reflectance at the top of the atmosphere may be taken for that at the ground, if no item excludes it.

    The scene classes (SCL) are made with L2A alone.
    """
    unknown = [
        str(item["id"])
        for item in chosen
        if _level(item, search) is None and not SCENE_CLASSES & set(map(str.lower, item.get("assets", {})))
    ]
    if unknown:
        _log.warning(
            "%d of %d items do not say their level and have no scene classes: %s%s; they are taken for L2A, "
            "reflectance at the ground. If they are L1C, name a collection of L2A (data.options.collection)",
            len(unknown),
            len(chosen),
            ", ".join(unknown[:3]),
            ", …" * (len(unknown) > 3),
        )


def newest(candidates: Iterable[Item]) -> list[Item]:
    """Of several processings of one acquisition of a tile keep the newest; sorted by time, then id.

    The newest has the highest processing baseline, then was generated last, then has the last id. Two datastrips of
    one overpass of a tile are two acquisitions: the strip's own time distinguishes them.
    """
    groups = defaultdict(list)
    for item in candidates:
        groups[items.tile(item) or str(item["id"]), items.platform(item), items.strip_start(item)].append(item)
    kept = []
    for group in groups.values():
        group.sort(key=lambda item: (items.baseline(item) or 0.0, items.generated(item), str(item["id"])))
        kept.append(group[-1])
        for item in group[:-1]:
            _log.info("%s is left out: %s is a newer processing of it", item["id"], group[-1]["id"])
    return sorted(kept, key=lambda item: (items.acquired(item), str(item["id"])))


def _in_orbit(item: Mapping[str, Any], search: Search) -> bool:
    return search.relative_orbit is None or items.relative_orbit(item) in search.relative_orbit
