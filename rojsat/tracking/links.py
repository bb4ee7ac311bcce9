"""Where runs are recorded, and the addresses of their pages in the MLflow UI."""

import os
from dataclasses import dataclass
from pathlib import Path

from rojsat.config import compose
from rojsat.tracking import views

URI = "MLFLOW_TRACKING_URI"
"""Names another store than the local one."""

HOST, PORT = "127.0.0.1", 5000
"""Where `make ui` serves the local store, unless another port is asked for."""

_SERVED = "ui.txt"
"""Of a store: the address at which it was served last."""

_TRAINING = "workflowType=machine_learning"
"""Without it MLflow opens the pages of language models, which are empty here."""


def uri(store: Path) -> str:
    """Where runs are recorded: the server of MLFLOW_TRACKING_URI, or the database in the folder `store`."""
    return os.environ.get(URI) or f"sqlite:///{store / 'mlflow.db'}"


def is_local(store: Path) -> bool:
    """Whether runs are recorded in the database in the folder `store`."""
    path = uri(store).removeprefix("sqlite:///")
    return "://" not in path and Path(path).resolve() == store.resolve() / "mlflow.db"


def address(port: int) -> str:
    """Of the UI at a port of this machine."""
    return f"http://{HOST}:{port}"


def ui() -> str:
    """The address of the UI: that of the tracking server, or where the local store was served last."""
    server = os.environ.get(URI, "")
    if server.startswith("http"):
        return compose.public(server).rstrip("/")
    served = compose.ROOT / "mlruns" / _SERVED
    return served.read_text().strip() if served.exists() else address(PORT)


def serve(store: Path, port: int) -> str:
    """Have the links of this store name the address at a port of this machine; that address."""
    partial = store / f"{_SERVED}.partial"
    partial.write_text(f"{address(port)}\n")
    partial.replace(store / _SERVED)
    return address(port)


def table(experiment_id: str, view: str) -> str:
    """The table of all runs of an MLflow experiment, in one of its `views`; empty: as MLflow has it."""
    place = f"{ui()}/#/experiments/{experiment_id}/runs?{_TRAINING}&compareRunsMode=TABLE"
    return f"{place}&viewStateShareKey={view}" if view else place


def description(experiment_id: str) -> str:
    """The lines above the table of runs, Markdown: what its views are, as links on the same server."""
    places = {view: table(experiment_id, view).removeprefix(f"{ui()}/") for view in views.NAMES}
    return (
        f"**[{views.NAMES[views.CLEAN]}]({places[views.CLEAN]})**: nothing of the test part was trained on. "
        f"**[{views.NAMES[views.EVERY]}]({places[views.EVERY]})**: leaks, folds and trials too. "
        "Skill 0: no better than the mean of training."
    )


def models() -> str:
    """The page of all registered models."""
    return f"{ui()}/#/models?{_TRAINING}"


def model(name: str) -> str:
    """The page of a registered model."""
    return f"{ui()}/#/models/{name}?{_TRAINING}"


@dataclass(frozen=True)
class Run:
    """One MLflow run.

    Attributes:
        id: of the run.
        experiment_id: of its MLflow experiment.
        view: of the table of runs that shows it.
    """

    id: str
    experiment_id: str
    view: str = views.CLEAN

    @property
    def link(self) -> str:
        """The run's page."""
        return f"{ui()}/#/experiments/{self.experiment_id}/runs/{self.id}?{_TRAINING}"

    @property
    def table(self) -> str:
        """The table of all runs of the same task, in a view that shows this one."""
        return table(self.experiment_id, self.view)
