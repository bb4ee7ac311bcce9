"""Sends one record of a run to MLflow. Every record can be sent twice and counts once.

A record is plain JSON, with a folder of files where it has some, so that it can wait on disk; see
`rojsat.tracking.outbox`.
"""

import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")  # it has one for every file
# What a server does not take waits on disk, so training need not: 1 s + 2 s, where MLflow's own patience is minutes.
RETRIES = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"
os.environ.setdefault(RETRIES, "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "1")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")

import mlflow
import numpy as np
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
from PIL import Image

from rojsat.config import keep_models
from rojsat.tracking import weights
from rojsat.tracking.outbox import Outbox

for _chatty in ("alembic", "mlflow"):
    logging.getLogger(_chatty).setLevel(logging.WARNING)
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)  # warns of each retry

log = logging.getLogger(__name__)

PIXELS = "pixels.npy"
"""File of a record of kind `image`: `(H, W, 3)` uint8."""

PAUSE = 10.0
"""A server that was away is not asked again before so many seconds have passed: an epoch may be shorter."""

_POSTMAN = ThreadPoolExecutor(1, "tracking")
"""Sends what is posted; the interpreter waits for it before it ends."""

_POSTED: dict[Path, Future[bool]] = {}
"""The last that was posted, by the folder of its queue."""

CHALLENGER = "challenger"
"""Alias of the newest version of a registered model."""

REGISTERED = (
    "Models of one data set and task. `champion`: promoted by `rojsat promote`; `challenger`: the newest. "
    "Tags of a version say where it was tested, whether it leaks, and what predictors without an image have there."
)
"""Description of a registered model, Markdown."""


def is_away(error: BaseException) -> bool:
    """Whether the error says that the server is away or overloaded, so that trying later helps."""
    if isinstance(error, MlflowException):
        status = int(error.get_http_status_code())
        return status >= 500 or status == 429  # 429: too many requests
    return isinstance(error, (ConnectionError, TimeoutError, requests.RequestException))


def send(box: Outbox, record: Mapping[str, Any], files: Path | None = None) -> None:
    """Send a record of the run that the queue `box` is named after, behind those that wait; or let it wait too."""
    if box.waiting() and not drain(box):
        box.put(record, files)
        return
    try:
        deliver(box.folder.name, record, files or Path())
    except Exception as error:
        if not is_away(error):
            raise
        log.warning("the tracking server takes nothing now, what is recorded waits in %s: %s", box.folder, error)
        box.put(record, files)
        box.failed()


def post(box: Outbox, record: Mapping[str, Any], files: Path | None = None) -> None:
    """Put a record into the queue `box`, and have it sent while the caller goes on; on disk it outlives a kill.

    Raises:
        MlflowException, OSError: what an earlier record of the queue met with, unless that will pass.
    """
    before = _POSTED.get(box.folder)
    if before is not None and before.done():
        before.result()
    box.put(record, files)
    _POSTED[box.folder] = _POSTMAN.submit(drain, box)


def drain(box: Outbox, pause: float | None = None) -> bool:
    """Send what waits; whether all could be sent.

    Args:
        box: the queue.
        pause: seconds that must have passed since it was last tried in vain; `PAUSE` by default.
    """
    if box.idle() < (PAUSE if pause is None else pause):
        return False
    try:
        box.drain(lambda record, files: deliver(box.folder.name, record, files))
    except Exception as error:
        if not is_away(error):
            raise
        return False
    return True


def catch_up(box: Outbox) -> bool:
    """Send what waits, now; whether all could be sent. What is refused for good hinders no other run."""
    try:
        return drain(box, pause=0)
    except MlflowException as error:
        log.warning(
            "run %s takes no more (%s); `rm -r %s` forgets what waits of it", box.folder.name, error, box.folder
        )
        return False


def deliver(run: str, record: Mapping[str, Any], files: Path) -> None:
    """Send the record of a run to MLflow.

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
    data_set = Dataset(record["name"], record["digest"], source_type="local", source=record["source"])
    used = DatasetInput(data_set, tags=[InputTag("mlflow.data.context", record["context"])])
    client.log_inputs(run, datasets=[used])


def _files(client: mlflow.MlflowClient, run: str, record: Mapping[str, Any], files: Path) -> None:
    """All files, as artifacts under `place`."""
    client.log_artifacts(run, str(files), record["place"] or None)


def _image(client: mlflow.MlflowClient, run: str, record: Mapping[str, Any], files: Path) -> None:
    """The picture of `PIXELS`, as MLflow's own `log_image` names and keeps it: large under `name`, and small."""
    picture = Image.fromarray(np.load(files / PIXELS))
    with tempfile.TemporaryDirectory() as folder:
        picture.save(Path(folder) / f"{record['name']}.png", compress_level=1)
        picture.save(Path(folder) / f"{record['name']}+compressed.webp", method=0)
        client.log_artifacts(run, folder, "images")


def _finish(client: mlflow.MlflowClient, run: str, record: Mapping[str, Any], files: Path) -> None:  # noqa: ARG001
    """`status` and `end`, milliseconds."""
    client.set_terminated(run, record["status"], record["end"])


@contextmanager
def _tried_once() -> Iterator[None]:
    """Have no request sent again by MLflow itself: where only the reply was lost, that makes two, or an error."""
    before = os.environ[RETRIES]
    os.environ[RETRIES] = "0"
    try:
        yield
    finally:
        os.environ[RETRIES] = before


@_tried_once()
def _model(client: mlflow.MlflowClient, run: str, record: Mapping[str, Any], files: Path) -> None:
    """A saved model: uploaded, tied to its run, registered as a version of `register`, the challenger.

    `tags` and `description` are those of the version. Weights of older versions that `keep` does not keep are deleted.
    """
    models = client.search_logged_models([record["experiment"]], filter_string=f"source_run_id = '{run}'")
    model = models[0] if models else client.create_logged_model(record["experiment"], "model", run, record["tags"])
    if model.status.name != "READY":
        client.log_model_artifacts(model.model_id, str(files))
        outputs = client.get_run(run).outputs
        if model.model_id not in [output.model_id for output in (outputs.model_outputs if outputs else [])]:
            client.log_outputs(run, [LoggedModelOutput(model.model_id, step=0)])
        client.finalize_logged_model(model.model_id, "READY")
    name = record["register"]
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name, description=REGISTERED)
    versions = client.search_model_versions(f"name = '{name}' and run_id = '{run}'")
    source, model_id, tags = f"models:/{model.model_id}", model.model_id, record["tags"]
    about = record.get("description", "")  # a record that waits since 0.1.0 has none
    version = (
        versions[0]
        if versions
        else client.create_model_version(name, source, run, tags, description=about, model_id=model_id)
    )
    client.set_registered_model_alias(name, CHALLENGER, version.version)
    weights.prune(client, name, record.get("keep", keep_models.ALL))


KINDS: dict[str, Callable[[mlflow.MlflowClient, str, Mapping[str, Any], Path], None]] = {
    "data": _data,
    "files": _files,
    "finish": _finish,
    "image": _image,
    "metrics": _metrics,
    "model": _model,
    "tags": _tags,
}
