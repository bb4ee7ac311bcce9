"""What an evaluation over folds reports to MLflow: its own run, above those of its folds. Private to `evaluate`."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from filelock import FileLock

from rojsat.chips import splits
from rojsat.chips.reader import Chips
from rojsat.config import compose, decides, foreign_models, provenance, recipes
from rojsat.evaluation import conformal, evaluation_block, kept_evaluations, label_borders, pooling, run_columns
from rojsat.figures import interval_curves
from rojsat.search.folds import FoldPlan
from rojsat.search.study import Study
from rojsat.stages import _run_words
from rojsat.stages._folds import reports
from rojsat.tracking import recorder
from rojsat.tracking.links import Run

_NAME = re.compile(r"[^\w.\- /]")
"""What the name of a metric cannot hold."""


_OF_TRAINING = ("model.", "loss.", "optimizer.", "schedule.", "train.")
"""Beginnings of parameters that say nothing of a model that was fitted elsewhere."""


def lock(plan: FoldPlan) -> FileLock:
    """One worker of this machine at a time starts or reports the evaluation."""
    return FileLock(plan.store / f"{plan.name}.lock")


def parent_run(plan: FoldPlan, study: Study, chips: Chips) -> Run:
    """The MLflow run of the evaluation: the one that another worker or an earlier call started, else a new one."""
    experiment = plan.settings(0, plan.seeds[0])
    hidden = ("seed", "split.options.fold")
    parameters = {key: value for key, value in decides.parameters(experiment).items() if key not in hidden}
    parameters |= {"folds": plan.folds, "seeds": plan.seeds}
    if address := plan.experiment.evaluate.model:
        parameters = {key: value for key, value in parameters.items() if not key.startswith(_OF_TRAINING)}
        parameters["model"] = foreign_models.public(address)
    with lock(plan):
        before = study.notes.get("run")
        run = recorder.start(
            experiment.task, f"evaluate {plan.folder.name}", _tags(plan, chips), parameters, resume=before
        )
        if run.id != before:
            study.note("run", run.id)
            recorder.log_text(run, compose.written(plan.experiment), "experiment.yaml")
            chip_folder = recipes.shown(recipes.folder("chips", experiment))
            recorder.log_data(run, experiment.data.name, chips.digest, chip_folder, "chips")
    return run


def _tags(plan: FoldPlan, chips: Chips) -> dict[str, str]:
    """What a reader of the run table filters by."""
    experiment, address = plan.experiment, plan.experiment.evaluate.model
    unseen = str(splits.CLAIMS_UNSEEN[plan.split]).lower()
    return {
        "exp": experiment.exp,
        "variant": experiment.variant,
        "stage": "evaluate",
        "study": plan.name,
        "model": foreign_models.name(address) if address else experiment.model.name,
        **({"fitted": foreign_models.FITTED} if address else {}),
        "channels": ", ".join(experiment.inputs.channels),
        "split": plan.split,
        "unseen regions": "not known" if address else unseen,
        "data": experiment.data.name,
        "data digest": chips.digest[:12],
        "size": experiment.size,
        "commit": provenance.commit(compose.ROOT),
        "dirty": str(provenance.is_dirty(compose.ROOT)).lower(),
    }


def outcome(run: Run, plan: FoldPlan, evaluation: Mapping[str, Any]) -> None:
    """Record metrics with their intervals, description and files of a finished evaluation, and close its run."""
    points: dict[str, float] = {}
    for name, estimate in evaluation["metrics"].items():
        points |= {f"test/{name}{'' if end == 'value' else f'_{end}'}": value for end, value in estimate.items()}
    for predictor, metrics in evaluation["without_image"].items():
        for name, estimate in metrics.items():
            points |= {f"{predictor}/{name}{'' if e == 'value' else f'_{e}'}": value for e, value in estimate.items()}
    compared = evaluation["gain"]
    for end in ("value", "low", "high"):
        if end in compared:
            points[f"gain/{compared['metric']}{'' if end == 'value' else f'_{end}'}"] = compared[end]
    for region, values in evaluation["by_region"].items():
        points |= {f"region {_NAME.sub('_', region)}/{name}": value for name, value in values.items()}
    intervals = evaluation.get("intervals", {})
    shown = ("coverage", "width", "within", "size", "single")
    points |= {f"intervals/{name}": intervals[name] for name in shown if name in intervals}
    quantiles = intervals.get("quantiles", {})
    points |= {f"intervals/quantiles_{name}": quantiles[name] for name in shown if name in quantiles}
    if "reliability" in intervals:
        _draw(run, plan, intervals)
    above = run_columns.above_baselines(pooling.summary(evaluation))
    points |= {f"test/{name}": value for name, value in above.items()}
    recorder.log_metrics(run, run_columns.rounded(points))
    scale = {"degree scale": evaluation["degree_scale"]["scale"]} if "degree_scale" in evaluation else {}
    description = {"mlflow.note.content": _run_words.fenced(block(plan, evaluation))}
    recorder.tag(run, description | _outcome_tags(evaluation) | scale)
    for name in (kept_evaluations.EVALUATION, kept_evaluations.MOMENTS):
        recorder.log_text(run, (plan.folder / name).read_text(), f"evaluation/{name}")
    recorder.finish(run)


def _outcome_tags(evaluation: Mapping[str, Any]) -> dict[str, str]:
    """What a reader of the run table filters by, known at the end."""
    return {
        "tested on": run_columns.tested_on(list(evaluation["by_region"]), evaluation["task"]),
        "leak": str(evaluation["leak"]).lower(),
        "clean": str(not evaluation["leak"]).lower(),
        "beats": {True: "true", False: "false", None: "open"}[evaluation["beats"]],
    }


def _draw(run: Run, plan: FoldPlan, intervals: Mapping[str, Any]) -> None:
    """Draw what intervals cover into the evaluation's `figures/`, and record it."""
    figures = plan.folder / "figures"
    figures.mkdir(exist_ok=True)
    interval_curves.interval_curves(intervals, conformal.NEAR).savefig(figures / "intervals.png")
    recorder.log_files(run, figures, "figures")


def block(plan: FoldPlan, evaluation: Mapping[str, Any]) -> str:
    """The block of text that the evaluation ends with, its description too."""
    experiment = plan.experiment
    words = [*_run_words.words(experiment), f"folds={plan.split}"]
    words += [f"evaluate.fold_options.{key}={value}" for key, value in experiment.evaluate.fold_options.items()]
    words.append(f"seeds={','.join(str(seed) for seed in plan.seeds)}")
    then = evaluation_block.next_command(evaluation, words, _alike(evaluation))
    folder = str(plan.folder.relative_to(compose.ROOT))
    made_by = reports.made_by(plan)
    about = [*_run_words.about(experiment), *label_borders.sentences(plan.folder)]
    return evaluation_block.evaluated(evaluation, made_by, folder=folder, about=about, then=then)


def _alike(evaluation: Mapping[str, Any]) -> list[str]:
    """Names of the other evaluations of the same data and split, the best one first."""
    compared, values = evaluation["gain"]["metric"], {}
    for name, folder in kept_evaluations.folders(compose.ROOT).items():
        other = json.loads((folder / kept_evaluations.EVALUATION).read_text())
        same = all(other.get(key) == evaluation[key] for key in ("data_digest", "split_digest", "task"))
        if same and name != evaluation["name"] and compared in other["metrics"]:
            values[name] = other["metrics"][compared].get("value", -math.inf)
    return sorted(values, key=lambda name: (-values[name], name))
