"""Deletes the weights of registered models that nobody keeps; versions, tags and metrics stay."""

import logging

import mlflow
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from rojsat.config import keep_models

TAG = "weights"
"""Tag of a version and its model whose weights are deleted: the words that say why."""

_MODEL = "models:/"
"""Beginning of the source of a version that a run of rojsat made, before the id of its model."""

log = logging.getLogger(__name__)


def prune(client: mlflow.MlflowClient, name: str, keep: str) -> None:
    """Delete the weights of the versions of a registered model that `keep` does not keep; never one with an alias.

    Args:
        client: of the store.
        name: of the registered model.
        keep: a value of `tracking.keep_models`.
    """
    if keep not in (keep_models.LATEST, keep_models.ALIASED):
        return
    versions = sorted(client.search_model_versions(f"name = '{name}'"), key=lambda version: -int(version.version))
    aliased = {str(number) for number in client.get_registered_model(name).aliases.values()}
    run_names: set[str] = set()
    for version in versions:
        run_name = _run_name(client, version)
        is_kept = str(version.version) in aliased or (keep == keep_models.LATEST and run_name not in run_names)
        run_names.add(run_name)
        if not is_kept and str(version.source).startswith(_MODEL) and TAG not in version.tags:
            _delete(client, version, f"deleted (tracking.keep_models={keep})")


def _run_name(client: mlflow.MlflowClient, version: ModelVersion) -> str:
    """The name of the run that made a version; that of a run that is gone is the version's own."""
    try:
        return str(client.get_run(version.run_id or "").info.run_name)
    except MlflowException:
        return f"version {version.version}"


def _delete(client: mlflow.MlflowClient, version: ModelVersion, words: str) -> None:
    """Delete the weights of a version, and say so at it and its model; what fails is tried again after the next run."""
    model_id = str(version.source).removeprefix(_MODEL)
    try:
        model = client.get_logged_model(model_id)
        get_artifact_repository(model.artifact_location).delete_artifacts()
    except (MlflowException, NotImplementedError, OSError) as error:
        log.warning("the weights of version %s of %s are not deleted: %s", version.version, version.name, error)
        return
    client.set_model_version_tag(version.name, version.version, TAG, words)
    client.set_logged_model_tags(model_id, {TAG: words})
