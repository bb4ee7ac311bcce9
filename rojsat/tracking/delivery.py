"""Brings one record of a run to MLflow. Every record can be brought twice and counts once.

A record is plain JSON, with a folder of files where it has some, so that it can wait on disk; see
`rojsat.tracking.outbox`.
"""

import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")  # it has one for every file
# What a server does not take waits on disk, so training need not: 1 s + 2 s, where MLflow's own patience is minutes.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "1")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")

import mlflow
import requests
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelOutput,
    Metric,
    RunTag,
)
from mlflow.exceptions import MlflowException

from rojsat.tracking.outbox import Outbox

for _chatty in ("alembic", "mlflow"):
    logging.getLogger(_chatty).setLevel(logging.WARNING)
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)  # warns of each retry

log = logging.getLogger(__name__)

PAUSE = 10.0
"""A server that was away is not asked again before so many seconds have passed: an epoch may be shorter."""

CHALLENGER = "challenger"
"""Alias of the newest version of a registered model."""


def is_away(error: BaseException) -> bool:
    """Whether the error says that the server is away or overloaded, so that trying later helps."""
    if isinstance(error, MlflowException):
        status = int(error.get_http_status_code())
        return status >= 500 or status == 429  # 429: too many requests
    return isinstance(error, (ConnectionError, TimeoutError, requests.RequestException))


def send(box: Outbox, record: Mapping[str, Any], files: Path | None = None) -> None:
    """Bring a record of the run that the queue `box` is named after, behind those that wait; or let it wait too."""
    if box.waiting() and (box.idle() < PAUSE or not drain(box)):
        box.put(record, files)
        return
    try:
        deliver(box.folder.name, record, files or Path())
    except Exception as error:
        if not is_away(error):
            raise
        log.warning("the tracking server does not answer, what is recorded waits in %s: %s", box.folder, error)
        box.put(record, files)


def drain(box: Outbox) -> bool:
    """Bring what waits; whether all could be brought."""
    try:
        box.drain(lambda record, files: deliver(box.folder.name, record, files))
    except Exception as error:
        if not is_away(error):
            raise
        return False
    return True


def deliver(run: str, record: Mapping[str, Any], files: Path) -> None:
    """Bring the record of a run to MLflow.

    Args:
        run: its id.
        record: `kind`, a key of `KINDS`, and what that needs.
        files: the folder of its files; need not exist where the kind has none.

    Raises:
        MlflowException, OSError: what MLflow raises; see `is_away`.
    """
    KINDS[record["kind"]](mlflow.MlflowClient(), run, record, files)


def _metrics(client: mlflow.MlflowClient, run: str, record: Mapping[str, Any], files: Path) -> None:  # noqa: ARG001
    """`metrics`: key, value, timestamp, step of each. The store drops a point that it has already."""
    client.log_batch(run, metrics=[Metric(*point) for point in record["metrics"]])


def _tags(client: mlflow.MlflowClient, run: str, record: Mapping[str, Any], files: Path) -> None:  # noqa: ARG001
    """`tags` by name."""
    client.log_batch(run, tags=[RunTag(key, value) for key, value in record["tags"].items()])


def _data(client: mlflow.MlflowClient, run: str, record: Mapping[str, Any], files: Path) -> None:  # noqa: ARG001
    """`name`, `digest`, `source` and `context` of a data set."""
    found = Dataset(record["name"], record["digest"], source_type="local", source=record["source"])
    used = DatasetInput(found, tags=[InputTag("mlflow.data.context", record["context"])])
    client.log_inputs(run, datasets=[used])


def _files(client: mlflow.MlflowClient, run: str, record: Mapping[str, Any], files: Path) -> None:
    """All files, as artifacts under `place`."""
    client.log_artifacts(run, str(files), record["place"] or None)


def _finish(client: mlflow.MlflowClient, run: str, record: Mapping[str, Any], files: Path) -> None:  # noqa: ARG001
    """`status` and `end`, milliseconds."""
    client.set_terminated(run, record["status"], record["end"])


def _model(client: mlflow.MlflowClient, run: str, record: Mapping[str, Any], files: Path) -> None:
    """A saved model: uploaded, tied to its run, registered as a version of `register` with `tags`, the challenger."""
    there = client.search_logged_models([record["experiment"]], filter_string=f"source_run_id = '{run}'")
    model = there[0] if there else client.create_logged_model(record["experiment"], "model", run, record["tags"])
    if model.status.name != "READY":
        client.log_model_artifacts(model.model_id, str(files))
        client.log_outputs(run, [LoggedModelOutput(model.model_id, step=0)])
        client.finalize_logged_model(model.model_id, "READY")
    name = record["register"]
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    found = client.search_model_versions(f"name = '{name}' and run_id = '{run}'")
    source, model_id, tags = f"models:/{model.model_id}", model.model_id, record["tags"]
    version = found[0] if found else client.create_model_version(name, source, run, tags, model_id=model_id)
    client.set_registered_model_alias(name, CHALLENGER, version.version)


KINDS: dict[str, Callable[[mlflow.MlflowClient, str, Mapping[str, Any], Path], None]] = {
    "data": _data,
    "files": _files,
    "finish": _finish,
    "metrics": _metrics,
    "model": _model,
    "tags": _tags,
}
