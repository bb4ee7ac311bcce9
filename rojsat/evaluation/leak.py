"""The leak: how much better a model is on other dates of regions that it was trained on than on regions not trained on.

One experiment under two splits, one that claims regions not trained on and one that does not, on the same samples.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rojsat.config import metric_names
from rojsat.evaluation import bootstrap, gain, pooling, region_moments, same_samples
from rojsat.evaluation.bootstrap import Interval
from rojsat.evaluation.kept_evaluations import KeptEvaluation

SAME = ("task", "data_digest", "exp", "model", "frame", "size", "settings_digest")
"""Keys of `evaluation.json` that two evaluations share which differ in nothing but the split."""

TRAINED_ON, NOT_TRAINED_ON = "trained_on", "not_trained_on"
"""The two sides of a leak."""

SIDES = {TRAINED_ON: "trained on other dates of the same regions", NOT_TRAINED_ON: "not trained on"}
"""What the sides are called."""


def is_pair(first: KeptEvaluation, second: KeptEvaluation) -> bool:
    """Whether two evaluations are of the same experiment, one by a split that claims regions not trained on."""
    contents = first.content, second.content
    claims = [content["claims_unseen"] for content in contents]
    return all(contents[0].get(key) == contents[1].get(key) for key in SAME) and sorted(map(str, claims)) == [
        "False",
        "True",
    ]


def pairs(evaluations: Sequence[KeptEvaluation]) -> list[tuple[KeptEvaluation, KeptEvaluation]]:
    """Every pair that shows a leak: first the one whose regions were trained on, then the other."""
    return [
        (second, first) if first.content["claims_unseen"] else (first, second)
        for first, second in itertools.combinations(evaluations, 2)
        if is_pair(first, second)
    ]


def contents(evaluations: Sequence[KeptEvaluation], names: Sequence[str]) -> dict[str, list[Any]]:
    """Every leak among evaluations by some metrics, `leaks`, and why others are not known, `unknown_leaks`."""
    leaks, unknown = [], []
    for first, second in pairs(evaluations):
        if reason := "; ".join(filter(None, map(same_samples.missing, (first, second)))):
            unknown.append(f"The leak, {first.name} against {second.name}, is not known: {reason}")
        else:
            leaks.append(content(first, second, names))
    return {"leaks": leaks, "unknown_leaks": unknown}


def content(trained_on: KeptEvaluation, not_trained_on: KeptEvaluation, names: Sequence[str]) -> dict[str, Any]:
    """What `leak.json` holds of a pair.

    Args:
        trained_on: by a split whose test regions were trained on, on other dates.
        not_trained_on: the same experiment by a split whose test regions were not.
        names: of the metrics, the one that decides first.

    Returns:
        `trained_on`, `not_trained_on`: of each `name`, `split`, `seeds`, `metrics` (`value`, `low`, `high` by metric),
        `against` (the best predictor without an image on these samples, and how it is called), `without_image` (its
        metrics) and `gain` over it; `difference`: by metric, the first less the second; `regions`, `samples`,
        `same_targets`; `task`, `data`, `exp`, `model`, `frame`; `words`.

    Raises:
        ValueError: see `rojsat.evaluation.same_samples.choose`; or their pixels differ.
    """
    same = same_samples.choose(trained_on, not_trained_on)
    tables = {TRAINED_ON: same.first, NOT_TRAINED_ON: same.second}
    differences = {name: bootstrap.paired_difference(same.first, same.second, name) for name in names}
    evaluations = {TRAINED_ON: trained_on, NOT_TRAINED_ON: not_trained_on}
    about = {key: trained_on.content.get(key) for key in ("task", "data", "exp", "model", "frame")}
    values = about | {
        **{side: _side(evaluations[side], tables[side], same, names) for side in SIDES},
        "metrics": list(names),
        "difference": {name: pooling.ends(each) for name, each in differences.items()},
        "is_positive": differences[names[0]].is_positive,
        "regions": differences[names[0]].regions,
        "samples": len(same.chips),
        "same_targets": same.has_same_targets,
    }
    return values | {"words": words(values)}


def _side(
    evaluation: KeptEvaluation,
    tables: Sequence[pd.DataFrame],
    same: same_samples.SameSamples,
    names: Sequence[str],
) -> dict[str, Any]:
    """One side of the leak, beside the best predictor without an image on the same samples."""
    others = {
        predictor: same_samples.moments(evaluation, same.chips, predictor)
        for predictor in evaluation.content["without_image"]
    }
    values = {predictor: region_moments.metrics(each[0]) for predictor, each in others.items()}
    best = gain.best(values, names[0])
    content = evaluation.content
    label = metric_names.without_image(best, content["task"], content.get("frame", "box"))
    return {
        "name": str(content["name"]),
        "split": content["folds"],
        "seeds": len(tables),
        "metrics": {name: pooling.ends(bootstrap.interval(tables, name)) for name in names},
        "against": {"predictor": best, "label": label},
        "without_image": {name: pooling.ends(bootstrap.interval(others[best], name)) for name in names},
        "gain": pooling.ends(bootstrap.paired_difference(tables, others[best], names[0])),
    }


def words(leak: Mapping[str, Any]) -> str:
    """`trained on other dates of the same regions: R² 0.41 [0.30, 0.50] (…); not trained on: …; difference …`."""
    name = leak["metrics"][0]
    sides = [
        f"{SIDES[side]} ({leak[side]['split']}): {metric_names.METRICS[name].label} "
        f"{pooling.cell(leak[side]['metrics'][name], name)} (best predictor without an image, "
        f"{leak[side]['against']['label']}: {pooling.cell(leak[side]['without_image'][name], name)})"
        for side in SIDES
    ]
    compared = leak["difference"][name]
    value, low, high = (compared.get(end, math.nan) for end in ("value", "low", "high"))
    interval = Interval(value, low, high, leak["regions"])
    regions = f"{leak['regions']} region{'s' * (leak['regions'] != 1)}, {leak['samples']} samples that both tested"
    other = "" if leak["same_targets"] else "; their degrees are NOT SCALED ALIKE"
    return f"{'; '.join(sides)}; difference {_interval(interval)}, {regions}{other}"


def _interval(interval: Interval) -> str:
    """`0.266 [0.100, 0.400]`, with what must be known where it is not decided."""
    value = metric_names.text(interval.value)
    if math.isnan(interval.low):
        return f"{value} (too few regions for an interval)"
    holds = " (undecided: the interval holds 0)" if interval.is_positive is None else ""
    return f"{value} [{metric_names.text(interval.low)}, {metric_names.text(interval.high)}]{holds}"
