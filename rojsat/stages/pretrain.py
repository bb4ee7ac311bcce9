"""Train a network to fill in covered squares of a data set's images, without labels; an experiment then starts from it.

It leaves weights in `mlruns/pretrained/<name>.pt` that `model.weights=<that file>` takes, and an MLflow run. Images of
the training part alone are looked at, unless pretrain.regions=all. Killed at any moment, the same command goes on.
"""

import datetime
import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from filelock import FileLock, Timeout

from rojsat import stages
from rojsat.config import command, compose, decides, lazy, lookup, progress, provenance, recipes
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.stages import _making

if TYPE_CHECKING:
    from rojsat.chips import reader
    from rojsat.evaluation import report_files
    from rojsat.learn import checkpoints, pretraining
    from rojsat.learn.pretraining import Pretraining
    from rojsat.learn.training import Epoch
    from rojsat.stages import _run_words, train
    from rojsat.tracking import recorder
    from rojsat.tracking.links import Run
else:
    reader, report_files = lazy.module("rojsat.chips.reader"), lazy.module("rojsat.evaluation.report_files")
    checkpoints, pretraining = lazy.module("rojsat.learn.checkpoints"), lazy.module("rojsat.learn.pretraining")
    train, recorder = lazy.module("rojsat.stages.train"), lazy.module("rojsat.tracking.recorder")
    _run_words = lazy.module("rojsat.stages._run_words")

COMMAND = Command(
    "rojsat.stages.pretrain",
    __doc__,
    "exp=unet data=simulated\nexp=beetle_unet pretrain.epochs=200",
    shows=(
        "pretrain",
        "inputs.channels",
        "inputs.dates",
        "split.name",
        "model.name",
        "optimizer.lr",
        "train.batch_size",
    ),
)

EXPERIMENT = "pretraining"
"""MLflow's experiment of these runs."""


def run(experiment: Experiment) -> None:
    """Make missing data, pre-train, write the weights; weights that are there already stay."""
    missing = _making.missing(experiment)
    if missing:
        pretraining.check(experiment)
    for name in missing:
        lookup.module(stages, name, "stage").run(experiment)
    progress.doing("imports torch and MLflow")
    chips = reader.Chips(recipes.folder("chips", experiment))
    unique = fingerprint(experiment, chips)
    path = weights_file(experiment, unique)
    if not path.exists():
        state = recorder.STORE / "checkpoints" / path.stem
        state.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(state.with_suffix(".lock"), timeout=0):
                _pretrain(pretraining.assemble(experiment, chips, unique), path, state)
                shutil.rmtree(state)
        except Timeout as error:
            raise ValueError(f"another process pre-trains {path.stem}; wait for it") from error
    print("\n".join(_ending(path, experiment)))


def fingerprint(experiment: Experiment, chips: "reader.Chips") -> str:
    """SHA-256 of the settings, the chips, the code and the versions of packages that decide the weights."""
    settings = json.dumps(asdict(experiment.pretrain), sort_keys=True)
    return provenance.text_digest(settings, train.fingerprint(experiment, chips))


def weights_file(experiment: Experiment, unique: str) -> Path:
    """Where the weights are written; the name follows from all that decides them, so other weights never take it."""
    return recorder.STORE / "pretrained" / f"{compose.run_name(experiment)}-{unique[:8]}.pt"


def _pretrain(ready: "Pretraining", path: Path, state: Path) -> None:
    """Train in the checkpoint folder `state`, record every epoch, then write the weights."""
    print("\n".join(_opening(ready)), flush=True)
    run, status, history = _start(ready, path.stem, state), "FAILED", []
    recorded = recorder.last_step(run, "system/seconds")
    try:
        for epoch in ready.fit(state):
            if epoch.number > recorded:
                metrics = epoch.metrics | {"system/seconds": epoch.seconds} | epoch.rates
                recorder.log_metrics(run, metrics, epoch.number)
            print(_line(epoch, ready.settings.pretrain.epochs), flush=True)
            history.append({"epoch": epoch.number, "best": epoch.best} | epoch.metrics)
        _write(ready, path, history)
        recorder.log_text(run, _beside(path, ".json").read_text(), "pretraining.json")
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        recorder.finish(run, status)


def _opening(ready: "Pretraining") -> list[str]:
    """What is trained, on what, and what of the test part is looked at."""
    experiment, count = ready.settings, sum(parameter.numel() for parameter in ready.network.parameters())
    of_all = experiment.pretrain.regions == "all"
    looked_at = "images of test regions are among them" if of_all else "images of test regions are not among them"
    return [
        f"{experiment.model.name}, {count:,} parameters, fills in {len(ready.source.inputs)} channels, "
        f"{experiment.pretrain.epochs} epochs, seed {experiment.seed}, on {ready.fabric.device}",
        f"trains on {len(ready.train)} chips of {len(ready.regions)} regions, validates on {len(ready.val)}; "
        f"no label is used, {looked_at}",
    ]


def _start(ready: "Pretraining", name: str, state: Path) -> "Run":
    """Start the MLflow run, or go on with the one whose checkpoint lies in `state`."""
    path, experiment = state / "run.json", ready.settings
    before = json.loads(path.read_text())["run"] if path.exists() else None
    tags = {
        "exp": experiment.exp,
        "stage": "pretrain",
        "model": experiment.model.name,
        "data": experiment.data.name,
        "channels": ", ".join(experiment.inputs.channels),
        "regions": experiment.pretrain.regions,
        "commit": provenance.commit(compose.ROOT),
    }
    parameters = decides.parameters(experiment) | {
        f"pretrain.{key}": value for key, value in asdict(experiment.pretrain).items()
    }
    run = recorder.start(EXPERIMENT, name, tags, parameters, resume=before)
    report_files.write_json(path, {"run": run.id})
    recorder.log_text(run, compose.written(experiment), "experiment.yaml")
    return run


def _line(epoch: "Epoch", total: int) -> str:
    """The line that is printed of an epoch."""
    metrics = "  ".join(f"{name} {epoch.metrics[name]:.4f}" for name in ("train/loss", "val/loss", "val/r2"))
    again = "  (from the checkpoint)" if epoch.resumed else ""
    return f"epoch {epoch.number}/{total}  {metrics}  {epoch.seconds:.1f} s{'  best' * epoch.best}{again}"


def _write(ready: "Pretraining", path: Path, history: list[dict[str, Any]]) -> None:
    """Leave the weights and, beside them, what they were trained on; the weights last."""
    experiment, beside = ready.settings, path.with_suffix(".writing")
    checkpoints.write(ready.weights(), beside)
    best = [epoch for epoch in history if epoch["best"]][-1]
    report_files.write_json(
        _beside(path, ".json"),
        {
            "exp": experiment.exp,
            "data": experiment.data.name,
            "digest": ready.source.chips.digest,
            "fingerprint": ready.fingerprint,
            "regions": list(ready.regions),
            "tensors": len(ready.weights()),
            "pretrain": asdict(experiment.pretrain),
            "best": best,
            "versions": provenance.versions(),
        },
    )
    _beside(path, ".yaml").write_text(yaml.safe_dump(_entry(ready, path, beside), sort_keys=False))
    beside.replace(path)


def _entry(ready: "Pretraining", path: Path, written: Path) -> Mapping[str, Any]:
    """The weights' facts, by the keys of the register `rojsat/learn/models/pretrained`."""
    experiment, regions = ready.settings, len(ready.regions)
    encoder = experiment.model.options.get("encoder")
    return {
        "source": f"own images of {experiment.data.name}, {regions} regions, no labels (rojsat pretrain {path.stem})",
        "date": datetime.date.today().isoformat(),
        "licence": "LicenseRef-own",
        "file": path.name,
        "sha256": hashlib.sha256(written.read_bytes()).hexdigest(),
        "network": experiment.model.name,
        **({"encoder": encoder} if encoder else {}),
        "loads": "all",
        "bands": [name.partition(" ")[0] for name in ready.source.inputs],
        "mean": [float(value) for value in ready.statistics.mean],
        "std": [float(value) for value in ready.statistics.std],
    }


def _beside(path: Path, ending: str) -> Path:
    return path.with_suffix(ending)


def _ending(path: Path, experiment: Experiment) -> list[str]:
    """What came of it, and the command that starts from it."""
    facts = json.loads(_beside(path, ".json").read_text())
    epoch, shown = facts["best"], path
    if path.is_relative_to(compose.ROOT):
        shown = path.relative_to(compose.ROOT)
    return [
        "",
        f"{shown}: {facts['tensors']} tensors, all but the last layer; fills in covered pixels of validation with R² "
        f"{epoch['val/r2']:.3f} (epoch {epoch['epoch']}; the mean of a channel has 0)",
        f"start from it: rojsat run {' '.join([*_run_words.words(experiment), f'model.weights={shown}'])}",
        "with the same split; its random twin: the same command with model.weights=null",
    ]


def main() -> None:
    """Run the command line of this process."""
    command.execute(run, COMMAND)


if __name__ == "__main__":
    main()
