"""The true colour image of scenes: that of one level throughout, never L1C's beside L2A's."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rojsat.config import lookup
from rojsat.geo.scenes.catalog import Asset, Scene

log = logging.getLogger(__name__)

LEVELS = ("L2A", "L1C")
"""Levels that true colour images are of: at the bottom and at the top of the atmosphere."""


def check(level: str | None) -> None:
    """Check the option of a source.

    Raises:
        UnknownNameError: if there is no such level.
    """
    if level is not None and level not in LEVELS:
        raise lookup.unknown("level (true_colour)", level, LEVELS)


def add(scenes: Sequence[Scene], images: Sequence[Mapping[str, Asset]], level: str | None) -> list[Scene]:
    """Give the scenes their true colour image; a warning names the dates that have none of the level.

    Haze brightens the image of L1C; beside that of L2A in one channel, a network would be shown the level.

    Args:
        scenes: without it.
        images: of each scene, by level.
        level: `L1C` or `L2A`; None: L2A where a scene has bands or an image of it, else L1C.
    """
    has_l2a = any(scene.boa for scene in scenes) or any("L2A" in by_level for by_level in images)
    chosen = level or ("L2A" if has_l2a else "L1C")
    coloured = [
        replace(scene, assets={**scene.assets, **({"TCI": by_level[chosen]} if chosen in by_level else {})})
        for scene, by_level in zip(scenes, images, strict=True)
    ]
    _warn(coloured, images, chosen)
    return coloured


def _warn(scenes: Sequence[Scene], images: Sequence[Mapping[str, Asset]], chosen: str) -> None:
    dates = {scene.date for scene in scenes}
    with_bands = {scene.date for scene in scenes if scene.boa}
    lacking = sorted(dates - with_bands)
    if lacking and with_bands:
        log.warning(
            "%d of %d dates have only L1C, so they have no channels boa and no indices of L2A: %s; "
            "runs with such channels leave these dates out",
            len(lacking),
            len(dates),
            ", ".join(lacking),
        )
    other = "L1C" if chosen == "L2A" else "L2A"
    pairs = list(zip(scenes, images, strict=True))
    coloured = {scene.date for scene, _ in pairs if "TCI" in scene.assets}
    without = sorted({scene.date for scene, by_level in pairs if other in by_level} - coloured)
    if without:
        log.warning(
            "%d of %d dates have a true colour image of %s alone, which does not mix with that of %s: they have no "
            "channels tci: %s; data.options.true_colour=%s takes the images of %s, on all dates that have one",
            len(without),
            len(dates),
            other,
            chosen,
            ", ".join(without),
            other,
            other,
        )
