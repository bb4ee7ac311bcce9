"""Search the best values of an experiment's keys by validation alone, train the best again, record all in MLflow.

The test part is evaluated for the first time when the best is trained again, after the search. Killed at any moment,
the same command goes on; run beside itself, here or on other machines with the same `tune.storage`, it shares the work.
"""

import json
import math
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock
from tqdm import tqdm

from rojsat.chips.reader import Chips
from rojsat.config import command, compose, decides, lookup, provenance, recipes
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.evaluation import report_files
from rojsat.learn import assembly
from rojsat.learn.assembly import Assembled
from rojsat.learn.training import NonFiniteLossError
from rojsat.search import space
from rojsat.search.planning import SearchPlan, plan
from rojsat.search.study import Study
from rojsat.search.trial import Pruned, Trial
from rojsat.stages import figures, train, tune_figures
from rojsat.tracking import recorder
from rojsat.tracking.links import Run

COMMAND = Command("rojsat.stages.tune", __doc__, "exp=unet_roi6 tune.trials=20")


def run(experiment: Experiment) -> None:
    """Search until all trials are done, here and at other workers; a finished search does nothing."""
    chips = Chips(recipes.folder("chips", experiment))
    recorder.STORE.mkdir(parents=True, exist_ok=True)
    search = plan(experiment, fingerprint(experiment, chips), recorder.STORE)
    study = search.trials()
    if study.finished and _is_reported(search):
        print(f"nothing to do: {experiment.tune.trials} trials are done, see {compose.search_folder(experiment)}")
        return
    parent = _parent(search, study, chips)
    try:
        hidden, trials = not sys.stderr.isatty(), experiment.tune.trials
        with tqdm(total=trials, initial=study.done, desc="trials", unit="trial", disable=hidden) as bar:
            study.work(lambda trial: _try(search, chips, parent, trial), lambda done: bar.update(done - bar.n))
        seeds = _train_best(search, study, parent, chips.digest)
    except KeyboardInterrupt:
        if not study.running:
            recorder.finish(parent, "KILLED")
        raise
    with _lock(search):
        if not _is_reported(search):
            _report(search, study, seeds, parent)


def fingerprint(experiment: Experiment, chips: Chips) -> str:
    """Sha256 of the settings, the chips and the code that decide a trial's value."""
    package = Path(compose.__file__).parents[1]
    code = provenance.digest(path for pattern in train.CODE for path in package.glob(pattern))
    return provenance.text_digest(decides.fingerprint(experiment, chips.digest), code)


def _lock(search: SearchPlan) -> FileLock:
    """One worker of this machine at a time starts or reports the search."""
    return FileLock(search.store / f"{search.name}.lock")


def _parent(search: SearchPlan, study: Study, chips: Chips) -> Run:
    """The MLflow run of the search: the one that another worker or an earlier call started, else a new one."""
    experiment = search.experiment
    parameters = {"metric": search.metric, "mode": experiment.tune.mode, "seed": experiment.seed}
    parameters |= {f"space.{bounds.key}": list(bounds.ends) for bounds in search.ranges}
    name, tags = f"tune {compose.run_name(experiment)}", _tags(search, chips, "tune")
    with _lock(search):
        before = study.notes.get("run")
        started = recorder.start(search.mlflow_experiment, name, tags, parameters, resume=before)
        if started.id != before:
            study.note("run", started.id)
            recorder.log_text(started, compose.written(experiment), "experiment.yaml")
            _log_data(search, chips, started)
    return started


def _tags(search: SearchPlan, chips: Chips, stage: str) -> dict[str, str]:
    """What a reader of the run table filters by."""
    experiment = search.experiment
    return {
        "exp": experiment.exp,
        "stage": stage,
        "study": search.name,
        "model": experiment.model.name,
        "split": experiment.split.name,
        "data": experiment.data.name,
        "data digest": chips.digest[:12],
        "size": experiment.size,
        "commit": provenance.commit(compose.ROOT),
        "dirty": str(provenance.is_dirty(compose.ROOT)).lower(),
    }


def _log_data(search: SearchPlan, chips: Chips, run: Run) -> None:
    path = str(recipes.folder("chips", search.experiment).relative_to(compose.ROOT))
    recorder.log_data(run, search.experiment.data.name, chips.digest, path, "chips")


def _try(search: SearchPlan, chips: Chips, parent: Run, trial: Trial) -> float:
    """Run one trial as a child run, or go on with it where another worker left it."""
    assembled = assembly.assemble(space.apply(search.experiment, trial.values), chips)
    state = search.store / "checkpoints" / f"{search.name}-{trial.slot}-{assembled.fingerprint[:12]}"
    state.mkdir(parents=True, exist_ok=True)
    child = _child(search, chips, parent, trial)
    end, status, value = "interrupted", "FAILED", math.nan
    try:
        value = search.best(_epochs(search, assembled, state, child, trial))
        end, status = "done", "FINISHED"
    except (NonFiniteLossError, Pruned) as error:
        end, status = str(error).partition(";")[0], "FINISHED"
        raise Pruned(end) from error
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        recorder.tag(child, {"end": end})
        recorder.finish(child, status)
        words = f"{search.metric} {value:.4g}" if end == "done" else end
        tqdm.write(f"trial {trial.slot} of {search.experiment.tune.trials}: {_shown(trial)}: {words}")
        sys.stdout.flush()
        if status == "FINISHED":
            shutil.rmtree(state)
    return value


def _child(search: SearchPlan, chips: Chips, parent: Run, trial: Trial) -> Run:
    """The MLflow run of a trial, the same for all attempts at it."""
    name, before = f"t{trial.slot} {_shown(trial)}", trial.notes.get("run")
    tags = _tags(search, chips, "trial") | {"trial": str(trial.slot)}
    child = recorder.start(search.mlflow_experiment, name, tags, trial.values, resume=before, parent=parent.id)
    if child.id != before:
        trial.note("run", child.id)
        _log_data(search, chips, child)
    return child


def _shown(trial: Trial) -> str:
    """A trial's values, short."""
    pairs = ((key.rpartition(".")[2], value) for key, value in trial.values.items())
    return " ".join(f"{key}={value:.3g}" if isinstance(value, float) else f"{key}={value}" for key, value in pairs)


def _epochs(search: SearchPlan, assembled: Assembled, state: Path, child: Run, trial: Trial) -> Iterator[float]:
    """The value of every epoch; those that no earlier attempt recorded are recorded."""
    recorded = recorder.last_step(child, search.metric)
    for epoch in assembled.train(state):
        if search.metric not in epoch.metrics:
            known = [key.removeprefix("val/") for key in epoch.metrics if key.startswith("val/")]
            raise lookup.unknown("validation metric (tune.metric)", search.metric.removeprefix("val/"), known)
        if epoch.number > recorded:
            extra = {"system/seconds": epoch.seconds, "train/learning_rate": epoch.learning_rate}
            recorder.log_metrics(child, epoch.metrics | extra, epoch.number)
        value = float(epoch.metrics[search.metric])
        trial.report(epoch.number, value, last=epoch.number == assembled.learner.epochs)
        yield value


def _train_best(search: SearchPlan, study: Study, parent: Run, digest: str) -> Study:
    """Train the best with every seed, shared among the workers like the trials; this evaluates the test part."""
    slot, values = study.best()
    seeds, reached = search.seeds(slot), study.table().set_index("trial")["value"][slot]

    def objective(trial: Trial) -> float:
        experiment = space.apply(search.experiment, values | {"seed": trial.slot})
        report = compose.report_folder(experiment)
        same = trial.slot == search.experiment.seed and _holds(search, report, reached, digest)
        print(f"the best, trial {slot}, with seed {trial.slot}{f': {report} holds it already' * same}", flush=True)
        if not same:
            train.run(experiment, parent=parent.id)
            figures.run(experiment)
        trial.note("report", report.name)
        trial.note("run", json.loads((report / "run.json").read_text())["run"])
        trial.note("test", report_files.read_summary(report)["test"])
        return search.best(pd.read_csv(report / "history.csv")[search.metric])

    seeds.work(objective)
    return seeds


def _holds(search: SearchPlan, folder: Path, value: float, digest: str) -> bool:
    """Whether a report is of the very training that the best trial was: on these chips, to the same value."""
    if not all((folder / name).exists() for name in ("run.json", "metrics.json", "history.csv")):
        return False
    values = pd.read_csv(folder / "history.csv").get(search.metric, pd.Series(dtype=float))
    chips = json.loads((folder / "run.json").read_text())["data"]
    return chips == digest and math.isclose(search.best(values), value, rel_tol=1e-6)


def _asked(search: SearchPlan) -> dict[str, Any]:
    """What tells the report of this very search."""
    setting = search.experiment.tune
    return {"study": search.name, "trials": setting.trials, "seeds": [int(seed) for seed in setting.seeds]}


def _is_reported(search: SearchPlan) -> bool:
    path = compose.search_folder(search.experiment) / "run.json"
    content = json.loads(path.read_text()) if path.exists() else {}
    return {key: content.get(key) for key in _asked(search)} == _asked(search)


_ATTEMPTS = ("attempts", "seconds", "run")
"""Columns that are others in every search of the same settings: they stand in a file of their own, `attempts.csv`."""


def _report(search: SearchPlan, study: Study, seeds: Study, parent: Run) -> None:
    """Leave table, best and figures in `reports/searches/<name>/`, and the same in MLflow."""
    table, (slot, values) = study.table(), study.best()
    trained = seeds.table(["run", "report", "test"]).rename(columns={"trial": "seed"})
    content = {
        "again": trained[["seed", "value", "report", "test"]].to_dict("records"),
        "best": {"trial": slot, "value": table.set_index("trial")["value"].to_dict()[slot], "values": values},
        "importance": study.importance(),
        "metric": search.metric,
        "mode": search.experiment.tune.mode,
        "states": table["state"].value_counts().to_dict(),
        "trials": search.experiment.tune.trials,
    }
    made_by = {"run": parent.id, "experiment": parent.experiment_id, "seed_runs": trained["run"].to_list()}
    folder = compose.search_folder(search.experiment)
    folder.mkdir(parents=True, exist_ok=True)
    table.drop(columns=list(_ATTEMPTS)).to_csv(folder / "trials.csv", index=False, float_format="%.7g")
    table[["trial", *_ATTEMPTS]].to_csv(folder / "attempts.csv", index=False, float_format="%.7g")
    report_files.write_json(folder / "tune.json", content)
    report_files.write_json(folder / "run.json", made_by | _asked(search))
    tune_figures.run(search.experiment)
    recorder.finish(parent)
    best = ", ".join(f"{key}={value}" for key, value in values.items())
    print(f"best: trial {slot}, {best}\nreport:   {folder}\nrun:      {parent.link}\n(after `make ui`)")


if __name__ == "__main__":
    command.execute(run, COMMAND)
