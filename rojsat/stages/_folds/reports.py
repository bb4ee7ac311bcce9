"""Files of an evaluation over folds: what each fold leaves, and all of them together. Private to `evaluate`."""

import io
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from rojsat.chips import splits
from rojsat.config import decides, foreign_models, provenance
from rojsat.config.schema import Experiment
from rojsat.evaluation import conformal, kept_evaluations, label_borders, pooling, region_moments, report_files
from rojsat.evaluation.kept_evaluations import EVALUATION, MADE_BY, MOMENTS
from rojsat.search.folds import FoldPlan
from rojsat.search.study import Study

FOLD = "fold.json"
"""File of a fold, written last: what decided it."""

NOTES = ("moments", "facts")
"""What the storage keeps of a fold, so that any machine can put all of them together."""

FACTS = ("best_epoch", "controls", "degree_scale", "frame", "leak", "reads")
"""Keys of a fold's `summary.json` that the storage keeps, where they are."""

_MODEL = "model"
"""Stands for the evaluated model where predictors have names."""


def folder(plan: FoldPlan, fold: int, seed: int) -> Path:
    """The folder of a fold's report."""
    return plan.folder / "folds" / f"{fold}_seed{seed}"


def holds(report: Path, fingerprint: str) -> bool:
    """Whether the folder holds the report of a fold that was decided by the same settings, chips and code."""
    path = report / FOLD
    return path.exists() and json.loads(path.read_text())["fingerprint"] == fingerprint


def finish(report: Path, experiment: Experiment, fingerprint: str) -> None:
    """Sum up the test predictions that a fold left, region by region, and mark the fold as finished."""
    predictors = report_files.read_summary(report)["without_image"]
    names = {_MODEL: "test"} | {predictor: f"test_{predictor}" for predictor in predictors}
    threshold, degree = experiment.metrics.threshold, experiment.model.outputs == 1
    tables = {
        name: region_moments.of_predictions(report_files.read_predictions(report, part), threshold, degree=degree)
        for name, part in names.items()
    }
    report_files.write_text(report / MOMENTS, pd.concat(tables, names=["predictor", "region"]).to_csv())
    report_files.write_json(report / FOLD, {"fingerprint": fingerprint})


def notes(report: Path) -> dict[str, Any]:
    """What the storage is to keep of a finished fold, by `NOTES`."""
    summary, made_by = report_files.read_summary(report), json.loads((report / "run.json").read_text())
    facts = {key: summary[key] for key in FACTS if key in summary}
    facts |= {key: made_by[key] for key in ("commit", "machine", "run", "seconds", "split")}
    facts["distance"] = summary.get("tested", {}).get("distance")  # of a model from elsewhere it is not known
    return {"moments": (report / MOMENTS).read_text(), "facts": facts}


def is_reported(plan: FoldPlan) -> bool:
    """Whether the report is that of this very evaluation."""
    path = plan.folder / EVALUATION
    content = json.loads(path.read_text()) if path.exists() else {}
    asked = {"study": plan.name, "seeds": plan.seeds, "settings_digest": decides.digest_without_split(plan.experiment)}
    return all(content.get(key) == value for key, value in asked.items())


def read(plan: FoldPlan) -> dict[str, Any]:
    """The report of a finished evaluation."""
    content: dict[str, Any] = json.loads((plan.folder / EVALUATION).read_text())
    return content


def made_by(plan: FoldPlan) -> dict[str, Any]:
    """Seconds, machines and commits of a finished evaluation."""
    content: dict[str, Any] = json.loads((plan.folder / MADE_BY).read_text())
    return content


def write(plan: FoldPlan, study: Study, chips: str) -> dict[str, Any]:
    """Put all folds together, and leave the report.

    Args:
        plan: of the evaluation.
        study: all of its slots are done.
        chips: digest of the chip store.

    Raises:
        ValueError: if a fold failed each time it was taken up.
    """
    table = study.table(NOTES)
    if failed := [plan.fold_and_seed(slot) for slot in table["trial"][table["state"] == "fail"]]:
        raise ValueError(
            f"fold {failed[0][0]} with seed {failed[0][1]} failed {plan.experiment.tune.retries + 1} times "
            f"({len(failed)} such), see {folder(plan, *failed[0])}; tune.retries={plan.experiment.tune.retries + 5} "
            "tries again"
        )
    by_predictor = _moments(plan, table)
    facts = list(table["facts"])
    content = _described(plan, chips, facts) | pooling.content(
        by_predictor[_MODEL],
        {name: each for name, each in by_predictor.items() if name != _MODEL},
        plan.experiment.task,
    )
    content |= _intervals(plan, [folder(plan, *plan.fold_and_seed(slot)) for slot in table["trial"]])
    plan.folder.mkdir(parents=True, exist_ok=True)
    for predictor, moments in by_predictor.items():
        name = MOMENTS if predictor == _MODEL else kept_evaluations.moments_of(predictor)
        region_moments.write(plan.folder / name, moments)
    report_files.write_json(plan.folder / MADE_BY, _made_by(facts))
    report_files.write_json(plan.folder / EVALUATION, content)
    label_borders.write(kept_evaluations.read(plan.folder))
    return read(plan)


def _made_by(facts: list[dict[str, Any]]) -> dict[str, Any]:
    """What differs from run to run: the seconds of all epochs, the machines and the commits."""
    seconds = round(sum(each["seconds"] for each in facts), 1)
    return {"seconds": seconds} | {f"{key}s": sorted({each[key] for each in facts}) for key in ("machine", "commit")}


def _intervals(plan: FoldPlan, reports: list[Path]) -> dict[str, Any]:
    """Intervals of all folds' test predictions, or why there are none; probabilities of pixels have none."""
    experiment = plan.experiment
    if experiment.task == "segmentation" and experiment.model.outputs > 1:
        return {}
    if absent := [report.name for report in reports if not (report / "predictions" / "test.npz").exists()]:
        text = (
            f"No intervals: predictions of {len(absent)} of {len(reports)} folds lie on other machines ({absent[0]} …)."
        )
        return {"intervals": {"text": text}}
    predictions = {report.name: report_files.read_predictions(report, "test") for report in reports}
    return {"intervals": conformal.summarise(predictions)}


def _moments(plan: FoldPlan, table: pd.DataFrame) -> dict[str, dict[int, pd.DataFrame]]:
    """Sums of every region over all folds, by predictor and seed."""
    parts: dict[tuple[str, int], list[pd.DataFrame]] = {}
    for slot, text in zip(table["trial"], table["moments"], strict=True):
        rows = pd.read_csv(io.StringIO(text), dtype=str)  # as text first: that keeps all digits
        for predictor, own in rows.groupby("predictor", sort=False):
            moments = own.drop(columns="predictor").set_index("region").astype(float)
            parts.setdefault((str(predictor), plan.fold_and_seed(slot)[1]), []).append(moments)
    by_predictor: dict[str, dict[int, pd.DataFrame]] = {}
    for (predictor, seed), moments_of_folds in parts.items():
        by_predictor.setdefault(predictor, {})[seed] = region_moments.added(moments_of_folds)
    return by_predictor


def _described(plan: FoldPlan, chips: str, facts: list[dict[str, Any]]) -> dict[str, Any]:
    """What `evaluation.json` says beside metrics."""
    experiment, address = plan.experiment, plan.experiment.evaluate.model
    return {
        "name": plan.folder.name,
        "study": plan.name,
        "exp": experiment.exp,
        "variant": experiment.variant,
        "data": experiment.data.name,
        "data_digest": chips,
        "frame": experiment.inputs.frame,
        "task": experiment.task,
        "model": foreign_models.name(address) if address else experiment.model.name,
        "size": experiment.size,
        "threshold": experiment.metrics.threshold,
        "settings_digest": decides.digest_without_split(experiment),
        "folds": plan.split,
        "fold_count": plan.folds,
        "fold_options": dict(plan.options),
        "seeds": plan.seeds,
        "split_digest": provenance.text_digest(*dict.fromkeys(each["split"] for each in facts)),
        **(_fitted_elsewhere(address) if address else _trained_here(plan, facts)),
        **_distance(facts),
        **{key: mean([each[key] for each in facts]) for key in ("controls", "reads") if all(key in e for e in facts)},
        **_scales([each["degree_scale"] for each in facts if "degree_scale" in each]),
    }


def _scales(scales: list[dict[str, Any]]) -> dict[str, Any]:
    """The heat of degree 1 in the folds, where each has a scale of its own."""
    if not scales:
        return {}
    factors, thresholds = ([scale[key] for scale in scales] for key in ("factor", "threshold"))
    ends = {"factor": [min(factors), max(factors)], "threshold": [min(thresholds), max(thresholds)]}
    return {"degree_scale": {**{key: scales[0][key] for key in ("scale", "percentile", "unit")}, **ends}}


def _trained_here(plan: FoldPlan, facts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"claims_unseen": splits.CLAIMS_UNSEEN[plan.split], "leak": any(each["leak"] for each in facts)}


def _fitted_elsewhere(address: str) -> dict[str, Any]:
    """That nobody here knows what a model was trained on, in words too, and which model it is."""
    about = {"address": foreign_models.public(address), "digest": foreign_models.digest(address)}
    return {"claims_unseen": None, "leak": None, "fitted": foreign_models.FITTED, "evaluated_model": about}


def _distance(facts: list[dict[str, Any]]) -> dict[str, float]:
    """The smallest ground distance between training and test of all folds; nothing where a fold has none."""
    metres = [float(each["distance"]) for each in facts if each.get("distance") is not None]
    return {"distance": min(metres)} if len(metres) == len(facts) else {}


def mean(contents: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The means of the numbers of like mappings, level by level; what is no number or not in all is left out."""
    return dict(_means(contents))


def _means(contents: list[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    for key in contents[0]:
        values = [content.get(key) for content in contents]
        if all(isinstance(value, Mapping) for value in values):
            yield key, mean(values)  # type: ignore[arg-type]
        elif all(isinstance(value, int | float) and math.isfinite(value) for value in values):
            yield key, sum(values) / len(values)  # type: ignore[arg-type]
