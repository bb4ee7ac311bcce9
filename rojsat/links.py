"""Where runs are recorded, and the addresses of their pages in the MLflow UI. Standard library only."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

URI = "MLFLOW_TRACKING_URI"
"""Names another store than the local one."""

UI = "http://127.0.0.1:5000"
"""Where `make ui` and `mlflow ui` serve the local store."""

_TRAINING = "workflowType=machine_learning"
"""Without it MLflow opens the pages of language models, which are empty here."""


def uri(store: Path) -> str:
    """Where runs are recorded: the server of MLFLOW_TRACKING_URI, or the database in the folder `store`."""
    return os.environ.get(URI) or f"sqlite:///{store / 'mlflow.db'}"


def public(address: str) -> str:
    """The address without user and password."""
    parts = urlsplit(address)
    if not parts.username:
        return address
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def ui() -> str:
    """The address of the UI: that of the tracking server, or the local one."""
    server = os.environ.get(URI, "")
    return public(server).rstrip("/") if server.startswith("http") else UI


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
        return f"{ui()}/#/experiments/{self.experiment_id}/runs?{_TRAINING}&compareRunsMode=TABLE"
