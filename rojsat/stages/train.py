"""Train an experiment, judge it on validation and test, leave the results in `reports/<name>/` and in MLflow.

Killed at any moment, the same command goes on from the last whole epoch, in the same MLflow run.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout
from omegaconf import DictConfig, OmegaConf

from rojsat import config, provenance, recipes, results, tracking
from rojsat.chips import Chips
from rojsat.learn import assembly
from rojsat.learn.assembly import Assembled
from rojsat.learn.evaluation import Evaluation
from rojsat.learn.training import Epoch
from rojsat.tracking import Run

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
    run = _start(assembled, state, parent)
    status = "FAILED"
    try:
        recorded = tracking.last_step(run, "train/loss")
        history = [_record(run, epoch, recorded, assembled) for epoch in assembled.train(state)]
        parts = {part: assembled.evaluate(part) for part in JUDGED}
        _report(assembled, run, pd.DataFrame(history), parts)
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        tracking.finish(run, status)
    print(f"run:      {run.link}\nall runs: {run.table}\n(after `make ui`)")


def _start(assembled: Assembled, state: Path, parent: str | None) -> Run:
    """Start the MLflow run, or go on with the one whose checkpoint lies in `state`."""
    experiment, path = assembled.settings, state / "run.json"
    before = json.loads(path.read_text())["run"] if path.exists() else None
    subject = f"{experiment.data.name} {experiment.task}"
    name, tags, parameters = config.run_name(experiment), _tags(assembled), _parameters(assembled)
    started = tracking.start(subject, name, tags, parameters, resume=before, parent=parent)
    results.write_json(path, {"run": started.id})
    chips = assembled.chips
    place = str(recipes.folder("chips", experiment).relative_to(config.ROOT))
    tracking.log_data(started, str(experiment.data.name), chips.digest, place, "chips")
    tracking.log_text(started, OmegaConf.to_yaml(experiment), "experiment.yaml")
    tracking.log_text(started, json.dumps(assembled.audit, indent=1), "split/audit.json")
    tracking.log_text(started, _split_table(assembled), "split/parts.csv")
    return started


def _split_table(assembled: Assembled) -> str:
    """The part of every chip, as CSV."""
    table: str = assembled.split[["chip", "region", "date", "part"]].to_csv(index=False)
    return table


def _tags(assembled: Assembled) -> dict[str, str]:
    """What a reader of the run table filters by."""
    experiment = assembled.settings
    return {
        "exp": str(experiment.exp),
        "stage": "train",
        "model": str(experiment.model.name),
        "channels": ", ".join(experiment.inputs.channels),
        "loss": str(experiment.loss.name),
        "weights": str(experiment.model.weights or "from scratch"),
        "split": str(experiment.split.name),
        "leak": str(_leaks(assembled)).lower(),
        "data": str(experiment.data.name),
        "data digest": assembled.chips.digest[:12],
        "size": str(experiment.size),
        "commit": provenance.commit(config.ROOT),
        "dirty": str(provenance.is_dirty(config.ROOT)).lower(),
    }


def _leaks(assembled: Assembled) -> bool:
    """Whether the audit found that test and training share regions, chips or ground."""
    return bool(str(assembled.audit["verdict"]).startswith("leak"))


def _parameters(assembled: Assembled) -> dict[str, Any]:
    """The settings of the experiment that decide its result, flat."""
    content = config.plain(assembled.settings)
    chosen = ("seed", "inputs", "split", "model", "loss", "optimizer", "schedule", "train", "metrics")
    flat = pd.json_normalize({key: content[key] for key in chosen}, sep=".").iloc[0].to_dict()
    return {str(key): value for key, value in flat.items() if value is not None}


def _record(run: Run, epoch: Epoch, recorded: int, assembled: Assembled) -> dict[str, Any]:
    """Record an epoch, unless an earlier process did, print its line, and give its row of the history."""
    if epoch.number > recorded:
        extra = {"system/seconds": epoch.seconds, "train/learning_rate": epoch.learning_rate}
        tracking.log_metrics(run, epoch.metrics | extra, epoch.number)
    total = 1 if assembled.parts.pixelwise else assembled.settings.train.epochs
    shown = "  ".join(
        f"{name} {epoch.metrics[name]:.4f}" for name in ("train/loss", "val/loss") if name in epoch.metrics
    )
    again = "  (from the checkpoint)" if epoch.resumed else ""
    print(f"epoch {epoch.number}/{total}  {shown}  {epoch.seconds:.1f} s{'  best' * epoch.best}{again}", flush=True)
    return {"epoch": epoch.number, "best": epoch.best, "learning_rate": epoch.learning_rate} | epoch.metrics


def _report(assembled: Assembled, run: Run, history: pd.DataFrame, parts: dict[str, Evaluation]) -> None:
    """Leave metrics, history and predictions in `reports/<name>/`, and the same with the network in MLflow."""
    folder = config.report(assembled.settings)
    folder.mkdir(parents=True, exist_ok=True)
    results.write_history(folder, history)
    for part, found in parts.items():
        results.write_predictions(folder, part, found.rows, _arrays(found))
        tracking.log_metrics(run, {f"{part}/{name}": value for name, value in found.metrics.items()}, 0)
    best = int(history.loc[history["best"], "epoch"].iloc[-1])
    results.write_json(folder / "metrics.json", _metrics(assembled, best, parts))
    results.write_json(folder / "run.json", {"run": run.id, "experiment": run.experiment_id})
    tracking.tag(run, {"mlflow.note.content": _note(assembled, best, parts)})
    _log_model(assembled, run)


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
        "leak": _leaks(assembled),
        "model": str(experiment.model.name),
        "size": str(experiment.size),
        "split": str(experiment.split.name),
        "task": str(experiment.task),
        **{part: found.metrics for part, found in parts.items()},
    }


def _note(assembled: Assembled, best: int, parts: dict[str, Evaluation]) -> str:
    """The run's description, Markdown: headline figures and what they may be believed for."""
    experiment = assembled.settings
    names = ("accuracy", "f1_macro") if experiment.task == "classification" else ("rmse", "r2", "iou", "f1")
    lines = [f"| part | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for part, found in parts.items():
        lines.append(f"| {part} | {' | '.join(f'{found.metrics[name]:.3f}' for name in names)} |")
    about = config.header(str(experiment.exp)).splitlines()[0]
    audit = f"Split by {experiment.split.name}. {assembled.audit['verdict'].capitalize()}. Epoch {best} was kept."
    return "\n".join([about, "", *lines, "", audit])


def _log_model(assembled: Assembled, run: Run) -> None:
    """Record the network with its signature, and what must be known to feed it."""
    example = assembled.example()
    if example is not None:
        tracking.log_model(run, assembled.model, *example, assembled.description())


if __name__ == "__main__":
    config.command(run, "rojsat.stages.train")
