"""What a run's `summary.json` says of predictors without an image."""

from collections.abc import Mapping
from typing import Any

from rojsat.evaluation import gain
from rojsat.evaluation.report_files import Predictions
from rojsat.learn.inference import Evaluation

Evaluations = Mapping[str, Evaluation]
"""By the name of the predictor."""


def summary(test: Evaluation, without_image: Evaluations, task: str, threshold: float) -> dict[str, Any]:
    """The keys `without_image`, `best_without_image`, `gain` and `beats`.

    Args:
        test: of the run.
        without_image: evaluations of the predictors on the same part.
        task: of the experiment.
        threshold: above which a pixel counts as predicted need, [0, 1].
    """
    metrics = {name: evaluation.metrics for name, evaluation in without_image.items()}
    best = gain.best(metrics, gain.metric(task, test.metrics))
    other = without_image[best]
    compared = gain.gain(predictions(test), predictions(other), test.metrics, other.metrics, best, threshold=threshold)
    return {
        "without_image": metrics,
        "best_without_image": best,
        "gain": compared.content(),
        "beats": compared.beats,
    }


def predictions(evaluation: Evaluation) -> Predictions:
    """An evaluation as the files of a report hold it."""
    return Predictions(evaluation.rows, evaluation.predictions, evaluation.targets, evaluation.known, evaluation.seen)
