"""Opens the tracking store: one SQLite file and its artifacts in a folder, or the server of MLFLOW_TRACKING_URI."""

from pathlib import Path

from filelock import FileLock

from rojsat.tracking import links, relocation, store_errors, views
from rojsat.tracking.delivery import mlflow


def connect(folder: Path) -> mlflow.MlflowClient:
    """Open the store; the local one is made if it is new, and made to look for its files where it lies.

    Args:
        folder: of the local store, absolute.

    Raises:
        StoreError: if it cannot be opened.
    """
    store_errors.check(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with (
        store_errors.in_words(folder),
        FileLock(folder / ".lock"),
    ):  # two processes that create the database at once ruin it
        is_local, is_new = links.is_local(folder), not (folder / relocation.DATABASE).exists()
        if is_local:
            relocation.relocate(folder)
        mlflow.set_tracking_uri(links.uri(folder))
        client = mlflow.MlflowClient()
        if is_local and is_new:
            _forget_default(client)
    return client


def _forget_default(client: mlflow.MlflowClient) -> None:
    """Delete the empty experiment that MLflow puts into every new store."""
    default = client.get_experiment_by_name("Default")
    if default is not None and not client.search_runs([default.experiment_id], max_results=1):
        client.delete_experiment(default.experiment_id)


def experiment(folder: Path, name: str) -> str:
    """The id of an MLflow experiment, made if it is new, with the views of its table.

    Args:
        folder: of the local store, absolute.
        name: of the experiment.

    Raises:
        StoreError: if the store cannot be opened, or the experiment is deleted.
    """
    client = connect(folder)
    with store_errors.in_words(folder), FileLock(folder / ".lock"):
        existing, wanted = client.get_experiment_by_name(name), views.tags(name)
        if existing is not None and existing.lifecycle_stage == "deleted":
            raise store_errors.deleted(folder, name, existing.experiment_id)
        if existing is None:
            place = None if links.uri(folder).startswith("http") else relocation.location(folder, name)
            existing = client.get_experiment(client.create_experiment(name, artifact_location=place))
            if wanted:
                wanted |= {"mlflow.note.content": links.description(existing.experiment_id)}
        for key, value in wanted.items() - existing.tags.items():
            client.set_experiment_tag(existing.experiment_id, key, value)
    return str(existing.experiment_id)
