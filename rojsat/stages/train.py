"""Train an experiment, evaluate it on validation and test, leave the results in `reports/<size>/<name>/` and in MLflow.

Killed at any moment, the same command goes on from the last checkpoint, in the same MLflow run.
"""

import json
import shutil
import sys
from logging import Logger
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from filelock import FileLock, Timeout
from tqdm import tqdm

from rojsat.chips import degree_scale, roles, splits
from rojsat.chips.reader import Chips
from rojsat.config import command, compose, decides, metric_names, progress, provenance, ranks, recipes
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.evaluation import gain, metrics, report_files, run_block
from rojsat.learn import assembly, gain_summary, machine, other_processes, tested_part
from rojsat.learn.assembly import Assembled
from rojsat.learn.inference import Evaluation, by_region
from rojsat.learn.training import Epoch
from rojsat.stages import _pictures, _recording, _run_words
from rojsat.tracking import logbook, recorder
from rojsat.tracking.links import Run

COMMAND = Command("rojsat.stages.train", __doc__, "exp=unet_roi6 train.epochs=2")

CODE = ("learn/**/*.py", "learn/**/*.yaml", "chips/*.py", "evaluation/metrics.py")
"""Modules that decide a result; a checkpoint made by others is not gone on from."""

OF_A_FOLD = ("val", "test")
"""Parts that a fold is evaluated on, known pixels alone: its training part is tested in the other folds."""


def run(experiment: Experiment, *, parent: str | None = None, folder: Path | None = None) -> None:
    """Train and evaluate the experiment, then print what came of it; see `learn`."""
    print("\n".join(learn(experiment, parent=parent, folder=folder)))


def learn(experiment: Experiment, *, parent: str | None = None, folder: Path | None = None) -> list[str]:
    """Train and evaluate the experiment.

    Args:
        experiment: composed by `rojsat.config`.
        parent: the id of the MLflow run that this one is a part of.
        folder: of a fold's report, which names its run and whose model is not registered; None: the experiment's own.

    Returns:
        the lines that it ends with: what came of it, and where to look at it; none in a process but the first.
    """
    progress.doing("reads the chips")
    assembled = assembly.assemble(experiment, Chips(recipes.folder("chips", experiment)))
    state = _state(experiment, assembled)
    if not ranks.is_first(experiment.train):
        return other_processes.follow(assembled.train(state), assembled.learner.epochs)
    state.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(state.with_suffix(".lock"), timeout=0):
            lines = _train(assembled, state, parent, folder)
            shutil.rmtree(state)
    except Timeout as error:
        raise ValueError(f"another process runs {experiment.exp} with these very settings; wait for it") from error
    return lines


def _state(experiment: Experiment, assembled: Assembled) -> Path:
    """The folder of the checkpoint, named by everything that decides the result."""
    unique = fingerprint(experiment, assembled.data.source.chips)[:12]
    return recorder.STORE / "checkpoints" / f"{compose.run_name(experiment)}-{unique}"


def fingerprint(experiment: Experiment, chips: Chips) -> str:
    """Sha256 of the settings, the chips, the code and the versions of packages that decide a result."""
    package = Path(compose.__file__).parents[1]
    code = provenance.digest(path for pattern in CODE for path in package.glob(pattern))
    versions = json.dumps(provenance.versions())
    return provenance.text_digest(decides.fingerprint(experiment, chips.digest), code, versions)


def _train(assembled: Assembled, state: Path, parent: str | None, fold: Path | None) -> list[str]:
    """Train in the checkpoint folder `state`, record every epoch, then write what came of it; the lines of the end."""
    folder = fold or compose.report_folder(assembled.settings)
    print("\n".join(_run_words.opening(assembled, folder)), flush=True)
    progress.doing("opens MLflow")
    run = _recording.start(assembled, state, parent, None if fold is None else fold.name)
    status = "FAILED"
    try:
        with logbook.keep(folder / logbook.NAME) as journal:
            journal.info("run %s: %s", run.id, " ".join(sys.orig_argv))
            for finding in _run_words.warnings(assembled):
                journal.info("warning: %s", finding)
                print(f"warning: {finding}", flush=True)
            if sentence := _run_words.weights(assembled):
                journal.info(sentence)
            if assembled.data.scale is not None:
                journal.info(degree_scale.words(assembled.data.scale.facts()))
            try:
                block = _learn(assembled, state, run, folder, journal)
            except ValueError as error:
                journal.info("failed: %s", error)
                raise
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        recorder.log_text(run, (folder / logbook.NAME).read_text(), logbook.NAME)
        recorder.finish(run, status)
    return ["", block, _run_words.where(run)]


def _learn(assembled: Assembled, state: Path, run: Run, folder: Path, journal: Logger) -> str:
    """Train all epochs, evaluate the best one, write and record the results; the block that says what came of it."""
    recorded, sample = recorder.last_step(run, "system/seconds"), _pictures.sample(assembled)
    history, seconds = [], 0.0
    if recorded < 0:
        _recording.untrained(run, assembled, sample)
    name, hidden = f"{folder.name} epochs", not sys.stderr.isatty()
    with tqdm(total=assembled.learner.epochs, desc=name, unit="epoch", disable=hidden) as bar:
        for epoch in assembled.train(state):
            if epoch.number > recorded:
                _recording.epoch(run, epoch, assembled, sample)
            line = f"{folder.name}  {_line(epoch, assembled)}"
            journal.info(line)
            tqdm.write(line)
            sys.stdout.flush()
            bar.update()
            seconds += epoch.seconds
            history.append(
                {"epoch": epoch.number, "best": epoch.best, "learning_rate": epoch.learning_rate} | epoch.metrics
            )
    progress.doing("evaluates the weights that are kept, beside predictors without an image")
    is_fold = folder != compose.report_folder(assembled.settings)
    names = OF_A_FOLD if is_fold else splits.PARTS
    parts = {part: assembled.evaluate(part, known_alone=is_fold) for part in names}
    controls = assembled.controls() if assembled.settings.task == "segmentation" else None
    without_image = assembled.without_image("test")
    summary = _summary(assembled, history, parts, controls)
    if assembled.settings.metrics.reads:
        summary["reads"] = assembled.reads(parts["test"].metrics)
    task, threshold = assembled.settings.task, assembled.settings.metrics.threshold
    summary |= gain_summary.summary(parts["test"], without_image, task, threshold)
    _report(folder, summary, parts if controls is None else parts | {roles.CONTROL: controls}, without_image)
    journal.info(gain.words(summary))
    report_files.write_json(folder / "run.json", _made(assembled, run, seconds))
    report_files.write_history(folder, pd.DataFrame(history))
    block = _run_words.ending(assembled.settings, folder)
    progress.doing("records metrics, pictures and the model")
    _recording.outcome(run, assembled, pd.DataFrame(history), summary, sample, _run_words.fenced(block))
    if not is_fold:
        _recording.model(run, assembled, summary, _run_words.fenced(block))
    return block


def _line(epoch: Epoch, assembled: Assembled) -> str:
    """The line that is printed of an epoch."""
    total, is_chosen = assembled.learner.epochs, assembled.settings.train.keep == "best"
    losses = (f"{name} {epoch.metrics[name]:.4f}" for name in ("train/loss", "val/loss") if name in epoch.metrics)
    again = "  (from the checkpoint)" if epoch.resumed else ""
    shown = "  ".join(losses)
    return f"epoch {epoch.number}/{total}  {shown}  {epoch.seconds:.1f} s{'  best' * (epoch.best and is_chosen)}{again}"


def _report(
    folder: Path, summary: dict[str, Any], parts: dict[str, Evaluation], without_image: dict[str, Evaluation]
) -> None:
    """Leave metrics and predictions in `folder`, `reports/<size>/<name>/`; those without an image as `test_<name>`."""
    for part, evaluation in (parts | {f"test_{name}": other for name, other in without_image.items()}).items():
        report_files.write_predictions(folder, part, evaluation.rows, _arrays(evaluation))
    report_files.write_json(folder / report_files.SUMMARY, summary)
    report_files.write_json(folder / report_files.METRICS, _headline(summary))


def _made(assembled: Assembled, run: Run, seconds: float) -> dict[str, Any]:
    """What made the results: run, data, code, machine, and how many seconds its epochs took; nothing depends on it."""
    settings, processor = assembled.settings, {"device": str(assembled.device), "threads": torch.get_num_threads()}
    return provenance.record(compose.ROOT) | {
        "run": run.id,
        "experiment": run.experiment_id,
        **({"model": _recording.registered(settings)} if _recording.is_registered(settings) else {}),
        "data": assembled.data.source.chips.digest,
        **({} if settings.data.store is None else {"store": str(assembled.data.source.chips.path)}),
        "split": _recording.split_digest(assembled),
        "machine": machine.name(assembled.device),
        "hardware": provenance.hardware() | processor,
        "seconds": round(seconds, 1),
    }


def _arrays(evaluation: Evaluation) -> dict[str, Any]:
    """The arrays of an evaluation by the names that `report_files.Predictions` has for them."""
    planes = {name: getattr(evaluation, name) for name in ("known", "seen", "lower", "upper")}
    planes |= {"prediction": evaluation.predictions, "target": evaluation.targets}
    return {name: plane for name, plane in planes.items() if plane is not None}


def _summary(
    assembled: Assembled, history: list[dict[str, Any]], parts: dict[str, Evaluation], controls: Evaluation | None
) -> dict[str, Any]:
    """What `summary.json` holds: what the run was, and all metrics."""
    experiment, description = assembled.settings, assembled.description()
    content = {
        "exp": experiment.exp,
        "seed": experiment.seed,
        "epochs": assembled.learner.epochs,
        "kept": experiment.train.keep if assembled.learner.epochs > 1 else "best",
        "best_epoch": [epoch["epoch"] for epoch in history if epoch["best"]][-1],
        "variant": experiment.variant,
        "channels": ", ".join(experiment.inputs.channels),
        "frame": experiment.inputs.frame,
        "classes": description["classes"],
        "leak": bool(assembled.data.audit.leaks),
        "tested": tested_part.facts(assembled),
        "model": experiment.model.name,
        "size": experiment.size,
        "split": experiment.split.name,
        "task": experiment.task,
        **{part: evaluation.metrics for part, evaluation in parts.items()},
    }
    if sentence := _run_words.weights(assembled):
        content["weights"] = sentence
    if assembled.data.scale is not None:
        content["degree_scale"] = assembled.data.scale.facts()
    if experiment.task == "segmentation":
        content["regions"] = by_region(parts["test"], assembled.metrics)
    if controls is not None:
        labels, threshold = list(controls.rows["label"]), experiment.metrics.threshold
        content["controls"] = metrics.controls(controls.predictions, controls.seen, labels, threshold)
    return content


def _headline(summary: dict[str, Any]) -> dict[str, Any]:
    """What `metrics.json` holds, few columns for `dvc metrics show`."""
    names, test = metric_names.HEADLINE[summary["task"]], summary["test"]
    content = {"test": {name: test[name] for name in names if name in test}}
    if run_block.has_clear_controls(summary):
        content["controls"] = {"false_positive_rate": summary["controls"]["false_positive_rate"]}
    compared, best = summary["gain"]["metric"], summary["best_without_image"]
    least = {compared: summary["without_image"][best][compared]}
    return content | {"best_without_image": least, "gain": {compared: summary["gain"]["value"]}}


if __name__ == "__main__":
    command.execute(run, COMMAND)
