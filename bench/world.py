"""Ceilings of the simulated world: `python -m bench.world STORE ... [--oracle STORE ...] [OPTIONS]`.

STORE names a chip store (`objects_27`; `python -m rojsat.stages.{raw,masks,chips} data=objects_27` make it). Boosting
on single pixels, all bands of the dates, regions dealt to five folds (clearing objects and stands alike) or, with
`--folds 0`, each left out by itself; no region in training and test. A seed decides which pixels boosting is trained
on; figures are means over seeds. Oracles are trained on all regions of their own stores, of other seeds
(`data.name=oracle data.options.seed=1000`), and evaluated on each STORE. Pixels under cloud are missing values.

Degree: R2 and Spearman of the known pixels of the clearing objects' boxes pooled, beside the mean of training and the
mean by position in the box (12 x 12 bins); worked: of pixels with a degree above 0 alone; share: what a predictor
gains in R2 over the position, of what the oracle gains. Need: accuracy over stands, the vote of a stand's pixels,
beside the majority. `low` and `high`: 95 % by 200 draws of complete regions.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from bench import tables
from rojsat.chips import boxes
from rojsat.chips.reader import Chips
from rojsat.config import compose

BINS, DRAWS = 12, 200
PIXELS = {"clearing": 250, "stand": 60}
"""Pixels of a region that training sees, by role."""
TITLES = {"clearing": "Degree of need in clearing objects", "stand": "Need of stands"}
"""What is measured, by role."""
ONE_DATE = 1
"""Position of the single date among those of a store: July in objects_*."""
SETTINGS = {"max_iter": 100, "learning_rate": 0.08, "min_samples_leaf": 60, "l2_regularization": 1.0, "random_state": 0}

Array = NDArray[np.floating]
Predict = Callable[[Sequence["Region"], Sequence["Region"]], list[Array]]
"""From regions of training and of test to a prediction a pixel of each of test."""
Predictions = Sequence[Sequence[Array]]
"""By seed, a prediction a pixel of each region."""


@dataclass(frozen=True)
class Region:
    """Pixels of one region.

    Attributes:
        bands: (P, dates, 12) reflectance, NaN where unseen.
        target: (P,) degree; of a stand 1 for need, 0 for clear.
        position: (P,) number of the bin of the box.
    """

    bands: Array
    target: Array
    position: NDArray[np.int64]


def regions(chips: Chips, role: str) -> list[Region]:
    """All regions of a role, in the order of their first chip."""
    rows = chips.index[chips.index["role"] == role]
    dates = sorted(rows["date"].unique())
    members = []
    for _, region_rows in rows.groupby("region", sort=False):
        planes: dict[str, Array] = {}
        for name in region_rows["chip"]:
            chip = chips.read(name)
            rows_inside, columns_inside = boxes.inside(chip.row)
            bands = np.where(chip.seen(), chip.channels(chips.bands(role, "boa")), np.float32(np.nan))
            planes[chip.row["date"]] = bands[:, rows_inside, columns_inside]
            degree = chip.degree[rows_inside, columns_inside]
            outline = chip.plane("outline")[rows_inside, columns_inside] > 0
        height, width = degree.shape
        absent = np.full((12, height, width), np.nan, np.float32)
        stack = np.stack([planes.get(date, absent) for date in dates])  # (dates, 12, H, W)
        known = degree >= 0 if role == "clearing" else outline
        label = np.full(degree.shape, np.float32(region_rows["label"].iloc[0] == "need"))
        bin_rows, bin_columns = np.mgrid[:height, :width]
        bin_number = bin_rows * BINS // height * BINS + bin_columns * BINS // width
        target = degree if role == "clearing" else label
        members.append(Region(stack[..., known].transpose(2, 0, 1), target[known], bin_number[known]))
    return members


def constant(train: Sequence[Region], test: Sequence[Region]) -> list[Array]:
    """The mean of training."""
    mean = np.concatenate([region.target for region in train]).mean()
    return [np.full(region.target.shape, mean) for region in test]


def position(train: Sequence[Region], test: Sequence[Region]) -> list[Array]:
    """The mean of training by position in the box."""
    bin_number, target = (
        np.concatenate([getattr(region, name) for region in train]) for name in ("position", "target")
    )
    count = np.bincount(bin_number, minlength=BINS**2)
    means = np.bincount(bin_number, target, minlength=BINS**2) / np.maximum(count, 1)
    return [means[region.position] for region in test]


def boosting(role: str, dates: slice, seed: int) -> Predict:
    """Boosting on the bands of some dates."""

    def predict(train: Sequence[Region], test: Sequence[Region]) -> list[Array]:
        rng, features, targets = np.random.default_rng(seed), [], []
        for region in train:
            chosen = rng.permutation(len(region.target))[: PIXELS[role]]
            features.append(region.bands[chosen, dates].reshape(len(chosen), -1))
            targets.append(region.target[chosen])
        learner = HistGradientBoostingRegressor if role == "clearing" else HistGradientBoostingClassifier
        model = learner(**SETTINGS).fit(np.concatenate(features), np.concatenate(targets))
        shown = [region.bands[:, dates].reshape(len(region.target), -1) for region in test]
        return [model.predict(rows) if role == "clearing" else model.predict_proba(rows)[:, 1] for rows in shown]

    return predict


def crossed(members: Sequence[Region], predict: Predict, folds: int) -> list[Array]:
    """Predictions for every region by a model that was trained on the other folds; 0: a fold a region."""
    folds = folds or len(members)
    fold = np.random.default_rng(0).permutation(len(members)) % folds
    predictions: dict[int, Array] = {}
    for number in range(folds):
        test: list[int] = np.flatnonzero(fold == number).tolist()
        train = [members[index] for index in np.flatnonzero(fold != number).tolist()]
        predictions |= dict(zip(test, predict(train, [members[index] for index in test]), strict=True))
    return [predictions[index] for index in range(len(members))]


def degree_metrics(members: Sequence[Region], predictions: Predictions) -> dict[str, float]:
    """R2 with its interval, Spearman; R2 of worked pixels; each the mean over seeds."""

    def r2(chosen: Sequence[int], of_seed: Sequence[Array], worked: bool = False) -> float:
        truth = np.concatenate([members[index].target for index in chosen])
        values = np.concatenate([of_seed[index] for index in chosen])
        if worked:
            truth, values = truth[truth > 0], values[truth > 0]
        return float(1 - np.mean((values - truth) ** 2) / truth.var())

    def rank(values: Array) -> float:
        return float(stats.spearmanr(values, truth).statistic) if np.ptp(values) else float("nan")

    everything, rng = range(len(members)), np.random.default_rng(1)
    draws = [rng.integers(0, len(members), len(members)).tolist() for _ in range(DRAWS)]
    low, high = np.percentile([np.mean([r2(draw, of_seed) for of_seed in predictions]) for draw in draws], [2.5, 97.5])
    by_seed = [r2(everything, of_seed) for of_seed in predictions]
    truth = np.concatenate([region.target for region in members])
    return {
        "R2": float(np.mean(by_seed)),
        "low": float(low),
        "high": float(high),
        "between seeds": float(np.std(by_seed)),
        "Spearman": float(np.mean([rank(np.concatenate(list(of_seed))) for of_seed in predictions])),
        "R2 worked": float(np.mean([r2(everything, of_seed, worked=True) for of_seed in predictions])),
    }


def share_of_oracle(
    members: Sequence[Region], predictions: Predictions, by_position: Predictions, by_oracle: Predictions
) -> dict[str, float]:
    """Gain of predictions over the position, as a share of the oracle's, with its interval; 1 is the oracle's own."""

    def squares(of_predictor: Predictions) -> NDArray[np.float64]:
        """(regions,) sums, mean over seeds."""
        pairs = zip(members, *of_predictor, strict=True)
        return np.array([np.mean([np.sum((v - region.target) ** 2.0) for v in values]) for region, *values in pairs])

    position_squares, own, oracle = squares(by_position), squares(predictions), squares(by_oracle)
    rng = np.random.default_rng(1)
    draws = rng.integers(0, len(members), (DRAWS, len(members)))

    def ratio(chosen: NDArray[np.intp]) -> NDArray[np.float64]:
        base = position_squares[chosen].sum(-1)
        return (base - own[chosen].sum(-1)) / (base - oracle[chosen].sum(-1))

    low, high = np.percentile(ratio(draws), [2.5, 97.5])
    return {"share": float(ratio(np.arange(len(members)))), "share low": float(low), "share high": float(high)}


def need_metrics(members: Sequence[Region], predictions: Predictions) -> dict[str, float]:
    """Accuracy over stands with its interval, mean over seeds."""
    needed = np.array([region.target[0] > 0 for region in members])
    right = np.mean([(np.array([v.mean() for v in of_seed]) > 0.5) == needed for of_seed in predictions], axis=0)
    rng = np.random.default_rng(1)
    draws = [right[rng.integers(0, len(right), len(right))].mean() for _ in range(DRAWS)]
    low, high = np.percentile(draws, [2.5, 97.5])
    return {"accuracy": float(right.mean()), "low": float(low), "high": float(high)}


def ceilings(
    name: str, role: str, members: list[Region], teachers: list[Region], folds: int, seeds: Sequence[int]
) -> list[dict[str, Any]]:
    """A row a predictor."""
    all_dates, single_date = slice(None), slice(ONE_DATE, ONE_DATE + 1)
    without_image: dict[str, Predict] = {"constant": constant} | ({"position": position} if role == "clearing" else {})
    predictions = {predictor: [crossed(members, predict, folds)] for predictor, predict in without_image.items()}
    for predictor, dates in {"one date": single_date, "all dates": all_dates}.items():
        predictions[predictor] = [crossed(members, boosting(role, dates, seed), folds) for seed in seeds]
    oracle = f"oracle, {len(teachers)} regions"
    if teachers:
        predictions[oracle] = [boosting(role, all_dates, seed)(teachers, members) for seed in seeds]
    evaluate = degree_metrics if role == "clearing" else need_metrics
    rows = []
    for predictor, values in predictions.items():
        row = {"store": name, "regions": len(members), "predictor": predictor} | evaluate(members, values)
        if teachers and role == "clearing":
            row |= share_of_oracle(members, values, predictions["position"], predictions[oracle])
        rows.append(row)
    return rows


def main(
    names: Sequence[str], oracles: Sequence[str], path: Path, *, folds: int, seeds: Sequence[int], roles: Sequence[str]
) -> None:
    """Evaluate every predictor on every store, print the tables, write the JSON."""
    stores = {name: Chips(compose.ROOT / "data" / "processed" / name) for name in (*names, *oracles)}
    content = {}
    for role in roles:
        teachers = [region for name in oracles for region in regions(stores[name], role)]
        rows = [
            row for name in names for row in ceilings(name, role, regions(stores[name], role), teachers, folds, seeds)
        ]
        tables.show(TITLES[role], rows)
        content[role] = rows
    tables.write(path, {"folds": folds, "seeds": list(seeds)} | content)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.world", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("stores", nargs="+", metavar="STORE")
    parser.add_argument("--oracle", nargs="*", default=[], metavar="STORE")
    parser.add_argument("--json", type=Path, default=Path("reports/bench/world.json"))
    parser.add_argument("--folds", type=int, default=5, help="0: each region is left out by itself")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--roles", nargs="+", choices=TITLES, default=[*TITLES])
    given = parser.parse_args()
    if given.folds < 0 or given.folds == 1:
        parser.error(f"--folds {given.folds} leaves nothing to train on: at least 2, or 0 for a fold a region")
    main(given.stores, given.oracle, given.json, folds=given.folds, seeds=given.seeds, roles=given.roles)
