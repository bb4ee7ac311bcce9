"""Models in MLflow: saved with signature, example and requirements; found, compared and promoted by alias."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from rojsat import serving
from rojsat.tracking import recorder, store, weights
from rojsat.tracking.delivery import CHALLENGER, MlflowException, mlflow

CHAMPION = "champion"
"""Alias of the version that is believed: the best that `rojsat.promote` has been shown."""

REQUIREMENTS = {
    "frame": ("mlflow", "numpy"),
    "network": ("mlflow", "numpy", "torch"),
    "pixels": ("joblib", "mlflow", "numpy", "scikit-learn"),
    "stands": ("joblib", "mlflow", "numpy", "scikit-learn"),
}
"""What the files of `rojsat/serving` import."""

__all__ = [
    "CHALLENGER",
    "CHAMPION",
    "Uses",
    "Version",
    "at",
    "champions",
    "load",
    "of_run",
    "promote",
    "save",
    "take_back",
    "uses",
]

PROMOTED = "promoted because"
"""Tag of a version that was a champion: the sentence that says why."""

SHORT = 12
"""Characters of a digest in the tags of a run."""


@dataclass(frozen=True)
class Version:
    """One version of a registered model.

    Attributes:
        name: of the registered model.
        number: of the version.
        run: the id of the run that made it.
        deleted: why it has no weights any more; empty where it has them.
    """

    name: str
    number: str
    run: str
    deleted: str = ""


@dataclass(frozen=True)
class Uses:
    """How often a test part has been used to choose: each use makes its metrics a little better than the truth.

    Attributes:
        runs: that were evaluated on it.
        promotions: that it has decided.
    """

    runs: int
    promotions: int

    def __str__(self) -> str:
        """Both numbers, in words."""
        times = f"{self.promotions} promotion{'' if self.promotions == 1 else 's'} before"
        return f"Its test part: {self.runs} run{'' if self.runs == 1 else 's'} evaluated, {times}"


def save(
    folder: Path,
    kind: str,
    model: Path,
    settings: Mapping[str, Any],
    example: np.ndarray,
    shape: Sequence[int],
    description: Mapping[str, Any],
) -> None:
    """Save a model as MLflow does, so that `mlflow.pyfunc.load_model` needs no rojsat.

    Args:
        folder: must not exist.
        kind: frame, network, pixels or stands: `rojsat/serving/mlflow_<kind>.py` loads the model.
        model: the file that it loads.
        settings: what it reads beside, with `channels`, the C names of the inputs.
        example: `(N, C, H, W)` float32, in the channels' own units.
        shape: of what the model takes, likewise; -1 where any size will do.
        description: recorded as the model's metadata; its `classes` are those of a classifier, or none.
    """
    names, classes = list(settings["channels"]), len(description["classes"])
    plane = (-1, *shape[2:])
    result = (-1, classes) if classes else plane
    inputs: list[Any] = [mlflow.types.TensorSpec(np.dtype(np.float32), plane, name) for name in names]
    output = mlflow.types.TensorSpec(np.dtype(np.float32), result)
    schema = mlflow.types.Schema
    mlflow.pyfunc.save_model(
        folder,
        python_model=str(Path(serving.__file__).with_name(f"mlflow_{kind}.py")),
        artifacts={"model": str(model)},
        model_config=dict(settings),
        signature=mlflow.models.ModelSignature(schema(inputs), schema([output])),
        input_example={name: example[:1, number] for number, name in enumerate(names)},
        pip_requirements=[f"{package}=={version(package).partition('+')[0]}" for package in REQUIREMENTS[kind]],
        metadata=dict(description),
    )


def of_run(name: str, run: str) -> Version | None:
    """The version of the registered model `name` that a run made; None if it made none."""
    store.connect(recorder.STORE)
    versions = mlflow.MlflowClient().search_model_versions(f"name = '{name}' and run_id = '{run}'")
    return _version(versions[0]) if versions else None


def _version(version: mlflow.entities.model_registry.ModelVersion) -> Version:
    return Version(version.name, str(version.version), str(version.run_id), version.tags.get(weights.TAG, ""))


def load(version: Version) -> tuple[Callable[[Mapping[str, np.ndarray]], np.ndarray], list[str]]:
    """A model as anybody loads it: from named channels, `(N, H, W)` each, to predictions; and their names.

    Raises:
        ValueError: if its weights are deleted.
    """
    if version.deleted:
        raise ValueError(
            f"the weights of version {version.number} of {version.name} are {version.deleted}: train again"
        )
    store.connect(recorder.STORE)
    model = mlflow.pyfunc.load_model(f"models:/{version.name}/{version.number}")
    return model.predict, list(model.metadata.get_input_schema().input_names())


def at(name: str, alias: str) -> Version | None:
    """The version of the registered model `name` at an alias; None if there is none."""
    store.connect(recorder.STORE)
    try:
        version = mlflow.MlflowClient().get_model_version_by_alias(name, alias)
    except MlflowException as error:
        if error.get_http_status_code() in (400, 404):  # the model exists without the alias; neither exists
            return None
        raise
    return _version(version)


def uses(name: str, data: str, split: str) -> Uses:
    """How often the test part of a split has been used to choose.

    Args:
        name: of the registered model.
        data: digest of the chips.
        split: digest of the parts of all chips.
    """
    store.connect(recorder.STORE)
    client = mlflow.MlflowClient()
    same = f"tags.`data digest` = '{data[:SHORT]}' and tags.`split digest` = '{split[:SHORT]}'"
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    runs, token = [], None
    while token != "":
        page = client.search_runs(experiments, filter_string=same, page_token=token)
        runs += [run for run in page if any(metric.startswith("test/") for metric in run.data.metrics)]
        token = page.token or ""
    of_part = {"data digest": data, "split digest": split}
    versions = client.search_model_versions(f"name = '{name}'")
    promoted = [each for each in versions if PROMOTED in each.tags and of_part.items() <= each.tags.items()]
    return Uses(len(runs), len(promoted))


def champions() -> dict[str, Version]:
    """The champion of every registered model that has one, by its name."""
    client = store.connect(recorder.STORE)
    versions = {model.name: at(model.name, CHAMPION) for model in client.search_registered_models()}
    return {name: version for name, version in versions.items() if version is not None}


def promote(new: Version, reason: str, use: Uses, marks: Mapping[str, bool]) -> None:
    """Make a version the champion, and note why, how often its test part had been used, and what else is to be known.

    Args:
        new: the version.
        reason: the sentence that says why.
        use: of its test part.
        marks: tags of the version that are true or false.
    """
    client = mlflow.MlflowClient()
    tags = {PROMOTED: reason, "test part: runs": use.runs, "test part: promotions before": use.promotions}
    for key, value in (tags | {key: str(mark).lower() for key, mark in marks.items()}).items():
        client.set_model_version_tag(new.name, new.number, key, str(value))
    client.set_registered_model_alias(new.name, CHAMPION, new.number)


def take_back(version: Version) -> None:
    """Leave the registered model of a champion without one; the version keeps the tags that say why it was."""
    mlflow.MlflowClient().delete_registered_model_alias(version.name, CHAMPION)
