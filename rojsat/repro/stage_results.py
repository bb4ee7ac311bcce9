"""What came of a stage of the pipeline, in a few words, from the files that it leaves."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rojsat.config import metric_names
from rojsat.evaluation import gain, report_files

DIGITS = 2
"""Behind the point: a line has room for no more, and one seed tells no more."""


def describe(root: Path, stage: str) -> str:
    """What came of a stage; empty where nothing but its files did, or they lie elsewhere.

    Args:
        root: the repository.
        stage: its name as in `dvc stage list`, `train@unet_roi6`.
    """
    try:
        return _described(root, *stage.partition("@")[::2])
    except FileNotFoundError:
        return ""


def _described(root: Path, kind: str, name: str) -> str:
    """What came of a stage, from its files."""
    reports = root / "reports"
    match kind:
        case "chips":
            return f"{_read(root / 'data' / 'processed' / name / 'chips.json')['chips']} chips"
        case "train":
            return trained(report_files.read_summary(reports / "quick" / name))
        case "evaluate":
            return evaluated(_read(reports / "evaluations" / name / "evaluation.json"))
        case "search":
            return searched(_read(reports / "searches" / name / "tune.json"))
        case _:
            return ""


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def trained(summary: Mapping[str, Any]) -> str:
    """`R² 0.18 on region 6 (position in the box: 0.24)`, from `summary.json`.

    In brackets: the best predictor without an image on the same test part.
    """
    compared = summary["gain"]["metric"]
    label = metric_names.METRICS[compared].label
    predictor, without_image = gain.best_of(summary)
    value = summary["test"].get(compared, float("nan"))
    return f"{label} {_value(compared, value)} on {tested_on(summary)} ({predictor}: {_value(compared, without_image)})"


def tested_on(summary: Mapping[str, Any]) -> str:
    """`region 6`, `3 regions`, and whether they were trained on too."""
    names = list(summary.get("regions", {}))
    count = summary["gain"]["regions"]
    regions = f"region {names[0]}" if len(names) == 1 else f"{count} region{'' if count == 1 else 's'}"
    return f"other dates of {regions} trained on" if summary["leak"] else regions


def evaluated(content: Mapping[str, Any]) -> str:
    """`R² 0.09 [0.02, 0.18] on 9 regions (position in the box: 0.02)`, from `evaluation.json`."""
    compared, predictor = content["gain"]["metric"], content["best_without_image"]
    without_image = content["without_image"][predictor][compared]
    name = metric_names.without_image(predictor, content["task"], content.get("frame", "box"))
    value = content["metrics"][compared]
    interval = f" [{value['low']:.{DIGITS}f}, {value['high']:.{DIGITS}f}]" if "low" in value else ""
    return (
        f"{metric_names.METRICS[compared].label} {_value(compared, value.get('value', float('nan')))}{interval} on "
        f"{content['regions']} regions ({name}: {_value(compared, without_image.get('value', float('nan')))})"
    )


def searched(content: Mapping[str, Any]) -> str:
    """`best of 3 trials: optimizer.lr=0.00049`, from `tune.json`."""
    values = [f"{key}={value:.2g}" for key, value in content["best"]["values"].items() if isinstance(value, float)]
    values += [f"{key}={value}" for key, value in content["best"]["values"].items() if not isinstance(value, float)]
    return f"best of {content['trials']} trials: {', '.join(values)}"


def _value(name: str, value: float) -> str:
    words = metric_names.worse_than_the_mean(name, value)
    return f"{value:.{DIGITS}f}{f' ({words})' if words else ''}"
