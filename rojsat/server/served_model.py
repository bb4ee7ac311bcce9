"""What a server knows of its model and scenes; JSON-ready, so that a process that ends can find it out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rojsat.geo.scenes.catalog import Scene
from rojsat.maps import map_summary
from rojsat.maps.model_card import ModelCard

_LEFT_OUT = ("distribution", "calibration")
"""Of a card: numbers of its training pixels, which say nothing to a reader."""


@dataclass(frozen=True)
class ServedModel:
    """A model with the scenes that it is applied to.

    Attributes:
        address: under which `rojsat predict` finds this very model, now and after a restart.
        identity: what tells it from others.
        card: what it says of itself.
        verdict: a sentence: what it reaches on regions that it is not trained on, beside predictors without an image.
        sure: a sentence: what its intervals promise.
        scenes: words of the command line that name them.
        extent: boxes of the scenes, west, south, east and north in degrees; None: found out for each request.
        dates: days that scenes are of; empty where the extent is None.
    """

    address: str
    identity: str
    card: Mapping[str, Any]
    verdict: str
    sure: str
    scenes: Sequence[str]
    extent: Sequence[Sequence[float]] | None
    dates: Sequence[str]


def describe(
    address: str, identity: str, card: ModelCard, words: Sequence[str], scenes: Sequence[Scene] | None
) -> ServedModel:
    """Put together what a server knows.

    Args:
        address: of the model.
        identity: what tells it from others.
        card: of the model.
        words: that name the scenes.
        scenes: all, or None where they are found for each request.
    """
    boxes = None if scenes is None else sorted({_box(scene) for scene in scenes})
    facts = {name: value for name, value in asdict(card).items() if name not in _LEFT_OUT}
    facts |= {"inputs": card.inputs, "roles": card.roles}
    dates = sorted({scene.date for scene in scenes or ()})
    verdict, sure = map_summary.verdict(card), map_summary.sure(card)
    return ServedModel(address, identity, facts, verdict, sure, list(words), boxes, dates)


def _box(scene: Scene) -> tuple[float, ...]:
    """West, south, east and north of a scene in degrees, a little outside of its pixels."""
    west, south, east, north = scene.grid.extent.to_crs("EPSG:4326", resolution=1000).boundingbox.bbox
    return round(west - 1e-4, 4), round(south - 1e-4, 4), round(east + 1e-4, 4), round(north + 1e-4, 4)
