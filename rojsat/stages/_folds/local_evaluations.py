"""A curve of metrics by the number of local labels: an evaluation over folds at each number and draw. For `evaluate`.

Each is an evaluation of its own (`folds=local_labels`), kept and resumed as any other; killed at any moment, the same
command goes on. The curve is made of the sums that they keep.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from rojsat.chips import local_split, splits, stand_parts
from rojsat.chips.reader import Chips
from rojsat.chips.roles import CLASSES
from rojsat.config import compose, lookup, metric_names, recipes
from rojsat.config.keys import ConfigError
from rojsat.config.schema import Experiment
from rojsat.evaluation import kept_evaluations, local_curve, region_moments, report_files
from rojsat.evaluation.kept_evaluations import MOMENTS, moments_of
from rojsat.evaluation.local_curve import LOCAL, MODEL, CurveInput
from rojsat.figures import local_curves
from rojsat.search import folds

CURVE, TABLE, FIGURE = "local_curve.json", "local_curve.csv", "local_curve.png"
"""Files of the curve."""


def folder(experiment: Experiment) -> Path:
    """Of the curve: beside those of its evaluations."""
    plain = compose.evaluation_folder(experiment)
    return plain.with_name(f"{plain.name}_local")


def check(experiment: Experiment) -> None:
    """Refuse what no curve can be made of.

    Raises:
        ConfigError: numbers that are not ascending from 0, another task than classification, somebody else's model.
        rojsat.config.lookup.UnknownNameError: a split that holds no ground out, fold by fold.
    """
    counts = list(experiment.evaluate.local)
    if counts[0] != 0 or counts != sorted(set(counts)) or len(counts) < 2:
        raise ConfigError(f"evaluate.local={counts} are ascending numbers of stands from 0, such as [0,1,2,5,10,20]")
    name, _ = folds.chosen_split(experiment)
    if name not in splits.HELD_OUT:
        raise lookup.unknown("evaluate.local: split (evaluate.folds)", name, splits.HELD_OUT)
    if experiment.task != "classification":
        raise ConfigError(
            "evaluate.local counts labelled stands: it needs task=classification, such as exp=resnet18_s2"
        )
    if experiment.evaluate.model is not None:
        raise ConfigError("evaluate.local trains with local labels, and evaluate.model trains nothing: leave one out")


def check_stands(experiment: Experiment) -> None:
    """Refuse numbers of local stands that a fold does not have, before anything is trained.

    Raises:
        ValueError: naming how many each fold has.
    """
    pools = {fold: len(pool) for fold, pool in _pools(experiment)}
    most = max(experiment.evaluate.local)
    if few := {fold: size for fold, size in pools.items() if size < most}:
        listed = ", ".join(f"fold {fold}: {size}" for fold, size in few.items())
        raise ValueError(
            f"evaluate.local asks for {most} local stands, and of some folds fewer can be drawn ({listed}): half of "
            "the labelled stands test, and those near to them are left aside. Ask for fewer, or deal the ground to "
            "fewer folds (evaluate.fold_options.folds)"
        )


def _pools(experiment: Experiment) -> Iterator[tuple[int, list[str]]]:
    """The stands of every fold that local ones are drawn from."""
    rows = _rows(experiment)
    name, options = folds.chosen_split(experiment)
    for fold in range(splits.folds_of(name, rows, options)):
        parts = getattr(splits, name)(rows, **options, fold=fold)
        yield fold, local_split.halves(rows, parts, 0, experiment.split.distance)[1]


def _rows(experiment: Experiment) -> pd.DataFrame:
    chips = Chips(recipes.folder("chips", experiment))
    return stand_parts.together(folds.samples(experiment, chips))


def evaluations(experiment: Experiment) -> list[tuple[int, int, Experiment]]:
    """Number of local stands, draw, and the evaluation of it: none has one draw."""
    name, options = folds.chosen_split(experiment)
    near = experiment.split.distance
    kept = []
    for count in experiment.evaluate.local:
        for draw in range(experiment.evaluate.draws if count else 1):
            of_draw = {"split": name, "options": options, "count": count, "draw": draw, "near": near}
            values = {"evaluate.folds": "local_labels", "evaluate.fold_options": of_draw, "evaluate.local": []}
            kept.append((count, draw, compose.with_values(experiment, values)))
    return kept


def run(experiment: Experiment, evaluate: Callable[[Experiment], None]) -> None:
    """Run the evaluations that are missing, then write the curve and print it.

    Args:
        experiment: with the numbers of local stands.
        evaluate: runs one evaluation over folds, or prints a finished one.

    Raises:
        ValueError: as `check_stands`.
    """
    check_stands(experiment)
    for count, draw, of_count in evaluations(experiment):
        print(f"\n{count} local stands, draw {draw + 1}", flush=True)
        evaluate(of_count)
    destination = folder(experiment)
    curve = local_curve.content(_input(experiment))
    figures = destination / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    labels = {name: local_curve.label(name) for name in curve["points"][0]["metrics"]}
    axes = {name: metric_names.METRICS[name].label for name in local_curve.METRICS[:2]}
    local_curves.local_curves(curve["points"], axes, labels).savefig(figures / FIGURE)
    report_files.write_text(destination / TABLE, pd.DataFrame(local_curve.rows(curve)).to_csv(index=False))
    report_files.write_json(destination / CURVE, curve)
    print("\n" + local_curve.text(curve, str(destination.relative_to(compose.ROOT))), flush=True)


def _input(experiment: Experiment) -> CurveInput:
    """The sums of all evaluations, and of the majority of the local labels."""
    rows = _rows(experiment)
    by_count: dict[int, dict[str, list[pd.DataFrame]]] = {}
    tested: dict[str, str] = {}
    for count, _, of_count in evaluations(experiment):
        kept = compose.evaluation_folder(of_count)
        predictors = kept_evaluations.read(kept).content["without_image"]
        files = {MODEL: MOMENTS} | {name: moments_of(name) for name in predictors}
        tables = {name: list(region_moments.read(kept / file).values()) for name, file in files.items()}
        choices, of_folds = _local_choices(of_count, rows, tables["constant"][0])
        tested |= of_folds
        tables[LOCAL] = [local_curve.of_choices(tables["constant"][0], choices)]
        for name, own in tables.items():
            by_count.setdefault(count, {}).setdefault(name, []).extend(own)
    return CurveInput(by_count, tested, experiment.evaluate.draws, len(experiment.evaluate.seeds))


def _local_choices(
    experiment: Experiment, rows: pd.DataFrame, constant: pd.DataFrame
) -> tuple[dict[str, int], dict[str, str]]:
    """By test stand the class of most of the local labels of its fold, and its fold.

    Args:
        experiment: an evaluation of `evaluations`.
        rows: the chips that its split is given.
        constant: moments of the majority of training, which decides where local labels do not.
    """
    _, options = folds.chosen_split(experiment)
    base = getattr(splits, options["split"])
    by_region = rows.assign(region=rows["region"].astype(str)).drop_duplicates("region").set_index("region")["label"]
    choices: dict[str, int] = {}
    tested: dict[str, str] = {}
    for fold in range(splits.folds_of("local_labels", rows, options)):
        parts = splits.local_labels(rows, **options, fold=fold)
        before = base(rows, **options["options"], fold=fold)
        local = sorted(set(rows.loc[((parts == "train") & (before == "test")).to_numpy(), "region"].astype(str)))
        of_fold = sorted(set(rows.loc[(parts == "test").to_numpy(), "region"].astype(str)) & set(constant.index))
        labels = [CLASSES.index(str(by_region[region])) for region in local]
        majority = local_curve.majority(labels, _predicted(constant.loc[of_fold]))
        choices |= dict.fromkeys(of_fold, majority)
        tested |= dict.fromkeys(of_fold, str(fold))
    return choices, tested


def _predicted(constant: pd.DataFrame) -> int:
    """The class that a constant predictor predicts."""
    counts = region_moments.Draws(constant, np.ones((1, len(constant)))).confusion[0]
    return int(counts.sum(axis=0).argmax())
