"""Models that MLflow loads as functions, whoever fitted them: named channels or one array in, predictions out."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rojsat.config import foreign_models
from rojsat.tracking import recorder, store
from rojsat.tracking.delivery import MlflowException, mlflow


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
    store.connect(recorder.STORE)
    try:
        downloaded = mlflow.artifacts.download_artifacts(artifact_uri=_artifacts(address))
        foreign_models.check_place(Path(downloaded), address, recorder.STORE, trust=trust)
        model = mlflow.pyfunc.load_model(downloaded)
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


def _artifacts(address: str) -> str:
    return address if foreign_models.is_uri(address) else Path(address).resolve().as_uri()
