"""The block of text that a search ends with: the best values, and what they reach on the test part with every seed."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rojsat.config import metric_names
from rojsat.evaluation import bootstrap, gain
from rojsat.evaluation.run_block import COLUMNS, cell
from rojsat.evaluation.text_columns import aligned, block, paragraph


def searched(content: Mapping[str, Any], *, folder: str, then: str = "") -> str:
    """The block of a finished search.

    Args:
        content: of `tune.json`.
        folder: of the report, from the repository.
        then: the command that helps most now; empty: none.
    """
    best, name = content["best"], folder.rstrip("/").rpartition("/")[2]
    states = ", ".join(f"{count} {state}" for state, count in content["states"].items())
    values = ", ".join(
        f"{key}={value:.4g}" if isinstance(value, float) else f"{key}={value}" for key, value in best["values"].items()
    )
    again, rows = content["again"], []
    if not again:
        words = ["tune.seeds is empty: the best was not trained again, the test part was not evaluated."]
    elif not all(trained.get("without_image") for trained in again):
        reports = ", ".join(trained["report"] for trained in again)
        words = [f"The best was trained again by an older version; see the reports {reports}."]
    else:
        words = [*sentences(content), "The best was trained again; the search did not use the test part."]
        rows = table(content)
    return block(
        paragraph(
            f"search {name}: {content['trials']} trials ({states})",
            f"best: trial {best['trial']}, {values}, {content['metric']} {best['value']:.4g} (validation)",
            *words,
        ),
        aligned(rows),
        [f"folder:  {folder}", *([f"next:    {then}"] if then else [])],
    )


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def table(content: Mapping[str, Any]) -> list[list[str]]:
    """A head, a row a seed, their mean, then the predictors without an image on the same pixels, the best one first."""
    again, task, frame = content["again"], content["task"], content["frame"]
    names = [name for name in COLUMNS[task] if name in again[0]["test"]]
    rows = {f"seed {trained['seed']}": trained["test"] for trained in again}
    if len(again) > 1:
        rows["mean of the seeds"] = {name: _mean([trained["test"] for trained in again], name) for name in names}
    others, compared = again[0]["without_image"], gain.metric(task, again[0]["test"])
    ranked = sorted(others, key=lambda name: -others[name].get(compared, -math.inf))
    rows |= {metric_names.without_image(name, task, frame): others[name] for name in ranked}
    head = ["test", *(metric_names.METRICS[name].label for name in names)]
    return [head, *([label, *(cell(name, values) for name in names)] for label, values in rows.items())]


def _values(tests: Sequence[Mapping[str, float]], name: str) -> list[float]:
    return [test.get(name, math.nan) for test in tests]


def _mean(tests: Sequence[Mapping[str, float]], name: str) -> float:
    return float(np.mean(_values(tests, name)))


def sentences(content: Mapping[str, Any]) -> list[str]:
    """How far the seeds lie apart on the test part, and whether they beat the best predictor without an image."""
    again, task = content["again"], content["task"]
    tests, others = [trained["test"] for trained in again], again[0]["without_image"]
    compared = gain.metric(task, tests[0])
    label, values = metric_names.METRICS[compared].label, _values(tests, compared)
    best = gain.best(others, compared)
    least = others[best].get(compared, math.nan)
    predictor = metric_names.without_image(best, task, content["frame"])
    above = sum(value > least for value in values)
    verdict = (
        f"{above} of {len(values)} seed{'s' * (len(values) > 1)} above the best predictor without an image "
        f"({predictor}, {metric_names.text(least)})"
    )
    if len(values) == 1:
        words = [f"{label} {metric_names.text(values[0])} with one seed, whose spread is not known: {verdict}."]
    else:
        low, high, deviation = min(values), max(values), float(np.std(values, ddof=1))
        spread = (
            f"{metric_names.text(low)} to {metric_names.text(high)}, standard deviation {metric_names.text(deviation)}"
        )
        words = [f"{label} of {len(values)} seeds: {spread}: {verdict}."]
    regions = content["regions"]
    if regions < bootstrap.MINIMUM:
        count = f"{regions} test region{'' if regions == 1 else 's'}"
        words.append(f"{count}: too few to say that these values are better than others.")
    return words
