"""Sums by region of two evaluations on the samples that both tested, where their splits test different ones.

Needs the predictions that the folds left: a split by dates tests some dates of every region, one by regions all.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rojsat.evaluation import region_moments, report_files
from rojsat.evaluation.kept_evaluations import KeptEvaluation
from rojsat.evaluation.report_files import Predictions


@dataclass(frozen=True)
class SameSamples:
    """Two evaluations on the samples that both tested.

    Attributes:
        chips: names of the samples.
        first: sums of every region, a table a seed, of the one.
        second: of the other; each of the same known pixels or samples.
    """

    chips: Collection[str]
    first: Sequence[pd.DataFrame]
    second: Sequence[pd.DataFrame]

    @property
    def has_same_targets(self) -> bool:
        """Whether the degrees that the predictions are compared with are the same, too."""
        tables = [each[0].sort_index() for each in (self.first, self.second)]
        sums = [name for name in ("target", "squared_target") if name in tables[0]]
        return np.allclose(tables[0][sums], tables[1][sums], rtol=1e-6)


def missing(evaluation: KeptEvaluation) -> str:
    """Why the samples of an evaluation cannot be chosen among; empty if they can."""
    content, count = evaluation.content, len(evaluation.reports)
    if "threshold" not in content:
        return f"{evaluation.name} does not say with which threshold it was evaluated"
    trainings = int(content["fold_count"]) * len(content["seeds"])
    have = f"{evaluation.name} has the predictions of {count} of its {trainings} trainings here"
    return "" if count == trainings else have


def check(first: KeptEvaluation, second: KeptEvaluation) -> None:
    """Refuse two evaluations whose samples cannot be chosen among.

    Raises:
        ValueError: if predictions of folds are not here.
    """
    if reasons := [reason for reason in map(missing, (first, second)) if reason]:
        raise ValueError(
            f"{'; '.join(reasons)}. The samples that both tested are chosen by the predictions of the folds: evaluate "
            "both on this machine (python -m rojsat.evaluate)"
        )


def choose(first: KeptEvaluation, second: KeptEvaluation) -> SameSamples:
    """The sums of two evaluations on the samples that both tested.

    Raises:
        ValueError: if predictions of folds are not here, or no sample was tested by both.
    """
    check(first, second)
    chips = tested(first) & tested(second)
    if not chips:
        raise ValueError(f"no sample was tested by both {first.name} and {second.name}")
    return SameSamples(chips, moments(first, chips), moments(second, chips))


def tested(evaluation: KeptEvaluation) -> set[str]:
    """Names of the samples that the folds tested."""
    tables = [report_files.read_predictions(report, "test").rows["chip"] for report in evaluation.reports]
    return set(pd.concat(tables).astype(str))


def moments(evaluation: KeptEvaluation, chips: Collection[str], predictor: str = "") -> list[pd.DataFrame]:
    """Sums of every region over some samples alone, a table a seed.

    Args:
        evaluation: with the predictions of its folds.
        chips: names of the samples.
        predictor: without an image; empty: the evaluated model.
    """
    part, threshold = f"test_{predictor}" if predictor else "test", float(evaluation.content["threshold"])
    by_seed: dict[str, list[pd.DataFrame]] = {}
    for report in evaluation.reports:
        predictions = _of(report_files.read_predictions(report, part), chips)
        if predictions.known.any():
            table = region_moments.of_predictions(predictions, threshold, degree="r2" in evaluation.content["metrics"])
            by_seed.setdefault(report.name.rpartition("_seed")[2], []).append(table)
    return [region_moments.added(tables) for tables in by_seed.values()]


def _of(predictions: Predictions, chips: Collection[str]) -> Predictions:
    """The predictions of some samples."""
    chosen = predictions.rows["chip"].astype(str).isin(list(chips)).to_numpy()
    arrays = {name: getattr(predictions, name)[chosen] for name in ("prediction", "target", "known", "seen")}
    return Predictions(predictions.rows[chosen], **arrays)
