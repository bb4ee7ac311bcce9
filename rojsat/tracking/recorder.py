"""Records runs in MLflow: one SQLite file and its artifacts in `mlruns/`, or the server of MLFLOW_TRACKING_URI.

Knows neither torch nor figures: it takes numbers, files and folders. A server that goes away in the middle of a run
ends nothing: records that it does not accept wait in `mlruns/outbox/<run>/` and are sent later, once.
"""

import json
import logging
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rojsat.config import compose, keep_models, provenance
from rojsat.tracking import delivery, links, store, store_errors, views
from rojsat.tracking.delivery import MlflowException, mlflow
from rojsat.tracking.links import Run
from rojsat.tracking.outbox import Outbox

STORE = Path(os.environ.get("DVC_ROOT", compose.ROOT)).resolve() / "mlruns"
"""DVC runs queued experiments in a copy of the repository and names the real one in DVC_ROOT."""

PATIENCE = 30.0
"""How long the end of a run waits for a server that is away, seconds."""

LOCAL = "mlruns/mlflow.db"
"""What the local store is called where a record waits for it; a moved folder takes it along."""

WITH_IMAGES = {"mlflow.loggedImages": "True"}
"""Tags of a run that has pictures to show."""

log = logging.getLogger(__name__)


def address() -> str:
    """Where runs are recorded, without user and password; the local store by its name, wherever it lies."""
    return LOCAL if links.is_local(STORE) else compose.public(links.uri(STORE))


def connect(experiment: str) -> str:
    """Open the tracking store and make the MLflow experiment if it is new.

    Returns:
        the experiment's id.
    """
    return store.experiment(STORE, experiment)


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
        name: the run's name.
        tags: what to filter by; `clean` is `true` for a run that the first view of the table shows.
        parameters: flat; values are written as text.
        resume: the id of a run that was interrupted.
        parent: the id of the run that this one is a part of; the UI folds it in beneath.

    Raises:
        StoreError: if the store cannot be opened, or the experiment is deleted.
    """
    experiment_id = connect(experiment)
    sync()
    if resume is not None and _exists(resume):
        mlflow.MlflowClient().update_run(resume, status="RUNNING")
        return find(resume)
    return Run(_create(experiment_id, name, tags, parameters, parent), experiment_id, views.of(tags))


def _create(
    experiment_id: str, name: str, tags: Mapping[str, str], parameters: Mapping[str, Any], parent: str | None
) -> str:
    """Make a run; its id."""
    client = mlflow.MlflowClient()
    source = {"mlflow.user": provenance.user(), "mlflow.source.name": " ".join(["python", *sys.orig_argv[1:]])}
    family = {} if parent is None else {"mlflow.parentRunId": parent}
    run = client.create_run(experiment_id, tags=source | family | dict(tags), run_name=name)
    client.log_batch(
        run.info.run_id, params=[mlflow.entities.Param(key, str(value)) for key, value in parameters.items()]
    )
    return str(run.info.run_id)


def _exists(run_id: str) -> bool:
    """Whether the store holds a run that nobody deleted."""
    is_active = False
    with store_errors.in_words(STORE):
        try:
            is_active = mlflow.get_run(run_id).info.lifecycle_stage == "active"
        except MlflowException as error:
            if delivery.is_away(error):  # the run may be there all the same
                raise
    return is_active


def exists(run_id: str) -> bool:
    """Whether the store, which must open, holds a run that nobody deleted."""
    store.connect(STORE)
    return _exists(run_id)


def find(run_id: str) -> Run:
    """The handle of a run that is in the store.

    Raises:
        ValueError: if it is not.
    """
    if not exists(run_id):
        raise ValueError(f"MLflow run {run_id} is not in the tracking store; train again to make a new one")
    run = mlflow.get_run(run_id)
    return Run(run_id, str(run.info.experiment_id), views.of(run.data.tags))


def log_data(run: Run, name: str, digest: str, path: str, context: str) -> None:
    """Record the data set that a run used.

    Args:
        run: the run.
        name: of the data set.
        digest: of its content; MLflow keeps 36 characters.
        path: where it lies, from the repository.
        context: what the run uses it for.
    """
    source = json.dumps({"path": path})
    _send(run, {"kind": "data", "name": name, "digest": digest[:36], "source": source, "context": context})


def log_metrics(run: Run, metrics: Mapping[str, float], step: int = 0) -> None:
    """Record metrics in one batch, in the background; what is not a number (an undefined metric) is left out."""
    now = int(time.time() * 1000)  # milliseconds, as MLflow counts
    points = [(key, float(value), now, step) for key, value in metrics.items() if np.isfinite(value)]
    _post(run, {"kind": "metrics", "metrics": points})


def last_step(run: Run, metric: str) -> int:
    """The last step at which `metric` was recorded; -1 if never."""
    return max((point.step for point in mlflow.MlflowClient().get_metric_history(run.id, metric)), default=-1)


def log_files(run: Run, folder: Path, path: str) -> None:
    """Record every file of `folder` as artifacts under `path`, at the top if that is empty."""
    _send(run, {"kind": "files", "place": path}, folder)


def log_text(run: Run, text: str, name: str) -> None:
    """Record a text as the artifact `name`."""
    path, _, file = name.rpartition("/")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / file).write_text(text)
        log_files(run, Path(folder), path)


def log_image(run: Run, pixels: np.ndarray, key: str, step: int) -> None:
    """Record a picture, in the background; the UI gives the pictures of one key a slider over the steps.

    Args:
        run: the run; the UI looks for pictures in those that started with the tags `WITH_IMAGES`.
        pixels: `(H, W, 3)` uint8.
        key: what it shows, `val/prediction`.
        step: the epoch; a second picture of one step replaces the first.
    """
    # the names that MLflow's own `log_image` gives, with nothing random in them
    name = f"{key.replace('/', '~')}+step+{step}+timestamp+{step}+{uuid.uuid5(uuid.UUID(run.id), f'{key}/{step}')}"
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / delivery.PIXELS, pixels)
        _post(run, {"kind": "image", "name": name}, Path(folder))


def log_model(
    run: Run, folder: Path, register: str, tags: Mapping[str, str], about: str = "", *, keep: str = keep_models.ALL
) -> None:
    """Record a model that `registry.save` wrote: a new version of `register`, described by `about`; see `weights`."""
    record = {"kind": "model", "experiment": run.experiment_id, "register": register, "tags": dict(tags), "keep": keep}
    _send(run, record | {"description": about}, folder)


def tag(run: Run, tags: Mapping[str, str]) -> None:
    """Set tags."""
    _send(run, {"kind": "tags", "tags": dict(tags)})


def finish(run: Run, status: str = "FINISHED") -> None:
    """Close the run: FINISHED, FAILED or KILLED. If its server is away, wait `PATIENCE`, a killed run not at all."""
    assert status in ("FINISHED", "FAILED", "KILLED")
    _send(run, {"kind": "finish", "status": status, "end": int(time.time() * 1000)})
    box, end = _outbox(run.id), time.monotonic() + (0 if status == "KILLED" else PATIENCE)
    while box.waiting() and time.monotonic() < end:
        time.sleep(1)
        delivery.drain(box, pause=0)
    if count := len(box.waiting()):
        log.warning("%s takes nothing now: %d records wait; `python -m rojsat.sync` sends them", address(), count)


def _outbox(run_id: str) -> Outbox:
    return Outbox(STORE / "outbox" / run_id)


def _send(run: Run, record: dict[str, Any], files: Path | None = None) -> None:
    delivery.send(_outbox(run.id), record | {"address": address()}, files)


def _post(run: Run, record: dict[str, Any], files: Path | None = None) -> None:
    delivery.post(_outbox(run.id), record | {"address": address()}, files)


def waiting() -> dict[str, tuple[str, int]]:
    """The runs of which something waits: where it is to go, and how many records."""
    boxes = [Outbox(folder) for folder in sorted((STORE / "outbox").glob("[0-9a-f]*"))]
    return {box.folder.name: (box.address(), len(box.waiting())) for box in boxes if box.waiting()}


def sync() -> bool:
    """Send what waits for this server; whether all of it could be sent."""
    if not waiting():
        return True
    store.connect(STORE)
    own_runs = [run for run, (server, _) in waiting().items() if server == address()]
    sent = [delivery.catch_up(_outbox(run)) for run in own_runs]  # all are tried, whatever the first says
    return all(sent)


def runs(experiment: str) -> list[dict[str, Any]]:
    """All runs of an MLflow experiment: id, name, status, tags and metrics, the newest first."""
    experiment_id = connect(experiment)  # first: a client keeps the store that it was made for
    stored_runs = mlflow.MlflowClient().search_runs([experiment_id], run_view_type=mlflow.entities.ViewType.ACTIVE_ONLY)
    return [
        {
            "id": run.info.run_id,
            "name": run.info.run_name,
            "status": run.info.status,
            "tags": run.data.tags,
            "metrics": run.data.metrics,
        }
        for run in stored_runs
    ]
