"""Whether an ONNX file predicts what its network does: both are run on the same images. Knows torch and onnxruntime."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rojsat.maps import portable_graph

TOLERANCE = 1e-4
"""The most by which a degree may differ."""

Predict = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""(N, P, H, W) in the planes' own units, NaN where unknown, to degrees (N, H, W)."""


@dataclass(frozen=True)
class Parity:
    """How far two ways to run a network are apart.

    Attributes:
        difference: of degrees, the largest.
        sizes: number, height and width of the images.
    """

    difference: float
    sizes: tuple[tuple[int, int, int], ...]

    def __str__(self) -> str:
        """In words."""
        sizes = ", ".join(f"{count} of {height} x {width}" for count, height, width in self.sizes)
        return f"at most {self.difference:.1g} from torch's degrees, on images of {sizes} pixels"


def sizes(shape: Sequence[int], smallest: int, side: int | None) -> tuple[tuple[int, int, int], ...]:
    """Number, height and width of images that tell: those of training, odd ones, oblong ones, one and several.

    Args:
        shape: height and width of images as in training.
        smallest: height and width that the network takes, pixels.
        side: the only one that the file takes; None: any.
    """
    if side is not None:
        return ((1, side, side), (3, side, side))
    height, width = (max(length, smallest) for length in shape)
    odd = smallest + 1 - smallest % 2
    return ((1, height, width), (3, odd, odd + 14), (2, odd + 30, odd + 4))


def of_program(program: torch.export.ExportedProgram) -> Predict:
    """The network, by torch."""
    module = program.module()

    def predict(images: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.no_grad():
            return np.asarray(module(torch.from_numpy(images)).numpy())

    return predict


def of_file(path: Path) -> Predict:
    """An ONNX file of `rojsat export`, by its runtime; it refuses images of a size that the file does not take.

    Raises:
        ValueError: if the runtime is missing.
    """
    runtime: Any = portable_graph.package("onnxruntime")
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    sides = session.get_inputs()[0].shape[2:]

    def predict(images: NDArray[np.float32]) -> NDArray[np.float32]:
        if isinstance(sides[0], int) and list(images.shape[2:]) != sides:
            raise ValueError(
                f"{path.name} takes images of {sides[0]} x {sides[1]} pixels alone, these have {images.shape[2]} x "
                f"{images.shape[3]}: export it with tile=free"
            )
        given = images.astype(np.float32, copy=False)
        return np.asarray(session.run([portable_graph.OUTPUT], {portable_graph.INPUT: given})[0][:, 0])

    return predict


def check(
    expected: Predict,
    predict: Predict,
    example: NDArray[np.float32],
    spread: NDArray[np.float32],
    chosen: Sequence[tuple[int, int, int]],
) -> Parity:
    """Compare two ways to run a network.

    Args:
        expected: the network.
        predict: the file.
        example: (1, P, h, w) in the planes' own units, an image as of training.
        spread: P deviations of the noise that is added to it.
        chosen: number, height and width of the images to try.

    Raises:
        ValueError: if they differ by more than `TOLERANCE`, or in which pixels have a degree.
    """
    largest = 0.0
    for images in _images(example, spread, chosen):
        right, degrees = expected(images), predict(images)
        if right.shape != degrees.shape or (np.isnan(right) != np.isnan(degrees)).any():
            raise ValueError(f"the ONNX file gives other pixels a degree than torch, on images {images.shape}")
        largest = max(largest, float(np.nanmax(np.abs(right - degrees), initial=0.0)))
        if largest > TOLERANCE:
            raise ValueError(
                f"the ONNX file gives degrees that differ by {largest:.2g} from torch's on images {images.shape}; "
                f"allowed are {TOLERANCE:g}. Use the model by `rojsat predict` or MLflow"
            )
    return Parity(largest, tuple(chosen))


def _images(
    example: NDArray[np.float32], spread: NDArray[np.float32], chosen: Sequence[tuple[int, int, int]]
) -> Iterator[NDArray[np.float32]]:
    """Images of each size: the example repeated, with noise of every channel, and with unknown pixels and channels."""
    rng = np.random.default_rng(0)
    for count, height, width in chosen:
        reach = [(0, max(0, side - length)) for side, length in zip((height, width), example.shape[2:], strict=True)]
        image = np.pad(example, [(0, 0), (0, 0), *reach], mode="wrap")[:, :, :height, :width]
        noise = rng.standard_normal((count, *image.shape[1:])).astype(np.float32) * spread[:, None, None]
        images = (image + noise).astype(np.float32)
        images[:, :, : height // 3, : width // 3] = np.nan
        images[:, rng.integers(len(spread)), height // 2] = np.nan
        yield images
