"""What predictors that see no image reach on the parts of an experiment: every number of a model stands beside it."""

from collections.abc import Callable

import numpy as np

from rojsat.config import lookup
from rojsat.evaluation.metrics import Accumulator
from rojsat.learn import inference
from rojsat.learn.data.preparation import Prepared
from rojsat.learn.inference import Evaluation
from rojsat.learn.learners import frame
from rojsat.learn.models import frames
from rojsat.learn.models.frame_table import Frames, FrameTable

PREDICTORS = {"segmentation": ("constant", "all_need", "position"), "classification": ("constant", "box_size")}
"""Modules of `rojsat.learn.models.frames` that every run of a task stands beside."""


def evaluate(data: Prepared, part: str, *, outputs: int, metrics: Callable[[], Accumulator]) -> dict[str, Evaluation]:
    """Fit every predictor to the training part, and evaluate it on another.

    Training samples of another role (`inputs.negatives`) are left out: they would only make the predictors worse.

    Args:
        data: of the experiment.
        part: train, val or test.
        outputs: see `FrameLearner`.
        metrics: makes an empty accumulator.

    Returns:
        Evaluations by the name of the predictor.

    Raises:
        ValueError: if nothing of the training part is known.
    """
    train, samples, task = data.samples["train"], data.samples[part], data.source.task
    all_frames = frame.frames(train, outputs)
    is_own = (train.rows["role"] == data.source.role).to_numpy()
    own = Frames(all_frames.sizes[is_own], all_frames.targets[is_own], all_frames.known[is_own])
    evaluations = {}
    for name in PREDICTORS[task]:
        table: FrameTable = lookup.module(frames, name, "model").build(outputs, task=task)(own)
        predictions: np.ndarray = table.predict(frame.sizes(samples), *samples.seen.shape[1:])
        evaluations[name] = inference.evaluate(predictions, samples, metrics())
    return evaluations
