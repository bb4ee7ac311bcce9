"""Trains and evaluates what `experiments/pipeline.yaml` lists at size full, and keeps it in `results/`: hours on a CPU.

Interrupted, the same command goes on: what is trained with the same settings is not trained again.
"""

import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rojsat.config import compose, lookup, pipeline
from rojsat.config.pipeline import Pipeline, TrainingRun
from rojsat.evaluation.kept_evaluations import EVALUATION, MADE_BY, MOMENTS
from rojsat.repro import jobs
from rojsat.repro.jobs import Job, Outcome
from rojsat.stages.compose import text

KEPT = ("history.csv", "metrics.json", "run.json", "summary.json")
"""Files of a report that are kept in git; predictions and figures are large and stay in `reports/full/`."""

KEPT_EVALUATION = (EVALUATION, MOMENTS, MADE_BY)
"""Files of an evaluation over folds that are kept in git; the reports of its folds stay in `reports/evaluations/`."""

SETTINGS = "experiment.yaml"
"""In the report of a finished training: what decided its result."""


def run(names: Sequence[str], overrides: Sequence[str], workers: int, log: Path, *, dry: bool = False) -> None:
    """Train the runs and evaluate over folds, then keep the results and draw the page's figures of the runs.

    Args:
        names: of the list, runs and evaluations; empty: all.
        overrides: `key=value`, for every run; what is trained with overrides is not kept.
        workers: trainings side by side.
        log: file for what the commands print.
        dry: print the commands of the trainings, and run none.

    Raises:
        UnknownNameError: if the list has no run and no evaluation of that name.
        FailedJobError: if a training failed.
    """
    listed = pipeline.read("full")
    for name in names:
        if name not in (known := {**listed.runs, **listed.evaluations}):
            raise lookup.unknown("run or evaluation of size full", name, known)
    runs = {name: training for name, training in listed.runs.items() if name in names or not names}
    evaluations = {name: line for name, line in listed.evaluations.items() if name in names or not names}
    if dry:
        commands = [*(f"rojsat run {' '.join(run.words)}" for run in runs.values())]
        commands += [evaluation.command for evaluation in evaluations.values()]
        print("\n".join(" ".join([command, *overrides]) for command in commands))
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("")
    print(f"What the commands print: {log}", flush=True)
    _train(runs, overrides, workers, log)
    jobs.run(
        [Job(name, _command("evaluate", [*line.words, *overrides])) for name, line in evaluations.items()],
        workers,
        log,
    )
    if overrides:
        return
    for name in runs:
        _keep(compose.ROOT / "reports" / "full" / name, compose.ROOT / "results" / "full" / name, KEPT)
    for name in evaluations:
        kept = compose.ROOT / "results" / "evaluations" / name
        _keep(compose.ROOT / "reports" / "evaluations" / name, kept, KEPT_EVALUATION)
    if not names:
        _draw(listed, workers, log)


def _train(runs: Mapping[str, TrainingRun], overrides: Sequence[str], workers: int, log: Path) -> None:
    """Train the runs that are not trained yet with these settings."""
    trainings, settings = [], {}
    for name, training in runs.items():
        experiment = compose.load(training.experiment, [*training.overrides, *overrides])
        path = compose.report_folder(experiment) / SETTINGS
        if path.exists() and path.read_text() == text(experiment):
            print(f"{name} is trained already, see {path.parent}")
            continue
        settings[name] = path, text(experiment)
        trainings.append(Job(name, _command("run", [*training.words, *overrides])))

    def note(outcome: Outcome) -> None:
        path, content = settings[outcome.job.name]
        path.write_text(content)

    jobs.run(trainings, workers, log, finished=note)


def _draw(listed: Pipeline, workers: int, log: Path) -> None:
    """Draw what the page shows of all runs: their predictions lie in `reports/full/`."""
    words = {run.experiment: run.words for run in listed.runs.values() if not run.variant}
    jobs.run([Job(f"edges of {name}", _command("stages.edges", words[name])) for name in listed.edges], workers, log)
    jobs.run([Job("figures of the page", _command("stages.page_full", ()))], 1, log)


def _command(module: str, words: Sequence[str]) -> Sequence[str]:
    return sys.executable, "-m", f"rojsat.{module}", *words


def _keep(report: Path, folder: Path, files: Sequence[str]) -> None:
    """Copy the small files of a report into the folder of results."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in files:
        shutil.copyfile(report / name, folder / name)
