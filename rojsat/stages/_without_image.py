"""What a run's `summary.json` says of predictors without an image."""

from collections.abc import Mapping
from typing import Any

from rojsat.evaluation import gain
from rojsat.evaluation.report_files import Predictions
from rojsat.learn.inference import Evaluation

Evaluations = Mapping[str, Evaluation]
"""By the name of the predictor."""


def summary(test: Evaluation, without_image: Mapping[str, Evaluations], task: str) -> dict[str, Any]:
    """The keys `without_image`, `without_image_val`, `best_without_image`, `gain` and `beats`.

    Args:
        test: of the run.
        without_image: evaluations of the predictors by part, val and test.
        task: of the experiment.
    """
    metrics = {part: _metrics(evaluations) for part, evaluations in without_image.items()}
    best = gain.best(metrics["test"], gain.metric(task, test.metrics))
    other = without_image["test"][best]
    compared = gain.gain(predictions(test), predictions(other), test.metrics, other.metrics, best)
    return {
        "without_image": metrics["test"],
        "without_image_val": metrics["val"],
        "best_without_image": best,
        "gain": compared.content(),
        "beats": compared.beats,
    }


def _metrics(evaluations: Evaluations) -> dict[str, dict[str, float]]:
    return {name: evaluation.metrics for name, evaluation in evaluations.items()}


def predictions(evaluation: Evaluation) -> Predictions:
    """An evaluation as the files of a report hold it."""
    return Predictions(evaluation.rows, evaluation.predictions, evaluation.targets, evaluation.known, evaluation.seen)
