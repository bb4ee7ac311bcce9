"""What a model is worth, taken from its card into parts, so that a page can say it in two languages."""

import re
from collections.abc import Mapping
from typing import Any

from rojsat.evaluation import map_calibration
from rojsat.maps import stand_calibration
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
    """What the intervals of the means promise; JSON-ready.

    Returns:
        `key`: `none` where nothing is known of errors, `few` of too few regions, `sizes` where stands of different size
        have different ones, else `given`; and what its sentence has: `regions`, `level`, `least`, `half` of one width,
        or `hectares` and `halves` of the smallest and the largest squares.
    """
    if card.calibration is None:
        return {"key": "none", "regions": 0}
    errors, level = card.calibration["regions"], card.calibration["level"]
    facts = {"regions": len(errors), "level": level, "least": map_calibration.least_regions(level)}
    sizes, half = stand_calibration.sizes(card.calibration), map_calibration.half_width(errors, level)
    if sizes:
        ends = [sizes[0], sizes[-1]]
        return {**facts, "key": "sizes", "hectares": [end[0] for end in ends], "halves": [end[1] for end in ends]}
    return {**facts, "key": "few" if half is None else "given", "half": half}
