"""Which granules of ESA's products become scenes: chosen by level, tile, period and orbit, the newest of each."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from rojsat.geo.sources._choice import Choice, describe
from rojsat.geo.sources.safe import granules as granule_files
from rojsat.geo.sources.safe import product_files
from rojsat.geo.sources.safe.granules import Granule
from rojsat.geo.sources.safe.product_files import Product

log = logging.getLogger(__name__)

SAME_STRIP = pd.Timedelta(5, "s")
"""Sensing times of one datastrip that differ by no more: another processing may cut it a little otherwise."""

SAME_GROUND = 0.5
"""Share of the smaller footprint that two processings of one datastrip have in common at least."""


class _Kind(NamedTuple):
    """What a granule is: its level, tile, start of its datatake and relative orbit."""

    level: str
    tile: str
    time: pd.Timestamp
    orbit: int


class Selection(NamedTuple):
    """Levels, tiles (None for all), period and relative orbits to take."""

    levels: Sequence[str]
    tiles: frozenset[str] | None
    choice: Choice

    def admits(self, kind: _Kind) -> bool:
        """Whether it takes a granule of that kind."""
        right = kind.level in self.levels and (self.tiles is None or kind.tile in self.tiles)
        return right and self.choice.admits(kind.time, kind.orbit)


class Parts(NamedTuple):
    """What makes up one scene.

    Attributes:
        granules: by level, `L1C` and `L2A` or one of them.
        suffix: end of the scene's id: a tile in two datastrips is two scenes, each with its strip as suffix.
    """

    granules: dict[str, Granule]
    suffix: str


def select(root: Path, selection: Selection) -> list[Granule]:
    """Read the granules below `root` that the selection takes.

    A product whose name says that it is not selected is not opened.

    Raises:
        ValueError: if there is no product or none is selected, or one is broken.
    """
    selected: list[Granule] = []
    others: list[_Kind] = []
    for product in product_files.find(root):
        named = _named(product)
        if named is not None and excludes(product, selection):
            others.append(named)
            continue
        for granule in granule_files.read(product):
            kind = _Kind(granule.facts.level, granule.tile.tile, granule.facts.time, granule.facts.orbit)
            if selection.admits(kind):
                selected.append(granule)
            else:
                others.append(kind)
    if not selected:
        available = ", ".join(sorted({f"{kind.level} {kind.tile}" for kind in others}))
        raise ValueError(
            f"no product of {root} is selected (levels, tiles, start, end, orbits); "
            f"there are {available}, {describe((kind.time, kind.orbit) for kind in others)}"
        )
    log.info("%d granules are selected, %d are not", len(selected), len(others))
    lacking = (selection.tiles or frozenset()) - {granule.tile.tile for granule in selected}
    if lacking:
        log.warning("there is no product of the tiles %s", ", ".join(sorted(lacking)))
    return selected


def excludes(product: Product, selection: Selection) -> bool:
    """Whether the name of a product alone says that it is not selected."""
    kind = _named(product)
    return kind is not None and not selection.admits(kind)


def _named(product: Product) -> _Kind | None:
    """What the name of a product says, if it is one of ESA's."""
    try:
        name = product_files.parse_name(product.name)
    except ValueError:
        return None
    return _Kind(name.level, name.tile, name.time, name.orbit)


def parts(granules: Sequence[Granule], levels: Iterable[str]) -> Iterator[Parts]:
    """Group granules into scenes, sorted by time, satellite and tile.

    Args:
        granules: any tiles and times.
        levels: `L1C`, `L2A`.

    Yields:
        The parts of each scene.
    """
    groups: dict[tuple[str, ...], list[Granule]] = {}
    for granule in granules:
        key = (f"{granule.facts.time:%Y%m%dT%H%M%S}", granule.facts.mission, granule.tile.tile)
        groups.setdefault(key, []).append(granule)
    for _, group in sorted(groups.items()):
        newest = {level: _newest([granule for granule in group if granule.facts.level == level]) for level in levels}
        if all(len(by_strip) <= 1 for by_strip in newest.values()):  # L1C and L2A may name the datastrip differently
            yield Parts({level: granule for level, by_strip in newest.items() for granule in by_strip.values()}, "")
            continue
        for strip in sorted({strip for by_strip in newest.values() for strip in by_strip}):
            yield Parts(
                {level: by_strip[strip] for level, by_strip in newest.items() if strip in by_strip}, f"_{strip}"
            )


def _newest(granules: Sequence[Granule]) -> dict[str, Granule]:
    """By datastrip, ESA's granule of the newest baseline that was generated last; folders go before zip files.

    Each datastrip by itself: one of the two of a tile may have been processed again. What a user made with Sen2Cor is
    taken where there is none of ESA's: its baseline, 99.99, is no newer one.
    """
    names = _strips(granules)
    newest: dict[str, Granule] = {}
    for name, granule in sorted(zip(names, granules, strict=True), key=lambda pair: _age(pair[1])):
        newest[name] = granule
    for name, granule in zip(names, granules, strict=True):
        kept = newest[name]
        if granule is kept:
            continue
        if granule.is_own and not kept.is_own:
            log.warning(
                "%s is left out: it is an own Sen2Cor product, and ESA's own of the same datastrip is there, %s; "
                "move that one elsewhere to use yours",
                granule.product.path,
                kept.product.path,
            )
        else:
            log.warning("%s is left out: newer, or the same again, is %s", granule.product.path, kept.product.path)
    return newest


def _age(granule: Granule) -> tuple[bool, str, pd.Timestamp, bool]:
    return not granule.is_own, granule.facts.baseline, granule.facts.generated, granule.product.inside is None


def _strips(granules: Sequence[Granule]) -> list[str]:
    """Name of the datastrip of each granule: the sensing time of the first of those that are one.

    Those are one whose times are within `SAME_STRIP`, unless they show other ground; of two that begin alike, the
    southern one is `-2`.
    """
    strips: list[list[Granule]] = []
    for granule in sorted(granules, key=lambda each: (each.tile.strip, -_north(each))):
        same = next((strip for strip in strips if all(_is_same(granule, other) for other in strip)), None)
        if same is None:
            strips.append([granule])
        else:
            same.append(granule)
    names: dict[int, str] = {}
    for number, strip in enumerate(strips):
        first = strip[0].tile.strip
        twins = sum(other[0].tile.strip == first for other in strips[:number])
        names |= dict.fromkeys(map(id, strip), f"{first}-{twins + 1}" if twins else first)
    return [names[id(granule)] for granule in granules]


def _north(granule: Granule) -> float:
    return 0.0 if granule.facts.footprint is None else float(granule.facts.footprint.bounds[3])


def _is_same(first: Granule, second: Granule) -> bool:
    """Whether two granules of a tile and datatake are of one datastrip."""
    apart = abs(pd.Timestamp(first.tile.strip) - pd.Timestamp(second.tile.strip))
    ground, other_ground = first.facts.footprint, second.facts.footprint
    if apart > SAME_STRIP or ground is None or other_ground is None:
        return apart <= SAME_STRIP
    return ground.intersection(other_ground).area > SAME_GROUND * min(ground.area, other_ground.area)
