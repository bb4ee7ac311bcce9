"""Stacks of evaluations over folds on the beetle sites: `python -m bench.stack FOLDER NAME NAME …`.

FOLDER holds masks/ and forest/, see bench.beetle; NAME is a folder of `reports/evaluations` with its predictions. Every
model predicted every site without having been trained on it. Two stacks: the mean of their logits, and a logistic
regression on them, whose weights for a site are fitted to sites of other groups: no label of a site chooses how it is
predicted. (The models whose predictions of other sites these weights are fitted to were trained on this site, too; a
weight a model can carry next to nothing of that.)

Beside all known pixels: those whose labels agree (no damage that is forest in the later map), and those that are at no
border of labels.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bench import label_ceiling
from bench.label_ceiling import Pixels, SiteLabels
from rojsat.chips.fold_splits import deal
from rojsat.evaluation import bootstrap, region_moments, report_files
from rojsat.evaluation.report_files import Predictions

EVALUATIONS = Path("reports/evaluations")

GROUPS = 5
"""Groups of sites by which weights are fitted: those of the folds of `k_fold_regions`."""

AMONG = ("every", "agreeing", "off border")
"""Known pixels that models are compared on."""

MOST = 12.0
"""Logits of 0 and 1."""

Site = NDArray[np.float32]
"""(h, w), NaN where not known."""


@dataclass(frozen=True)
class Model:
    """Logits of a model, out of fold.

    Attributes:
        name: of the evaluation, or of the stack.
        logits: by site, the mean over seeds; NaN where not known.
    """

    name: str
    logits: Mapping[str, Site]


def read(name: str, root: Path = EVALUATIONS) -> Model:
    """Read the predictions of all folds of an evaluation.

    Raises:
        ValueError: if it has none, or seeds differ in their sites.
    """
    reports = sorted(path.parents[1] for path in (root / name).glob("folds/*/predictions/test.npz"))
    if not reports:
        raise ValueError(f"{root / name} has no predictions of folds; rojsat evaluate makes them")
    seeds: dict[str, dict[str, Site]] = {}
    for report in reports:
        seeds.setdefault(report.name.partition("_")[2], {}).update(
            _sites(report_files.read_predictions(report, "test"))
        )
    first = next(iter(seeds.values()))
    if any(of_seed.keys() != first.keys() for of_seed in seeds.values()):
        raise ValueError(f"the seeds of {name} were not tested on the same sites")
    return Model(name, {site: np.mean([of_seed[site] for of_seed in seeds.values()], axis=0) for site in first})


def _sites(predictions: Predictions) -> Iterator[tuple[str, Site]]:
    """Logits of each region on its own grid."""
    known = np.where(predictions.known, logit(predictions.prediction), np.float32("nan"))
    for region, samples in predictions.rows.reset_index(drop=True).groupby("region").indices.items():
        yield str(region), report_files.stitch(known[samples], predictions.rows.iloc[samples])


def logit(probability: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of a probability, within ± `MOST`; NaN stays."""
    least = 1 / (1 + np.exp(MOST))
    inside = np.clip(probability.astype(np.float64), least, 1 - least)
    return np.log(inside / (1 - inside)).astype(np.float32)


def common(models: Sequence[Model]) -> tuple[list[Model], int]:
    """The models on the pixels that all of them were tested on, and the number of pixels that one of them lacks.

    Chips of another size lack other pixels where dates have holes (`data.chips.max_nodata`).

    Raises:
        ValueError: naming the first model that was tested on other sites.
    """
    first, lacking = models[0], 0
    for model in models[1:]:
        if model.logits.keys() != first.logits.keys():
            raise ValueError(f"{model.name} and {first.name} were not tested on the same sites")
    restricted: list[dict[str, Site]] = [{} for _ in models]
    for site in first.logits:
        planes = np.stack([model.logits[site] for model in models])
        known = np.isfinite(planes)
        lacking += int((known.any(axis=0) & ~known.all(axis=0)).sum())
        for number, plane in enumerate(planes):
            restricted[number][site] = np.where(known.all(axis=0), plane, np.float32("nan"))
    return [Model(model.name, logits) for model, logits in zip(models, restricted, strict=True)], lacking


def mean(models: Sequence[Model]) -> Model:
    """The mean of logits."""
    sites = models[0].logits
    return Model(
        "stack, mean of logits", {site: np.mean([model.logits[site] for model in models], axis=0) for site in sites}
    )


def logistic(models: Sequence[Model], labels: Mapping[str, SiteLabels]) -> Model:
    """A logistic regression on logits, fitted for each group of sites to those of the other groups."""
    number = deal(models[0].logits, 0)
    features = {site: np.stack([model.logits[site] for model in models], axis=-1) for site in number}  # (h, w, M)
    stacked: dict[str, Site] = {}
    for group in range(GROUPS):
        others = [site for site, place in number.items() if place % GROUPS != group]
        rows, damage = (
            np.concatenate(parts)
            for parts in zip(*(_known(features[site], labels[site].damage) for site in others), strict=True)
        )
        estimator = LogisticRegression().fit(rows, damage)
        for site in number.keys() - set(others):
            known = np.isfinite(features[site][..., 0])
            stacked[site] = np.full(known.shape, np.nan, np.float32)
            stacked[site][known] = estimator.decision_function(features[site][known])
    return Model("stack, logistic", stacked)


def _known(features: NDArray[np.float32], damage: Pixels) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    known = np.isfinite(features[..., 0])
    return features[known], damage[known]


def moments(model: Model, labels: Mapping[str, SiteLabels], among: str) -> pd.DataFrame:
    """Overlap of prediction and labels by site, among some of the known pixels, of `AMONG`."""
    rows = {}
    for site, logits in model.logits.items():
        of_site = labels[site]
        chosen = {"every": True, "agreeing": ~of_site.contradicted, "off border": ~of_site.border}[among]
        known = np.isfinite(logits) & chosen
        predicted, actual = logits[known] > 0, of_site.damage[known]
        overlap = (predicted & actual, predicted & ~actual, ~predicted & actual, ~predicted & ~actual)
        counts = dict(zip(region_moments.OVERLAP, (float(part.sum()) for part in overlap), strict=True))
        if known.any():
            rows[site] = {"count": float(known.sum()), "target": float(actual.sum())} | counts
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("region")


def at_border(model: Model, labels: Mapping[str, SiteLabels]) -> float:
    """Share of the errors that lie at a border of labels."""
    wrong = {site: np.isfinite(logits) & ((logits > 0) != labels[site].damage) for site, logits in model.logits.items()}
    total = sum(int(errors.sum()) for errors in wrong.values())
    return sum(int((errors & labels[site].border).sum()) for site, errors in wrong.items()) / max(total, 1)


def lines(models: Sequence[Model], labels: Mapping[str, SiteLabels]) -> Iterator[str]:
    """A Markdown table of the models and their stacks, on the pixels that all models were tested on."""
    models, lacking = common(models)
    if lacking:
        yield f"{lacking} pixels that not all of these models were tested on are left out.\n"
    yield "| | IoU | labels agree | off borders | errors at borders | gain over the best single model |"
    yield "|---|---|---|---|---|---|"
    every = {model.name: moments(model, labels, "every") for model in models}
    best = max(every, key=lambda name: bootstrap.interval([every[name]], "iou").value)
    everywhere = Model("need everywhere, no image", {site: np.abs(each) + 1 for site, each in models[0].logits.items()})
    stacks = [mean(models), logistic(models, labels)] if len(models) > 1 else []
    for model in [everywhere, *models, *stacks]:
        cells = [_cell(bootstrap.interval([moments(model, labels, among)], "iou")) for among in AMONG]
        gain = bootstrap.paired_difference([moments(model, labels, "every")], [every[best]], "iou")
        cells += [f"{at_border(model, labels):.0%}", _cell(gain) if model in stacks else ""]
        yield f"| {model.name} | {' | '.join(cells)} |"


def _cell(interval: bootstrap.Interval) -> str:
    return f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    if len(arguments) < 2:
        sys.exit(f"python -m bench.stack FOLDER NAME NAME …\n\n{__doc__}")
    try:
        labels, models = label_ceiling.sites(Path(arguments[0])), [read(name) for name in arguments[1:]]
        print("\n".join(lines(models, labels)))
    except ValueError as error:
        print(f"bench.stack: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main(sys.argv[1:])
