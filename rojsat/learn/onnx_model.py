"""A model in an ONNX file, fitted anywhere: one input (N, C, H, W), one output. Knows onnxruntime, no requirement.

The input is float32, the experiment's channels in its sequence and in their own units, 0 where unknown. The output is
the degree (N, 1, H, W) or (N, H, W), or scores before softmax: (N, 2, H, W) of pixels without and with need, (N, K) of
the classes.
"""

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import special

from rojsat.jobs import cores


def load(path: Path, channels: Sequence[str], outputs: int) -> Callable[[np.ndarray], np.ndarray]:
    """Open a file.

    Args:
        path: of the file.
        channels: C names of the input, in sequence.
        outputs: 1 for a degree, else how many classes.

    Returns:
        From (N, C, H, W) float32, NaN where unknown, to degrees or probabilities of need (N, H, W), or probabilities of
        the classes (N, K).

    Raises:
        ValueError: no onnxruntime, no model, or an input of another type, rank or number of channels.
    """
    session = _session(path)
    inputs = session.get_inputs()
    shape = list(inputs[0].shape) if len(inputs) == 1 else []
    if len(inputs) != 1 or inputs[0].type != "tensor(float)" or len(shape) != 4:
        shapes = ", ".join(f"{node.name} {node.type} {list(node.shape)}" for node in inputs)
        raise ValueError(f"{path.name} must have one input, float32 (N, C, H, W), but has {shapes}")
    if isinstance(shape[1], int) and shape[1] != len(channels):
        raise ValueError(
            f"{path.name} takes {shape[1]} channels, the experiment has {len(channels)}: {', '.join(channels)} "
            "(choose others by inputs.channels)"
        )
    batch = shape[0] if isinstance(shape[0], int) else None
    sides = [side for side in shape[2:] if isinstance(side, int)]

    def predict(images: np.ndarray) -> np.ndarray:
        if sides and list(images.shape[2:]) != shape[2:]:
            raise ValueError(
                f"{path.name} takes images of {shape[2]} x {shape[3]} pixels alone, the experiment has "
                f"{images.shape[2]} x {images.shape[3]}: export it with free height and width, or choose inputs.window"
            )
        filled = np.nan_to_num(images, nan=0.0).astype(np.float32)
        parts = [_run(session, inputs[0].name, part, batch) for part in _batches(filled, batch)]
        return _activated(np.concatenate(parts), outputs, path.name)

    return predict


def metadata(path: Path) -> dict[str, str]:
    """The texts that an ONNX file carries beside its network, by name.

    Raises:
        ValueError: no onnxruntime, or no model.
    """
    return dict(_session(path).get_modelmeta().custom_metadata_map)


def _session(path: Path) -> Any:
    try:
        runtime = importlib.import_module("onnxruntime")
    except ModuleNotFoundError as error:
        raise ValueError(
            f"{path.name} is an ONNX file, and the package that runs such files is missing: pip install onnxruntime"
        ) from error
    try:
        options = runtime.SessionOptions()
        options.intra_op_num_threads = cores.own() or 0  # which it does not read from the environment; 0: all
        return runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # of onnxruntime, which has one class for each way a file can be wrong
        raise ValueError(f"{path.name} cannot be read as an ONNX model: {error}") from error


def _batches(images: np.ndarray, batch: int | None) -> list[np.ndarray]:
    size = batch or len(images)
    return [images[start : start + size] for start in range(0, len(images), size)]


def _run(session: Any, name: str, images: np.ndarray, batch: int | None) -> np.ndarray:
    """What the model gives for up to `batch` images; a fixed batch is filled up with zeros."""
    missing = (batch or len(images)) - len(images)
    full = np.pad(images, [(0, missing), (0, 0), (0, 0), (0, 0)])
    return np.asarray(session.run(None, {name: full})[0])[: len(images)]


def _activated(output: np.ndarray, outputs: int, name: str) -> np.ndarray:
    """Degrees as they stand; of scores the probabilities, of pixels those of need."""
    if output.ndim == 3 and outputs == 1:
        return output
    if output.ndim in (2, 4) and output.shape[1] == outputs:
        if outputs == 1:
            return output[:, 0]
        probabilities: np.ndarray = special.softmax(output, axis=1)
        return probabilities if output.ndim == 2 else probabilities[:, 1]
    scores = f"scores (N, {outputs}) or (N, {outputs}, H, W)"
    raise ValueError(
        f"{name} gives {output.shape}, the experiment needs {'a degree (N, 1, H, W)' if outputs == 1 else scores}: "
        "choose model.outputs for what the model predicts"
    )
