"""Models that MLflow loads as functions, whoever fitted them: named channels or one array in, predictions out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rojsat.config import foreign_models
from rojsat.tracking import recorder, store
from rojsat.tracking.delivery import MlflowException, mlflow


@dataclass(frozen=True)
class SavedModel:
    """The files of a model that `registry.save` wrote; nothing of their code has been run.

    Attributes:
        kind: which of `rojsat/serving/mlflow_<kind>.py` loads it; empty where it is none of these.
        file: that it loads.
        settings: what it reads beside.
        example: (1, C, H, W) float32 in the channels' own units; None without.
        run: the id of the run that made it; None of a model that no run recorded.
    """

    kind: str
    file: Path
    settings: Mapping[str, Any]
    example: np.ndarray | None
    run: str | None


def files(address: str, channels: Sequence[str], *, trust: bool) -> SavedModel:
    """Fetch a model's files.

    Args:
        address: a folder or URI.
        channels: C names of its input, in sequence.
        trust: whether to take a model that lies outside the project's own store.

    Raises:
        ConfigError: a model from elsewhere that is not trusted.
        ValueError: if MLflow has no such model.
    """
    folder = _download(address, trust=trust)
    model = mlflow.models.Model.load(str(folder))
    flavour = model.flavors.get("python_function", {})
    artifacts = flavour.get("artifacts", {})
    planes: Any = model.load_input_example(str(folder))
    is_named = isinstance(planes, dict) and set(channels) <= set(planes)
    return SavedModel(
        Path(flavour.get("model_code_path", "")).stem.removeprefix("mlflow_"),
        folder / artifacts["model"]["path"] if "model" in artifacts else folder,
        flavour.get("config") or {},
        np.stack([planes[name] for name in channels], axis=1).astype(np.float32) if is_named else None,
        model.run_id,
    )


def identity(address: str) -> str:
    """What tells the model at an address from others that stood there before, or will.

    Raises:
        ValueError: if MLflow has no such model.
    """
    store.connect(recorder.STORE)
    try:
        return str(mlflow.models.get_model_info(address).model_uuid)
    except (MlflowException, OSError) as error:
        raise ValueError(f"MLflow has no model at {address}: {error}") from error


def metadata(address: str) -> dict[str, Any]:
    """What a model says of itself, as it was saved; nothing of its code is run.

    Raises:
        ValueError: if MLflow has no such model.
    """
    store.connect(recorder.STORE)
    try:
        return dict(mlflow.models.get_model_info(address).metadata or {})
    except (MlflowException, OSError) as error:
        raise ValueError(f"MLflow has no model at {address}: {error}") from error


def load(address: str, channels: Sequence[str], *, trust: bool) -> Callable[[np.ndarray], np.ndarray]:
    """Load a model as anybody does.

    Args:
        address: a folder or URI.
        channels: C names of its input, in sequence.
        trust: whether to run the code of a model that lies outside the project's own store.

    Returns:
        From (N, C, H, W) float32 in the channels' own units, NaN where unknown, to what the model gives. It gets an
        array (N, H, W) for each channel by its name, or one array where its signature has one input without a name.

    Raises:
        ConfigError: a model from elsewhere that is not trusted; nothing of it is run.
        ValueError: no model, none with a signature of arrays, or one for other channels.
    """
    folder = _download(address, trust=trust)
    try:
        model = mlflow.pyfunc.load_model(str(folder))
    except (MlflowException, ImportError, OSError) as error:
        raise ValueError(f"the MLflow model {address} cannot be loaded: {error}") from error
    schema = model.metadata.get_input_schema()
    if schema is None or not schema.is_tensor_spec():
        raise ValueError(
            f"the MLflow model {address} has no signature of arrays: save it with one (N, H, W) float32 for each "
            "channel by its name, or with one (N, C, H, W) without a name"
        )
    names, shapes = (
        list(schema.input_names()) if schema.has_input_names() else [],
        [each.shape for each in schema.inputs],
    )
    if not names and len(shapes[0]) == 4 and shapes[0][1] in (-1, len(channels)):
        return lambda images: np.asarray(model.predict(images))
    if not names:
        raise ValueError(
            f"the MLflow model {address} takes {shapes[0]}, the experiment has {len(channels)} channels: "
            f"(-1, {len(channels)}, -1, -1)"
        )
    if set(names) != set(channels) or any(len(shape) != 3 for shape in shapes):
        raise ValueError(
            f"the MLflow model {address} takes {', '.join(names)} {shapes[0]}, the experiment has "
            f"{', '.join(channels)} (-1, -1, -1): choose its channels by inputs.channels"
        )
    return lambda images: np.asarray(model.predict({name: images[:, number] for number, name in enumerate(channels)}))


def _download(address: str, *, trust: bool) -> Path:
    store.connect(recorder.STORE)
    try:
        folder = Path(mlflow.artifacts.download_artifacts(artifact_uri=_artifacts(address)))
    except (MlflowException, OSError) as error:
        raise ValueError(f"the MLflow model {address} cannot be loaded: {error}") from error
    foreign_models.check_place(folder, address, recorder.STORE, trust=trust)
    return folder


def _artifacts(address: str) -> str:
    return address if foreign_models.is_uri(address) else Path(address).resolve().as_uri()
