"""A model that was fitted elsewhere, evaluated on the test part of an experiment. Knows neither MLflow nor ONNX."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rojsat.chips.reader import Chips
from rojsat.config.schema import Experiment
from rojsat.learn import assembly, inference, without_image
from rojsat.learn.data import perturbations, tiles
from rojsat.learn.data.preparation import Prepared
from rojsat.learn.inference import Evaluation

Predict = Callable[[np.ndarray], np.ndarray]
"""(N, C, H, W) float32 in the channels' own units, NaN where unknown, to (N, H, W) or (N, K)."""


@dataclass(frozen=True)
class ForeignEvaluation:
    """A model from elsewhere on one split.

    Attributes:
        data: the samples of the experiment.
        test: of the model.
        without_image: of predictors without an image, fitted to the training part, on the test part, by name.
    """

    data: Prepared
    test: Evaluation
    without_image: dict[str, Evaluation]


def try_out(predict: Predict, experiment: Experiment, chips: Chips) -> None:
    """Refuse a model whose predictions are of another shape than the experiment needs, before anything long starts.

    Raises:
        ValueError: of another shape.
    """
    source = assembly.source(experiment, chips)
    arrays = source.read(source.role)
    images = np.where(arrays.seen[:2, None], arrays.images[:2], np.float32("nan"))
    if source.window:
        images = images[..., : source.window, : source.window]
    _checked(predict, experiment)(images)


def evaluate(predict: Predict, experiment: Experiment, chips: Chips) -> ForeignEvaluation:
    """Predict and evaluate the test part, beside predictors without an image.

    Raises:
        ValueError: for a split or an experiment that cannot be, or predictions of another shape.
        rojsat.chips.audit.LeakError: if the split claims regions that are not trained on, and leaks.
    """
    data, metrics, outputs = (
        assembly.prepared(experiment, chips, can_stream=False),
        assembly.metrics(experiment),
        experiment.model.outputs,
    )
    checked, size = _checked(predict, experiment), experiment.train.batch_size
    samples = perturbations.in_boxes(data.in_own_units("test"))
    predictions = tiles.predict(samples, lambda images: checked(images.numpy()), batch_size=size)
    return ForeignEvaluation(
        data,
        inference.evaluate(predictions, data.samples["test"], metrics()),
        without_image.evaluate(data, "test", outputs=outputs, metrics=metrics),
    )


def _checked(predict: Predict, experiment: Experiment) -> Predict:
    """The model, whose predictions are refused where they have another shape."""
    classes = experiment.model.outputs if experiment.task == "classification" else 0

    def checked(images: np.ndarray) -> np.ndarray:
        predictions = predict(images)
        expected = (len(images), classes) if classes else (len(images), *images.shape[2:])
        if predictions.shape != expected:
            raise ValueError(
                f"the model gives {predictions.shape} for images {images.shape}; {experiment.task} needs {expected}"
            )
        return predictions.astype(np.float32)

    return checked
