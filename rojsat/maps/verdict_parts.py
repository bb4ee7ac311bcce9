"""What a model is worth, taken from its card into parts, so that a page can say it in two languages."""

import re
from collections.abc import Mapping
from typing import Any

from rojsat.evaluation import map_calibration
from rojsat.maps.model_card import ModelCard

FORM = re.compile(
    r"(?P<metric>.+?) (?P<value>\S+)( \(worse than the mean\))?; the best predictor without an image "
    r"\((?P<predictor>.+?)\) has (?P<least>\S+)( \(worse than the mean\))?: this run "
    r"(?P<verdict>beats|does not beat|is not shown to beat) it \(gain (?P<gain>[^ ,]+)"
    r"(, 95 % interval (?P<low>\S+) to (?P<high>\S+) over|,) (?P<regions>\d+) regions?"
    r"(, too few for an interval)?\)"
)
"""The sentence of `rojsat.evaluation.gain.words`."""

KEYS = {"beats": "beats", "does not beat": "not", "is not shown to beat": "open"}


def verdict(card: ModelCard) -> Mapping[str, Any]:
    """What the model reaches beside the best predictor without an image; JSON-ready.

    Returns:
        `key`: `beats`, `not`, `open`, `unknown` where nothing is known of it, or `text` where its sentence has another
        form; `text`, that sentence; `leak`; and the numbers of the sentence as they stand in it.
    """
    known = FORM.fullmatch(card.verdict)
    if not card.verdict:
        key = "unknown"
    else:
        key = "text" if known is None else KEYS[known["verdict"]]
    numbers = {} if known is None else {name: value for name, value in known.groupdict().items() if value is not None}
    return {**numbers, "key": key, "text": card.verdict, "leak": bool(card.leak)}


def interval(card: ModelCard) -> Mapping[str, Any]:
    """What the intervals of the means promise: `regions`, `level`, `half`, or None of too few regions, and `least`."""
    if card.calibration is None:
        return {"regions": 0}
    errors, level = card.calibration["regions"], card.calibration["level"]
    half, least = map_calibration.half_width(errors, level), map_calibration.least_regions(level)
    return {"regions": len(errors), "level": level, "half": half, "least": least}
