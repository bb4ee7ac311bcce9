"""Where runs are recorded, and the addresses of their pages in the MLflow UI."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rojsat.config import compose, metric_names

URI = "MLFLOW_TRACKING_URI"
"""Names another store than the local one."""

UI = "http://127.0.0.1:5000"
"""Where `make ui` and `mlflow ui` serve the local store."""

_TRAINING = "workflowType=machine_learning"
"""Without it MLflow opens the pages of language models, which are empty here."""


def uri(store: Path) -> str:
    """Where runs are recorded: the server of MLFLOW_TRACKING_URI, or the database in the folder `store`."""
    return os.environ.get(URI) or f"sqlite:///{store / 'mlflow.db'}"


def is_local(store: Path) -> bool:
    """Whether runs are recorded in the database in the folder `store`."""
    path = uri(store).removeprefix("sqlite:///")
    return "://" not in path and Path(path).resolve() == store.resolve() / "mlflow.db"


def ui() -> str:
    """The address of the UI: that of the tracking server, or the local one."""
    server = os.environ.get(URI, "")
    return compose.public(server).rstrip("/") if server.startswith("http") else UI


_TAGS = ("split", "leak", "model", "dirty")
"""Tags that it shows: what a number depends on."""

VIEW = "rojsat"
"""Name of the view of the table that `view` makes; MLflow alone shows no metric there."""


def view(experiment: str) -> dict[str, str]:
    """The tag of an MLflow experiment that makes the shared view of its table of runs.

    Args:
        experiment: its name, which ends in the task; another one gets no view.
    """
    metrics = metric_names.FEW.get(experiment.rpartition(" ")[2], ())
    if not metrics:
        return {}
    columns = [f"metrics.`test/{name}`" for name in metrics] + [f"tags.`{name}`" for name in _TAGS]
    # all keys that the UI's own state has: it accepts only a complete state
    state: dict[str, Any] = {
        "searchFilter": "",
        "orderByKey": columns[0],
        "orderByAsc": not metric_names.METRICS[metrics[0]].higher_is_better,
        "startTime": "ALL",
    }
    state |= {"lifecycleFilter": "Active", "datasetsFilter": [], "modelVersionFilter": "All Runs"}
    state |= {"selectedColumns": columns, "columnOrder": [], "columnWidths": {}, "runsExpanded": {}, "runsPinned": []}
    state |= {"runsHidden": [], "runsVisibilityMap": {}, "runsHiddenMode": "FIRST_10_RUNS", "viewMaximized": False}
    state |= {"runListHidden": False, "isAccordionReordered": False, "useGroupedValuesInCharts": True}
    state |= {"hideEmptyCharts": True, "groupBy": None, "groupsExpanded": {}, "autoRefreshEnabled": True}
    state |= {"globalLineChartConfig": {"xAxisKey": "step", "lineSmoothness": 0, "selectedXAxisMetricKey": ""}}
    return {f"mlflow.sharedViewState.{VIEW}": json.dumps(state)}


@dataclass(frozen=True)
class Run:
    """One MLflow run."""

    id: str
    experiment_id: str

    @property
    def link(self) -> str:
        """The run's page."""
        return f"{ui()}/#/experiments/{self.experiment_id}/runs/{self.id}?{_TRAINING}"

    @property
    def table(self) -> str:
        """The table of all runs of the same data set and task."""
        return (
            f"{ui()}/#/experiments/{self.experiment_id}/runs?{_TRAINING}&compareRunsMode=TABLE&viewStateShareKey={VIEW}"
        )
