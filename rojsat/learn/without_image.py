"""What predictors that see no image reach on the parts of an experiment: every number of a model stands beside it."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from rojsat.chips import boxes
from rojsat.config import lookup
from rojsat.evaluation.metrics import Accumulator
from rojsat.learn import harvest_predictor, inference
from rojsat.learn.data.preparation import Prepared
from rojsat.learn.data.samples import Samples
from rojsat.learn.inference import Evaluation
from rojsat.learn.learners import frame
from rojsat.learn.models import frames
from rojsat.learn.models.frame_table import Frames, FrameTable
from rojsat.learn.models.frames import position

PREDICTORS = {"segmentation": ("constant", "all_need", "position"), "classification": ("constant", "box_size")}
"""Modules of `rojsat.learn.models.frames` that every run of a task stands beside."""

YEAR = "year"
"""The predictor by the year of the image alone, where training has images of several years."""

BOX_POSITION = "box_position"
"""The predictor by the place in the box where frames are windows."""


def evaluate(data: Prepared, part: str, *, outputs: int, metrics: Callable[[], Accumulator]) -> dict[str, Evaluation]:
    """Fit every predictor to the training part, and evaluate it on another.

    Training samples of another role (`inputs.negatives`) are left out: they would only make the predictors worse. In
    the frame `window` the place in the region's box, which a window does not show, is a predictor more: `BOX_POSITION`.
    Where training has images of several years, so is the year: `YEAR`.
    Where the chips know years since harvest these are one too: `harvest_predictor`.

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
    is_own = (train.rows["role"] == data.source.role).to_numpy()
    own = frame.frames(train, outputs).of(is_own)
    predictions = {}
    for name in PREDICTORS[task]:
        table: FrameTable = lookup.module(frames, name, "model").build(outputs, task=task)(own)
        predictions[name] = table.predict(frame.sizes(samples), *samples.seen.shape[1:])
    if len(set(_years(train.rows[is_own]))) > 1:
        predictions[YEAR] = _by_year(own, _years(train.rows[is_own]), samples)
    if samples.window is not None and task == "segmentation":
        predictions[BOX_POSITION] = _by_position_in_the_box(own, train.rows[is_own], samples)
    if harvest_predictor.is_possible(data.source):
        rows = train.rows[is_own]
        predictions[harvest_predictor.NAME] = harvest_predictor.predict(data.source, own, rows, samples)
    return {name: inference.evaluate(each, samples, metrics()) for name, each in predictions.items()}


def _years(rows: pd.DataFrame) -> np.ndarray:
    """(N,) the year of the image of each sample; of several dates the one that its row has."""
    return rows["date"].astype(str).str[:4].astype(int).to_numpy()


def _by_year(train: Frames, years: np.ndarray, samples: Samples) -> np.ndarray:
    """(N, H, W) or (N, K) float32: mean degree, or shares of the classes, of the nearest years of training.

    Of a year that was not trained on, two at the same distance count together.

    Args:
        train: frames of the training part.
        years: (M,) of their images.
        samples: to predict.
    """
    known = train.known.reshape(len(years), -1).any(axis=1)
    means = {}
    for year in set(_years(samples.rows).tolist()):
        apart = np.where(known, np.abs(years - year), np.inf)
        means[year] = train.of(apart == apart.min()).mean()
    values = np.stack([means[year] for year in _years(samples.rows).tolist()]).astype(np.float32)
    if values.ndim == 2:
        return values
    return np.broadcast_to(values[:, None, None], tuple(samples.seen.shape)).copy()


def _by_position_in_the_box(train: Frames, rows: pd.DataFrame, samples: Samples) -> np.ndarray:
    """(N, H, W) float32: mean degree of training by place in the box; beyond boxes, where nothing is known, NaN."""
    height, width = samples.seen.shape[1:]
    targets, known = np.zeros(train.targets.shape), np.zeros(train.known.shape, bool)
    for number, row in enumerate(rows.to_dict("records")):
        box, corner = boxes.inside(row), (slice(row["box_height"]), slice(row["box_width"]))
        targets[number][corner], known[number][corner] = train.targets[number][box], train.known[number][box]
    sizes, own_sizes = (table[["box_height", "box_width"]].to_numpy(np.int64) for table in (rows, samples.rows))
    places = position.build(1)(Frames(sizes, targets, known)).predict(own_sizes, height, width)
    predictions = np.full((len(samples), height, width), np.nan, np.float32)
    for number, row in enumerate(samples.rows.to_dict("records")):
        predictions[number][boxes.inside(row)] = places[number, : row["box_height"], : row["box_width"]]
    return predictions
