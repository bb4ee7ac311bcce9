"""What a data set is enough for: which splits, and how wide an interval is to be expected. Knows no data but counts."""

import json
from collections.abc import Mapping
from pathlib import Path

from rojsat.evaluation import bootstrap, kept_evaluations

PARTS = 3
"""Regions or dates of which one trains, one validates, one tests."""

FOLDS = 5
"""Folds of a split by regions."""

UNITS = {"classification": "labelled stand", "segmentation": "clearing object"}
"""A region of each task."""


def half_widths(folder: Path, task: str) -> dict[int, float]:
    """Half the width of the narrowest 95 % interval of a gain over predictors without an image, by number of regions.

    Args:
        folder: of evaluations over folds that are kept, `results/evaluations`; those that leak do not count.
        task: classification or segmentation.
    """
    narrowest: dict[int, float] = {}
    for file in sorted(folder.glob(f"*/{kept_evaluations.EVALUATION}")):
        content = json.loads(file.read_text())
        gain = content["gain"] or {}
        if content["task"] != task or content["leak"] or not content["claims_unseen"] or gain.get("low") is None:
            continue
        half = (gain["high"] - gain["low"]) / 2
        narrowest[content["regions"]] = min(half, narrowest.get(content["regions"], half))
    return dict(sorted(narrowest.items()))


def words(task: str, regions: int, rarest: int, dates: int, kept: Mapping[int, float]) -> list[str]:
    """Sentences on what so many regions on so many dates are enough for.

    Args:
        task: classification or segmentation.
        regions: with labels and chips.
        rarest: those of the rarest label, which each fold needs one of; all of them where labels are degrees.
        dates: with chips.
        kept: see `half_widths`.
    """
    unit = UNITS[task] if regions == 1 else f"{UNITS[task]}s"
    if regions == 0:
        return [f"No {unit} with chips: nothing to train on for {task}."]
    return [f"{regions} {unit}: {_splits(regions, rarest)}, {_interval(task, regions, kept)}.", _dates(dates)]


def _splits(regions: int, rarest: int) -> str:
    if regions < PARTS:
        return f"no split by regions, which needs {PARTS}"
    if rarest == 0:
        return "all with the same label, so nothing to tell apart"
    folds = min(rarest, FOLDS)
    return f"leave-one-region-out yes, {f'{folds} folds yes' if folds >= PARTS else 'folds no'}"


def _interval(task: str, regions: int, kept: Mapping[int, float]) -> str:
    if regions < bootstrap.MINIMUM:
        return f"fewer than {bootstrap.MINIMUM}: no interval"
    metric = "R²" if task == "segmentation" else "accuracy"
    fewer = [number for number in kept if number <= regions]
    more = [number for number in kept if number > regions]
    known = [*fewer[-1:], *more[:1]]
    if not known:
        return "an interval, but no evaluation is kept that says how wide"
    if known[0] == regions:
        return f"an interval of ±{kept[regions]:.2f} in {metric} at best, as kept evaluations with as many have"
    sides = " and ".join(f"±{kept[number]:.2f} with {number}" for number in known)
    wider = "" if fewer else "; of fewer regions it is wider"
    return f"an interval in {metric}: kept evaluations have {sides} at best{wider}"


def _dates(dates: int) -> str:
    if dates < PARTS:
        return f"{dates} {'date' if dates == 1 else 'dates'}: no split by dates, which needs {PARTS}."
    return f"{dates} dates: a split by dates yes, but it tests on regions that were trained on (docs/leaks.md)."
