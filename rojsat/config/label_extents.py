"""How far the labels of a region reach: its outline, or the complete box around it. Recipes and fingerprints state it.

They name the outline alone: folders and results from before the key existed have labels in the complete box, as data
sets whose file says `extent: box` still do.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rojsat.config import catalogue

KEY = "extent"

OUTLINE, BOX = "outline", "box"

EXTENTS = (OUTLINE, BOX)
"""Pixels of a region that can have a label; all others are unknown."""


def stated(source: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a source of labels as recipes state them: with the outline where it counts, without the box.

    Args:
        source: a module of `rojsat/geo/labels`; one that does not exist has no such option.
        options: as the experiment has them.
    """
    without = {name: value for name, value in options.items() if name != KEY}
    if source not in catalogue.modules("geo/labels") or KEY not in catalogue.options(f"geo/labels/{source}", "masks"):
        return dict(options)
    extent = options.get(KEY, OUTLINE)
    return without if extent == BOX else without | {KEY: extent}


def advice(differences: Sequence[str]) -> str:
    """What else can be done about a folder whose labels reach further: the end of a sentence, or nothing.

    Args:
        differences: between two recipes, each a line that begins with its key.
    """
    if not any(line.startswith(f"labels.options.{KEY}:") for line in differences):
        return ""
    return (
        f". Masks made before there was the key label the complete box: data.labels.options.{KEY}={BOX} keeps them, "
        f"{OUTLINE}, the default, leaves what lies outside a region's outline unknown"
    )
