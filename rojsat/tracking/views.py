"""The views of a table of runs that its menu *Views* offers, and the lines above it: tags of an MLflow experiment."""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from rojsat.config import compose

CLEAN, EVERY = "clean", "all"
"""Keys of the views in links."""

NAMES = {CLEAN: "Clean runs", EVERY: "All runs"}
"""What the menu calls them."""

FILTERS = {CLEAN: 'tags.clean = "true"', EVERY: ""}

_FIRST = ("tags.`tested on`", "tags.`leak`", "metrics.`test/skill`")

_SCORES = {
    "segmentation": (
        "metrics.`test/iou_above_prevalence`",
        "metrics.`controls/false_positive_rate`",
        "tags.`data`",
        "tags.`beats`",
        "metrics.`test/r2`",
        "metrics.`test/rmse`",
    ),
    "classification": (
        "metrics.`test/accuracy`",
        "metrics.`test/prevalence`",
        "metrics.`test/f1_macro`",
        "tags.`data`",
        "tags.`beats`",
    ),
}
"""Columns by task, behind those that all have."""

_LAST = ("tags.`model`", "tags.`split`", "tags.`size`", "tags.`dirty`")

_WIDTHS = {
    "tags.`tested on`": 100,
    "tags.`leak`": 65,
    "metrics.`test/skill`": 90,
    "metrics.`test/iou_above_prevalence`": 195,
    "metrics.`controls/false_positive_rate`": 205,
}
"""Pixels; others have what MLflow gives them."""


def of(run_tags: Mapping[str, str]) -> str:
    """The first view that shows a run with these tags."""
    return CLEAN if run_tags.get("clean") == "true" else EVERY


def tags(experiment: str) -> dict[str, str]:
    """The tags of an MLflow experiment that make its views.

    Args:
        experiment: its name, a task; `data task` in stores of older versions. Another one gets no view.
    """
    task = experiment.rpartition(" ")[2]
    if task not in compose.TASKS:
        return {}
    columns = [*_FIRST, *_SCORES[task], *_LAST]
    return {f"mlflow.sharedViewState.{key}": _view(NAMES[key], FILTERS[key], columns) for key in NAMES}


def _view(name: str, filtered: str, columns: Sequence[str]) -> str:
    """A view as MLflow's own menu saves it; the first metric among the columns sorts it, the best on top."""
    # all keys that the UI's own state has: it accepts only a complete state
    state: dict[str, Any] = {
        "searchFilter": filtered,
        "orderByKey": next(column for column in columns if column.startswith("metrics.")),
        "orderByAsc": False,
        "startTime": "ALL",
    }
    state |= {"lifecycleFilter": "Active", "datasetsFilter": [], "modelVersionFilter": "All Runs"}
    state |= {"selectedColumns": columns, "columnOrder": columns, "columnWidths": _widths(columns)}
    state |= {"runsExpanded": {}, "runsPinned": []}
    state |= {"runsHidden": [], "runsVisibilityMap": {}, "runsHiddenMode": "FIRST_10_RUNS", "viewMaximized": False}
    state |= {"runListHidden": False, "isAccordionReordered": False, "useGroupedValuesInCharts": True}
    state |= {"hideEmptyCharts": True, "groupBy": None, "groupsExpanded": {}, "autoRefreshEnabled": True}
    state |= {"globalLineChartConfig": {"xAxisKey": "step", "lineSmoothness": 0, "selectedXAxisMetricKey": ""}}
    packed = base64.b64encode(zlib.compress(json.dumps(state).encode())).decode()
    return json.dumps({"name": name, "createdAt": 0, "updatedAt": 0, "state": f"deflate;{packed}"})


def _widths(columns: Sequence[str]) -> Mapping[str, int]:
    return {column: width for column, width in _WIDTHS.items() if column in columns}
