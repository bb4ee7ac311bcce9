"""The final model: trained on all regions, as long as folds showed to be best; nothing is left to test it on."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from rojsat.learn.data.samples import Samples
from rojsat.learn.kept_weights import Keep
from rojsat.learn.learners.learner import Learner
from rojsat.learn.learners.network import NetworkLearner
from rojsat.learn.training import Epoch


def everything(index: pd.DataFrame) -> pd.Series:
    """All chips train."""
    return pd.Series("train", index=index.index, dtype=object)


def epochs(best: Sequence[int], keep: str, planned: int) -> int:
    """How long the final model is trained.

    With `train.keep=best` the median of the epochs that the folds kept: no fold's luck decides. Else as planned.

    Args:
        best: the epoch that each fold kept, one at least.
        keep: which weights the folds kept, `train.keep`.
        planned: epochs of the experiment.
    """
    return max(1, round(float(np.median(best)))) if keep == "best" else planned


def fit(learner: Learner, train: Samples, folder: Path, *, stop: int, keep: Keep) -> Iterator[Epoch]:
    """Train on all regions; a network's epochs end at `stop`, its schedule is that of all.

    Args:
        learner: of the experiment; in the end the final model.
        train: samples of all regions.
        folder: of checkpoints, from which it goes on.
        stop: the last epoch.
        keep: what the folds kept; where they chose an epoch, that of `stop` is kept.

    Yields:
        every `Epoch`, whose metrics are those of training alone.
    """
    if not isinstance(learner, NetworkLearner):
        for epoch in learner.fit(train, train, folder):  # estimators validate once they are fitted: that is no test
            yield replace(epoch, metrics={})
        return
    kept = replace(keep, weights="last") if keep.weights == "best" else keep
    yield from replace(learner, loop=partial(learner.loop, stop=stop, keep=kept)).fit(train, None, folder)
