"""What does a model read? Its metrics when one thing after the other is taken out of the samples.

Any learner will do: it only predicts. One prediction of the part for each perturbation, `MOVES` for the moved frame.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from rojsat.evaluation.metrics import Accumulator
from rojsat.learn import inference
from rojsat.learn.data import perturbations
from rojsat.learn.data.samples import Samples
from rojsat.learn.learners.learner import Learner

MOVES = 2
"""Draws of offsets of the moved frame, whose metrics are averaged."""


def read(
    learner: Learner,
    samples: Samples,
    metrics: Callable[[], Accumulator],
    *,
    intact: Mapping[str, float],
    groups: Mapping[str, Sequence[int]],
    seed: int = 0,
) -> dict[str, Any]:
    """Evaluate a trained model on perturbed samples, see `perturbations`.

    Args:
        learner: trained.
        samples: of the part.
        metrics: makes an empty accumulator.
        intact: metrics of the samples as they are.
        groups: positions of the channels that are permuted together, by name.
        seed: of all that is drawn; not that of the training, so that trainings with other seeds are comparable.

    Returns:
        Metrics by name, under `intact`, `shuffled`, `constant` and `moved`, and by group under `permuted`.
    """

    def evaluated(perturbed: Samples) -> dict[str, float]:
        return inference.compute(learner.predict(perturbations.known_alone(perturbed)), perturbed, metrics())

    moves = [evaluated(perturbations.moved(samples, seed=seed + move)) for move in range(MOVES)]
    return {
        "intact": dict(intact),
        "shuffled": evaluated(perturbations.shuffled(samples, seed=seed)),
        "constant": evaluated(perturbations.constant(samples)),
        "moved": {name: float(np.mean([values[name] for values in moves])) for name in moves[0]},
        "permuted": {
            name: evaluated(perturbations.permuted(samples, channels, seed=seed)) for name, channels in groups.items()
        },
    }
