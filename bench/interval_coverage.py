"""How often intervals over regions hold the truth: `python -m bench.interval_coverage [JSON]`.

A population of 4,000 simulated regions, whose values over all regions are the truth. Of it 9, 27 and 81 are drawn,
500 times each, and their intervals made as `rojsat.evaluation.bootstrap` does; an interval of 95 % should hold the
truth 95 times of 100. Beside it stands the plain percentile interval of the same draws. The standard error of a
coverage is 1 %.

Regions differ in size (150 pixels times a factor of 0.4 to 2.7 for 95 % of them), in mean degree, in the spread within,
and in skill and bias of both models; their models share most of it, as two networks do. Stands have 1 to 6 dates, all
alike: most are right on all dates or wrong on all.
"""

import functools
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench import tables
from rojsat.evaluation import bootstrap, region_moments
from rojsat.evaluation.report_files import Predictions

REGIONS = (9, 27, 81)
POPULATION, REPETITIONS, PIXELS = 4_000, 500, 400
THRESHOLD = 0.15
"""Degree above which a pixel is predicted to need clearing."""

SEGMENTATION, CLASSIFICATION = ("r2", "rmse", "iou"), ("accuracy",)

Moments = list[pd.DataFrame]
"""Of two models, a row a region of the population."""


def segmenters(rng: np.random.Generator) -> Moments:
    """Two models that predict degrees."""
    known = np.arange(PIXELS) < np.exp(rng.normal(np.log(150), 0.5, POPULATION)).clip(20, PIXELS)[:, None]
    mean, spread = rng.normal(0.05, 0.2, (POPULATION, 1)), 0.35 * np.exp(rng.normal(0, 0.2, (POPULATION, 1)))
    target = np.clip(mean + spread * rng.normal(size=known.shape), 0, 1)
    skill, bias = rng.normal(0.35, 0.2, (POPULATION, 1)), rng.normal(0, 0.08, (POPULATION, 1))
    other_skill = skill - 0.08 + rng.normal(0, 0.1, (POPULATION, 1))
    other_bias = bias + rng.normal(0, 0.04, (POPULATION, 1))
    models = []
    for own_skill, own_bias in ((skill, bias), (other_skill, other_bias)):
        noise = rng.normal(0, 0.1, known.shape)
        degree = np.clip(0.17 + own_bias + own_skill * (target - 0.17) + noise, 0, 1)
        models.append(_moments(degree[:, None], target[:, None], known[:, None]))
    return models


def classifiers(rng: np.random.Generator) -> Moments:
    """Two models that classify stands."""
    dates = rng.integers(1, 7, POPULATION)
    known = np.arange(6) < dates[:, None]
    target = np.broadcast_to(rng.random((POPULATION, 1)) < 0.6, known.shape)
    right = rng.beta(1.4, 0.6, (POPULATION, 1))  # the share of its dates that a stand is classified rightly on
    models = []
    for chance in (right, np.clip(right - 0.05 + rng.normal(0, 0.15, right.shape), 0, 1)):
        scores = np.where((rng.random(known.shape) < chance) == target, 0.9, 0.1)
        rows = np.repeat(np.arange(POPULATION), known.shape[1])
        samples = np.stack([1 - scores, scores], axis=-1).reshape(-1, 2).astype(np.float32)
        flat = known.ravel()
        predictions = Predictions(pd.DataFrame({"region": rows}), samples, target.ravel().astype(int), flat, flat)
        models.append(region_moments.of_predictions(predictions))
    return models


def _moments(degree: NDArray[np.float64], target: NDArray[np.float64], known: NDArray[np.bool_]) -> pd.DataFrame:
    """Moments of a population, all arrays (POPULATION, 1, PIXELS)."""
    rows = pd.DataFrame({"region": np.arange(POPULATION)})
    predictions = Predictions(rows, degree.astype(np.float32), target, known, known)
    return region_moments.of_predictions(predictions, THRESHOLD).drop(columns=list(region_moments.JOINT))


@functools.cache
def draws(regions: int) -> NDArray[np.float64]:
    """(2000, R) how often each draw has each region."""
    return np.random.default_rng(1).multinomial(regions, [1 / regions] * regions, 2_000).astype(np.float64)


def percentile(models: Sequence[pd.DataFrame], metric: str) -> tuple[float, float]:
    """The plain percentile interval of a metric of one model, or of the difference of two."""
    weights = draws(len(models[0]))
    values = [region_moments.of_draws(model, weights, metric) for model in models]
    low, high = np.nanquantile(values[0] if len(models) == 1 else values[0] - values[1], [0.025, 0.975])
    return float(low), float(high)


def coverage(population: Moments, metric: str, regions: int, rng: np.random.Generator) -> dict[str, Any]:
    """How often the interval of a metric (one model) or a difference (two) holds the truth, and how wide it is."""
    complete = np.ones((1, POPULATION))
    every = [float(region_moments.of_draws(model, complete, metric)[0]) for model in population]
    truth = every[0] if len(population) == 1 else every[0] - every[1]
    counts = {"ours": 0, "below": 0, "above": 0, "percentile": 0}
    widths = []
    for _ in range(REPETITIONS):
        rows = rng.choice(POPULATION, regions, replace=False)
        drawn = [[model.iloc[rows]] for model in population]
        interval = (
            bootstrap.interval(drawn[0], metric)
            if len(drawn) == 1
            else bootstrap.paired_difference(drawn[0], drawn[1], metric)
        )
        low, high = percentile([model for (model,) in drawn], metric)
        counts["below"] += truth < interval.low
        counts["above"] += truth > interval.high
        counts["ours"] += interval.low <= truth <= interval.high
        counts["percentile"] += low <= truth <= high
        widths.append(interval.high - interval.low)
    shares = {name: f"{100 * count / REPETITIONS:.1f} %" for name, count in counts.items()}
    subject = metric if len(population) == 1 else f"difference of {metric}"
    return {"interval of": subject, "regions": regions, "truth": truth, "mean width": float(np.mean(widths))} | shares


def main(path: Path) -> None:
    """Count, print the table, write the JSON."""
    rng = np.random.default_rng(0)
    table = []
    for population, metrics in ((segmenters(rng), SEGMENTATION), (classifiers(rng), CLASSIFICATION)):
        for metric in metrics:
            for models in (population[:1], population):
                table += [coverage(models, metric, regions, rng) for regions in REGIONS]
    tables.show("How often an interval of 95 % holds the truth (below, above: where the truth lay otherwise)", table)
    tables.write(path, {"repetitions": REPETITIONS, "population": POPULATION, "intervals": table})


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "reports/bench/interval_coverage.json"))
