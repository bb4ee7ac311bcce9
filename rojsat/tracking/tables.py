"""The tables of runs that a store has, as links."""

from pathlib import Path

from mlflow.entities import Experiment

from rojsat.tracking import links, store, views
from rojsat.tracking.delivery import mlflow

_FORMER_VIEW = "rojsat"
"""Key of the one view of a table in stores of older versions."""


def of_experiments(folder: Path) -> dict[str, str]:
    """The link to the table of every MLflow experiment of the store that has a run, by its name.

    Args:
        folder: of the local store, absolute.
    """
    client = store.connect(folder)
    return {
        experiment.name: links.table(experiment.experiment_id, _view(client, experiment))
        for experiment in client.search_experiments(order_by=["name ASC"])
        if client.search_runs([experiment.experiment_id], max_results=1)
    }


def _view(client: mlflow.MlflowClient, experiment: Experiment) -> str:
    """The view that shows runs: the clean ones where there are some."""
    if f"mlflow.sharedViewState.{views.CLEAN}" not in experiment.tags:
        return _FORMER_VIEW if f"mlflow.sharedViewState.{_FORMER_VIEW}" in experiment.tags else ""
    is_clean = client.search_runs([experiment.experiment_id], filter_string=views.FILTERS[views.CLEAN], max_results=1)
    return views.CLEAN if is_clean else views.EVERY
