"""Train an experiment, judge it on validation and test, leave the results in `reports/<name>/` and in MLflow.

Killed at any moment, the same command goes on from the last whole epoch, in the same MLflow run.
"""

import shutil
import sys
from logging import Logger
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout
from omegaconf import DictConfig
from tqdm import tqdm

from rojsat import config, pictures, provenance, recipes, recording, results, tracking
from rojsat.chips import Chips
from rojsat.learn import assembly
from rojsat.learn.assembly import Assembled
from rojsat.learn.evaluation import Evaluation
from rojsat.learn.training import Epoch
from rojsat.tracking import Run, logbook

CODE = ("learn/**/*.py", "audit.py", "channels.py", "chips.py", "metrics.py", "splits.py")
"""Modules that decide a result; a checkpoint made by others is not gone on from."""

JUDGED = ("val", "test")
"""Parts that the finished model is judged on."""


def run(experiment: DictConfig, *, parent: str | None = None) -> None:
    """Train and judge the experiment.

    Args:
        experiment: composed by `rojsat.config`.
        parent: the id of the MLflow run that this one is a part of.
    """
    assembled = assembly.assemble(experiment, Chips(recipes.folder("chips", experiment)))
    state = _state(experiment, assembled)
    try:
        with FileLock(state.with_suffix(".lock"), timeout=0):
            _train(assembled, state, parent)
            shutil.rmtree(state)
    except Timeout as error:
        raise ValueError(f"another process runs {experiment.exp} with these very settings; wait for it") from error


def _state(experiment: DictConfig, assembled: Assembled) -> Path:
    """The folder of the checkpoint, named by everything that decides the result: settings, chips and code."""
    package = Path(config.__file__).parent
    code = provenance.digest(path for pattern in CODE for path in package.glob(pattern))
    unique = provenance.text_digest(assembled.fingerprint, code)[:12]
    folder = tracking.STORE / "checkpoints" / f"{config.run_name(experiment)}-{unique}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _train(assembled: Assembled, state: Path, parent: str | None) -> None:
    """Train in the checkpoint folder `state`, record every epoch, then write what came of it."""
    run = recording.start(assembled, state, parent)
    folder = config.report(assembled.settings)
    status = "FAILED"
    try:
        with logbook.keep(folder / logbook.NAME) as journal:
            journal.info("run %s: %s", run.id, " ".join(sys.orig_argv))
            _learn(assembled, state, run, folder, journal)
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        tracking.log_text(run, (folder / logbook.NAME).read_text(), logbook.NAME)
        tracking.finish(run, status)
    print(f"run:      {run.link}\nall runs: {run.table}\n(after `make ui`, if the runs are on this machine)")


def _learn(assembled: Assembled, state: Path, run: Run, folder: Path, journal: Logger) -> None:
    """Pass the epochs, judge the kept one, leave and record the results."""
    recorded, sample = tracking.last_step(run, "system/seconds"), pictures.sample(assembled)
    history = []
    if recorded < 0:
        recording.untrained(run, assembled, sample)
    with tqdm(total=assembled.epochs, desc="epochs", unit="epoch", disable=not sys.stderr.isatty()) as bar:
        for epoch in assembled.train(state):
            if epoch.number > recorded:
                recording.epoch(run, epoch, assembled, sample)
            line = _line(epoch, assembled.epochs)
            journal.info(line)
            tqdm.write(line)
            sys.stdout.flush()
            bar.update()
            history.append(
                {"epoch": epoch.number, "best": epoch.best, "learning_rate": epoch.learning_rate} | epoch.metrics
            )
    parts = {part: assembled.evaluate(part) for part in JUDGED}
    _report(assembled, run, folder, pd.DataFrame(history), parts)
    recording.outcome(run, assembled, pd.DataFrame(history), parts, sample)


def _line(epoch: Epoch, total: int) -> str:
    """What is said of an epoch."""
    losses = (f"{name} {epoch.metrics[name]:.4f}" for name in ("train/loss", "val/loss") if name in epoch.metrics)
    again = "  (from the checkpoint)" if epoch.resumed else ""
    shown = "  ".join(losses)
    return f"epoch {epoch.number}/{total}  {shown}  {epoch.seconds:.1f} s{'  best' * epoch.best}{again}"


def _report(assembled: Assembled, run: Run, folder: Path, history: pd.DataFrame, parts: dict[str, Evaluation]) -> None:
    """Leave metrics, history and predictions in `folder`, `reports/<name>/`."""
    results.write_history(folder, history)
    for part, found in parts.items():
        results.write_predictions(folder, part, found.rows, _arrays(found))
    best = int(history.loc[history["best"], "epoch"].iloc[-1])
    results.write_json(folder / "metrics.json", _metrics(assembled, best, parts))
    made_of = {"data": assembled.chips.digest, "split": recording.split_digest(assembled)}
    made = {"run": run.id, "experiment": run.experiment_id, "model": recording.registered(assembled.settings)}
    results.write_json(folder / "run.json", made | made_of)


def _arrays(found: Evaluation) -> dict[str, Any]:
    """The arrays of an evaluation by the names that `results.Predictions` gives them."""
    return {"prediction": found.predictions, "target": found.targets, "known": found.known, "seen": found.seen}


def _metrics(assembled: Assembled, best: int, parts: dict[str, Evaluation]) -> dict[str, Any]:
    """What `metrics.json` holds."""
    experiment, description = assembled.settings, assembled.description()
    return {
        "best_epoch": best,
        "channels": ", ".join(experiment.inputs.channels),
        "classes": description["classes"],
        "leak": recording.leaks(assembled),
        "model": str(experiment.model.name),
        "size": str(experiment.size),
        "split": str(experiment.split.name),
        "task": str(experiment.task),
        **{part: found.metrics for part, found in parts.items()},
    }


if __name__ == "__main__":
    config.command(run, "rojsat.stages.train")
