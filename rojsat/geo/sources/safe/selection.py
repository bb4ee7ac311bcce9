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
    """By datastrip, the granule of the newest baseline that was generated last; folders go before zip files.

    Each datastrip by itself: one of the two of a tile may have been processed again.
    """
    names = _strips(granules)
    newest: dict[str, Granule] = {}
    for granule in sorted(granules, key=_age):
        newest[names[granule.tile.strip]] = granule
    for granule in granules:
        kept = newest[names[granule.tile.strip]]
        if granule is not kept:
            log.warning("%s is left out: newer, or the same again, is %s", granule.product.path, kept.product.path)
    return newest


def _age(granule: Granule) -> tuple[str, pd.Timestamp, bool]:
    return granule.facts.baseline, granule.facts.generated, granule.product.inside is None


def _strips(granules: Sequence[Granule]) -> dict[str, str]:
    """Name of every datastrip: its sensing time, that of the first where times are within `SAME_STRIP`."""
    names: dict[str, str] = {}
    last = None
    for strip in sorted({granule.tile.strip for granule in granules}):
        same = last is not None and pd.Timestamp(strip) - pd.Timestamp(last) <= SAME_STRIP
        names[strip] = names[last] if same and last is not None else strip
        last = strip
    return names
