"""Train an experiment with every fold of a split and several seeds, evaluate all test parts together.

Leaves `reports/evaluations/<name>/` and one MLflow run above those of the folds. Killed at any moment, the same command
goes on; run beside itself, here or on other machines with the same `tune.storage`, it shares the folds. `model=` trains
nothing: it evaluates a model that was fitted elsewhere, an ONNX file or an MLflow model, on the same test parts.
"""

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

from tqdm import tqdm

from rojsat.chips.reader import Chips
from rojsat.config import command, compose, metric_names, progress, provenance, recipes
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.evaluation import report_files
from rojsat.learn.foreign import Predict
from rojsat.search import folds
from rojsat.search.folds import FoldPlan
from rojsat.search.study import Study
from rojsat.search.trial import Trial
from rojsat.stages import _run_words, _side_by_side, train
from rojsat.stages._folds import foreign_folds, reports, runs
from rojsat.tracking import recorder
from rojsat.tracking.links import Run

COMMAND = Command(
    "rojsat.stages.evaluate",
    __doc__,
    "exp=unet_roi6 folds=leave_one_region_out seeds=0,1",
    short=command.OF_EVALUATION,
)


def plan(experiment: Experiment) -> FoldPlan:
    """Which folds there are for the chips of the experiment, and the study that they are shared by.

    Raises:
        ValueError: folds, options, seeds or jobs that cannot be.
    """
    split, options = folds.chosen_split(experiment)
    chips = Chips(recipes.folder("chips", experiment))
    count = folds.count(experiment, chips)
    unique = train.fingerprint(folds.with_split(experiment, split, options, 0, 0), chips)
    if experiment.evaluate.model is not None:
        unique = provenance.text_digest(
            unique, foreign_folds.identity(experiment.evaluate.model, trust=experiment.evaluate.trust)
        )
    name = f"{compose.evaluation_name(experiment)}-folds-{unique[:8]}"
    recorder.STORE.mkdir(parents=True, exist_ok=True)
    return FoldPlan(experiment, split, options, count, name, recorder.STORE)


def run(experiment: Experiment) -> None:
    """Train until all folds are done, here and at other workers; a finished evaluation is printed again."""
    evaluation = plan(experiment)
    study = evaluation.study()
    link = []
    if study.finished and reports.is_reported(evaluation):
        print(f"nothing to do: {study.done} trainings are done")
    else:
        link = [_run_words.where(_work(evaluation, study))]
    print("\n".join(["", runs.block(evaluation, reports.read(evaluation)), *link]), flush=True)


def _work(evaluation: FoldPlan, study: Study) -> Run:
    """Train what is left, here and at other workers, then report unless another worker did; the evaluation's run."""
    print("\n".join(_opening(evaluation, study)), flush=True)
    progress.doing("opens MLflow")
    chips = Chips(recipes.folder("chips", evaluation.experiment))
    predict = foreign_folds.load(evaluation, chips)
    parent = runs.parent_run(evaluation, study, chips)
    try:
        study.work(lambda trial: _fold(evaluation, chips, parent, predict, trial))
    except KeyboardInterrupt:
        if not study.running:
            recorder.finish(parent, "KILLED")
        raise
    with runs.lock(evaluation):
        if not reports.is_reported(evaluation):
            progress.doing("puts all folds together")
            content = reports.write(evaluation, study, chips.digest)
            runs.outcome(parent, evaluation, content)
    return parent


def _opening(evaluation: FoldPlan, study: Study) -> list[str]:
    """What it does, three lines."""
    experiment, seeds = evaluation.experiment, ", ".join(str(seed) for seed in evaluation.seeds)
    folds = f"{evaluation.folds} fold{'s' * (evaluation.folds > 1)}"
    channels, storage = ", ".join(experiment.inputs.channels), compose.public(evaluation.storage)
    return [
        f"{evaluation.folder.name}: {experiment.model.name} on {channels}, {experiment.train.epochs} epochs at most",
        f"{folds} of {evaluation.split}, each with seeds {seeds}; {study.done} trainings done",
        f"results: {evaluation.folder.relative_to(compose.ROOT)}, work is shared through {storage}",
    ]


def _fold(evaluation: FoldPlan, chips: Chips, parent: Run, predict: Predict | None, trial: Trial) -> float:
    """Train a fold as a child run, or go on with it where another worker left it; its headline metric.

    A model that was fitted elsewhere, `predict`, is evaluated instead.
    """
    fold, seed = evaluation.fold_and_seed(trial.slot)
    settings, folder = evaluation.settings(fold, seed), reports.folder(evaluation, fold, seed)
    fingerprint = train.fingerprint(settings, chips)
    if predict is not None:
        fingerprint = provenance.text_digest(fingerprint, evaluation.name)
    is_known = reports.holds(folder, fingerprint)
    name = f"fold {fold + 1} of {evaluation.folds}, seed {seed}"
    if not is_known:
        try:
            if predict is not None:
                foreign_folds.evaluate(predict, settings, chips, parent, folder)
            else:
                with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):  # log.txt has all
                    train.run(settings, parent=parent.id, folder=folder)
        except (ValueError, OSError) as error:
            raise ValueError(f"{name}: {error}") from error
        except Exception as error:
            error.add_note(f"in {name}, see {folder}")
            raise
        reports.finish(folder, settings, fingerprint)
    for key, content in reports.notes(folder).items():
        trial.note(key, content)
    summary = report_files.read_summary(folder)
    metric, against = summary["gain"]["metric"], summary["best_without_image"]
    value, least = (values.get(metric, float("nan")) for values in (summary["test"], summary["without_image"][against]))
    seconds = f"{trial.notes['facts']['seconds']:.0f} s{', done before' * is_known}"
    label = metric_names.METRICS[metric].label
    line = (
        f"{evaluation.folder.name}  {name}: {label} "
        f"{metric_names.text(value)}, without an image {metric_names.text(least)} ({against}); {seconds}"
    )
    trial.note("line", line)
    print(line, flush=True)
    return float(value)


def side_by_side(experiment: Experiment, python_words: list[str]) -> None:
    """Let other processes train until all folds are done, then print what came of it.

    Args:
        experiment: as the processes have it, but for `evaluate.jobs` and `dask.scheduler`, which say where they run.
        python_words: of Python's command line, of one of them.

    Raises:
        ValueError: if folds are left because processes failed; it has the end of their log.
    """
    evaluation, printed = plan(experiment), set()
    study = evaluation.study()
    total, name = evaluation.folds * len(evaluation.seeds), f"{evaluation.folder.name} trainings"

    def report_progress(bar: "tqdm[Any]") -> None:
        table = study.table(["line"])
        for slot, line in zip(table["trial"], table["line"], strict=True):
            if isinstance(line, str) and slot not in printed:
                printed.add(slot)
                tqdm.write(line)
                sys.stdout.flush()
        bar.update(len(printed) - bar.n)
        bar.refresh()

    if not (study.finished and reports.is_reported(evaluation)):
        count, logs = min(experiment.evaluate.jobs, total), evaluation.folder / "workers"
        with _side_by_side.bar(total, name, "training") as bar:
            failed = _side_by_side.run(experiment, python_words, count, logs, lambda: report_progress(bar))
        _side_by_side.finish(failed, study.finished)
    run(experiment)


if __name__ == "__main__":
    command.execute(run, COMMAND)
