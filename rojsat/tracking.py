"""Records runs in MLflow: one SQLite file and its artifacts in `mlruns/`, or the server of MLFLOW_TRACKING_URI.

The only module that knows MLflow. Knows neither torch nor figures: it takes numbers, files and folders.
"""

import getpass
import json
import logging
import os
import sys
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

import mlflow
import numpy as np
from filelock import FileLock
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunStatus, RunTag, ViewType
from mlflow.exceptions import MlflowException

from rojsat import config

STORE = Path(os.environ.get("DVC_ROOT", config.ROOT)).resolve() / "mlruns"
"""DVC runs queued experiments in a copy of the repository and names the real one in DVC_ROOT."""

UI = "http://127.0.0.1:5000"
"""Where `make ui` and `mlflow ui` serve."""

_TRAINING = "workflowType=machine_learning"
"""Without it MLflow opens the pages of language models, which are empty here."""

for _chatty in ("alembic", "mlflow"):
    logging.getLogger(_chatty).setLevel(logging.WARNING)


@dataclass(frozen=True)
class Run:
    """One MLflow run."""

    id: str
    experiment_id: str

    @property
    def link(self) -> str:
        """The run's page in the MLflow UI."""
        return f"{UI}/#/experiments/{self.experiment_id}/runs/{self.id}?{_TRAINING}"

    @property
    def table(self) -> str:
        """The table of all runs of the same data set and task."""
        return f"{UI}/#/experiments/{self.experiment_id}/runs?{_TRAINING}&compareRunsMode=CHART"


def connect(experiment: str) -> str:
    """Open the tracking store and make the MLflow experiment if it is new.

    Returns:
        the experiment's id.
    """
    STORE.mkdir(parents=True, exist_ok=True)
    with FileLock(STORE / ".lock"):  # two processes that create the database at once ruin it
        mlflow.set_tracking_uri(os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{STORE / 'mlflow.db'}")
        client = mlflow.MlflowClient()
        found = client.get_experiment_by_name(experiment)
        if found is not None:
            return str(found.experiment_id)
        remote = os.environ.get("MLFLOW_TRACKING_URI", "").startswith("http")
        place = None if remote else (STORE / "artifacts" / experiment.replace(" ", "_")).as_uri()
        return str(client.create_experiment(experiment, artifact_location=place))


def start(
    experiment: str,
    name: str,
    tags: Mapping[str, str],
    parameters: Mapping[str, Any],
    resume: str | None = None,
    parent: str | None = None,
) -> Run:
    """Start a run, or go on with the run `resume` if the store still has it.

    Args:
        experiment: the MLflow experiment's name.
        name: the run's name; the UI cuts it after some 18 characters.
        tags: what to filter by.
        parameters: flat; values are written as text.
        resume: the id of a run that was interrupted.
        parent: the id of the run that this one is a part of; the UI folds it in beneath.
    """
    experiment_id, client = connect(experiment), mlflow.MlflowClient()
    if resume is not None and _exists(resume):
        client.update_run(resume, status="RUNNING")
        return Run(resume, experiment_id)
    source = {"mlflow.user": getpass.getuser(), "mlflow.source.name": " ".join(["python", *sys.orig_argv[1:]])}
    family = {} if parent is None else {"mlflow.parentRunId": parent}
    run = client.create_run(experiment_id, tags=source | family | dict(tags), run_name=name)
    client.log_batch(run.info.run_id, params=[Param(key, str(value)) for key, value in parameters.items()])
    return Run(run.info.run_id, experiment_id)


def _exists(run_id: str) -> bool:
    """Whether the store holds a run that nobody deleted."""
    try:
        return bool(mlflow.get_run(run_id).info.lifecycle_stage == "active")
    except MlflowException:
        return False


def find(run_id: str) -> Run:
    """The handle of a run that is in the store.

    Raises:
        ValueError: if it is not.
    """
    connect("Default")
    if not _exists(run_id):
        raise ValueError(f"MLflow run {run_id} is not in the tracking store; train again to make a new one")
    return Run(run_id, str(mlflow.get_run(run_id).info.experiment_id))


def log_data(run: Run, name: str, digest: str, place: str, context: str) -> None:
    """Record the data set that a run used.

    Args:
        run: the run.
        name: of the data set.
        digest: of its content; MLflow keeps 36 characters.
        place: where it lies, from the repository.
        context: what it served for.
    """
    source = json.dumps({"path": place})
    found = Dataset(name=name, digest=digest[:36], source_type="local", source=source)
    used = DatasetInput(found, tags=[InputTag("mlflow.data.context", context)])
    mlflow.MlflowClient().log_inputs(run.id, datasets=[used])


def log_metrics(run: Run, metrics: Mapping[str, float], step: int = 0) -> None:
    """Record metrics in one batch; what is not a number (an undefined metric) is left out."""
    now = int(time.time() * 1000)
    known = {key: value for key, value in metrics.items() if np.isfinite(value)}
    batch = [Metric(key, float(value), now, step) for key, value in known.items()]
    mlflow.MlflowClient().log_batch(run.id, metrics=batch)


def last_step(run: Run, metric: str) -> int:
    """The last step at which `metric` was recorded; -1 if never."""
    return max((point.step for point in mlflow.MlflowClient().get_metric_history(run.id, metric)), default=-1)


def log_files(run: Run, folder: Path, place: str) -> None:
    """Record every file of `folder` as artifacts under `place`."""
    mlflow.MlflowClient().log_artifacts(run.id, str(folder), place)


def log_text(run: Run, text: str, name: str) -> None:
    """Record a text as the artifact `name`."""
    mlflow.MlflowClient().log_text(run.id, text, name)


def tag(run: Run, tags: Mapping[str, str]) -> None:
    """Set tags."""
    mlflow.MlflowClient().log_batch(run.id, tags=[RunTag(key, value) for key, value in tags.items()])


def log_model(run: Run, model: Any, example: np.ndarray, output: np.ndarray, description: Mapping[str, Any]) -> None:
    """Record a torch network with its signature.

    Args:
        run: the run that trained it.
        model: a `torch.nn.Module`, in evaluation mode, on the CPU.
        example: `(2, C, H, W)` float32 input; two, because one would fix the batch size at 1.
        output: what the network gives for it.
        description: recorded as the model's metadata, such as the names of the channels.
    """
    signature = mlflow.models.infer_signature(example, output)
    with mlflow.start_run(run_id=run.id), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # torch's on tensors that share storage, MLflow's on type hints
        mlflow.pytorch.log_model(
            model,
            name="model",
            serialization_format="pt2",
            input_example=example,
            signature=signature,
            pip_requirements=["torch", "torchvision"],
            metadata=dict(description),
        )


def finish(run: Run, status: str = "FINISHED") -> None:
    """Close the run: FINISHED, FAILED or KILLED."""
    assert RunStatus.is_terminated(RunStatus.from_string(status))
    mlflow.MlflowClient().set_terminated(run.id, status)


def runs(experiment: str) -> list[dict[str, Any]]:
    """All runs of an MLflow experiment: id, name, status, tags and metrics, the newest first."""
    found = mlflow.MlflowClient().search_runs([connect(experiment)], run_view_type=ViewType.ACTIVE_ONLY)
    return [
        {
            "id": run.info.run_id,
            "name": run.info.run_name,
            "status": run.info.status,
            "tags": run.data.tags,
            "metrics": run.data.metrics,
        }
        for run in found
    ]
