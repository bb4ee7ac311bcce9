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
from tqdm import tqdm

from rojsat.chips.reader import Chips
from rojsat.config import command, compose, lookup, progress, recipes
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.evaluation import report_files
from rojsat.evaluation.metrics import NonFiniteError
from rojsat.learn import assembly
from rojsat.learn.assembly import Assembled
from rojsat.search import space
from rojsat.search.planning import SearchPlan, plan
from rojsat.search.study import Study
from rojsat.search.trial import Pruned, Trial
from rojsat.stages import _run_words, _search_runs, _side_by_side, figures, train, tune_figures
from rojsat.tracking import recorder
from rojsat.tracking.links import Run

COMMAND = Command("rojsat.stages.tune", __doc__, "exp=unet_roi6 tune.trials=20")


def run(experiment: Experiment) -> None:
    """Search until all trials are done, here and at other workers; a finished search does nothing."""
    chips, search = _search(experiment)
    if not _is_reported(search):
        progress.doing("looks whether the experiment can be trained")
        assembly.prepared(experiment, chips)
    study = search.trials()
    if study.finished and _is_reported(search):
        print(f"nothing to do: {experiment.tune.trials} trials are done, see {compose.search_folder(experiment)}")
        return
    print("\n".join(_opening(search, study)), flush=True)
    progress.doing("opens MLflow")
    parent = _search_runs.parent_run(search, study, chips)
    try:
        hidden, trials = not sys.stderr.isatty(), experiment.tune.trials
        with tqdm(total=trials, initial=study.done, desc="trials", unit="trial", disable=hidden) as bar:
            study.work(lambda trial: _try(search, chips, parent, trial, bar), lambda done: bar.update(done - bar.n))
        seeds = _train_best(search, study, parent, chips.digest)
    except KeyboardInterrupt:
        if not study.running:
            recorder.finish(parent, "KILLED")
        raise
    with _search_runs.lock(search):
        if not _is_reported(search):
            _report(search, study, seeds, parent)


def side_by_side(experiment: Experiment, python_words: list[str]) -> None:
    """Let other processes search until all is done, then print what came of it.

    Args:
        experiment: as the processes have it, but for `tune.jobs` and `dask.scheduler`, which say where they run.
        python_words: of Python's command line, of one of them.

    Raises:
        ValueError: if trials or trainings are left because processes failed; it has the end of their log.
    """
    _, search = _search(experiment)
    study, setting = search.trials(), experiment.tune
    if not (study.finished and _is_reported(search)):
        count, logs = min(setting.jobs, setting.trials), search.store / "workers" / search.name
        print("\n".join([*_opening(search, study), f"what each process prints: {logs}"]), flush=True)
        with _side_by_side.bar(setting.trials, "trials", "trial") as bar:
            failed = _side_by_side.run(experiment, python_words, count, logs, lambda: bar.update(study.done - bar.n))
        _side_by_side.finish(failed, _is_reported(search))
    folder = compose.search_folder(experiment)
    content = json.loads((folder / "tune.json").read_text())
    parent = recorder.find(json.loads((folder / "run.json").read_text())["run"])
    print("\n".join(["", tune_figures.block(experiment, content), _run_words.where(parent)]), flush=True)


def _search(experiment: Experiment) -> tuple[Chips, SearchPlan]:
    chips = Chips(recipes.folder("chips", experiment))
    recorder.STORE.mkdir(parents=True, exist_ok=True)
    return chips, plan(experiment, train.fingerprint(experiment, chips), recorder.STORE)


def _opening(search: SearchPlan, study: Study) -> list[str]:
    """What it does, three lines."""
    experiment, setting = search.experiment, search.experiment.tune
    seeds = ", ".join(str(seed) for seed in setting.seeds) or "none"
    folder, storage = compose.search_folder(experiment), compose.public(search.storage)
    keys = ", ".join(each.key for each in search.ranges)
    return [
        f"search {folder.name}: {setting.trials} trials of {keys}, {study.done} done",
        f"by the {setting.mode} of {search.metric}; then the best again with seeds {seeds}, evaluated on the test part",
        f"results: {folder.relative_to(compose.ROOT)}, work is shared through {storage}",
    ]


def _try(search: SearchPlan, chips: Chips, parent: Run, trial: Trial, bar: "tqdm[Any]") -> float:
    """Run one trial as a child run, or go on with it where another worker left it."""
    assembled = assembly.assemble(space.apply(search.experiment, trial.values), chips)
    state = search.store / "checkpoints" / f"{search.name}-{trial.slot}-{assembled.fingerprint[:12]}"
    state.mkdir(parents=True, exist_ok=True)
    child = _search_runs.trial_run(search, chips, parent, trial)
    end, status, value = "interrupted", "FAILED", math.nan
    try:
        value = search.best(_epochs(search, assembled, state, child, trial, bar))
        end, status = "done", "FINISHED"
    except (NonFiniteError, Pruned) as error:
        end, status = str(error).partition(";")[0], "FINISHED"
        raise Pruned(end) from error
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        recorder.tag(child, {"end": end})
        recorder.finish(child, status)
        words = f"{search.metric} {value:.4g}" if end == "done" else end
        count, values = search.experiment.tune.trials, _search_runs.short(trial)
        name = compose.search_folder(search.experiment).name
        tqdm.write(f"{name}  trial {trial.slot} of {count}: {values}: {words}")
        sys.stdout.flush()
        if status == "FINISHED":
            shutil.rmtree(state)
    return value


def _epochs(
    search: SearchPlan, assembled: Assembled, state: Path, child: Run, trial: Trial, bar: "tqdm[Any]"
) -> Iterator[float]:
    """The value of every epoch; those that no earlier attempt recorded are recorded."""
    recorded = recorder.last_step(child, search.metric)
    bar.set_postfix_str(f"trial {trial.slot}, epoch 0/{assembled.learner.epochs}")
    for epoch in assembled.train(state):
        if search.metric not in epoch.metrics:
            metrics = [key.removeprefix("val/") for key in epoch.metrics if key.startswith("val/")]
            raise lookup.unknown("validation metric (tune.metric)", search.metric.removeprefix("val/"), metrics)
        if epoch.number > recorded:
            recorder.log_metrics(child, epoch.metrics | epoch.rates | {"system/seconds": epoch.seconds}, epoch.number)
        value = float(epoch.metrics[search.metric])
        bar.set_postfix_str(f"trial {trial.slot}, epoch {epoch.number}/{assembled.learner.epochs}")
        trial.report(epoch.number, value, last=epoch.number == assembled.learner.epochs)
        yield value


def _train_best(search: SearchPlan, study: Study, parent: Run, digest: str) -> Study:
    """Train the best with every seed, shared among the workers like the trials; this evaluates the test part."""
    slot, values = study.best()
    seeds, reached = search.seeds(slot), study.table().set_index("trial")["value"][slot]

    def objective(trial: Trial) -> float:
        experiment = space.apply(search.experiment, values | {"seed": trial.slot})
        folder = compose.report_folder(experiment)
        same = trial.slot == search.experiment.seed and _holds(search, folder, reached, digest)
        print(f"the best, trial {slot}, with seed {trial.slot}{f': {folder} holds it already' * same}", flush=True)
        if not same:
            _train_again(experiment, slot, trial.slot, parent)
            figures.run(experiment)
        trial.note("report", folder.name)
        trial.note("run", json.loads((folder / "run.json").read_text())["run"])
        summary = report_files.read_summary(folder)
        trial.note("test", summary["test"])
        trial.note("without_image", summary["without_image"])
        trial.note("regions", summary["gain"]["regions"])
        return search.best(pd.read_csv(folder / "history.csv")[search.metric])

    seeds.work(objective)
    return seeds


def _train_again(experiment: Experiment, slot: int, seed: int, parent: Run) -> None:
    """Train the best trial, `slot`, with another seed.

    Raises:
        ValueError: if loss or predictions become NaN or infinite with this seed.
    """
    try:
        train.run(experiment, parent=parent.id)
    except NonFiniteError as error:
        raise ValueError(f"the best, trial {slot}, with seed {seed}: {error}; or leave it out of tune.seeds") from error


def _holds(search: SearchPlan, folder: Path, value: float, digest: str) -> bool:
    """Whether a report is of the very training that the best trial was: on these chips, to the same value.

    Training it again would put the same numbers in its place, and another run's name to them.
    """
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
    folder = compose.search_folder(search.experiment)
    if not all((folder / name).exists() for name in ("run.json", "tune.json", "trials.csv")):
        return False  # DVC takes the outputs away before a stage that is to be made again
    content = json.loads((folder / "run.json").read_text())
    return {key: content.get(key) for key in _asked(search)} == _asked(search)


def _report(search: SearchPlan, study: Study, seeds: Study, parent: Run) -> None:
    """Leave table, best and figures in `reports/searches/<name>/`, and the same in MLflow."""
    table, (slot, values) = study.table(), study.best()
    kept = ["report", "test", "without_image"]
    trained = seeds.table(["run", "regions", *kept]).rename(columns={"trial": "seed"})
    content = {
        "again": trained[["seed", "value", *kept]].to_dict("records"),
        "best": {"trial": slot, "value": table.set_index("trial")["value"].to_dict()[slot], "values": values},
        "frame": search.experiment.inputs.frame,
        "importance": study.importance(),
        "metric": search.metric,
        "mode": search.experiment.tune.mode,
        "regions": int(pd.to_numeric(trained["regions"]).fillna(0).max()) if len(trained) else 0,
        "states": table["state"].value_counts().to_dict(),
        "task": search.experiment.task,
        "trials": search.experiment.tune.trials,
    }
    made_by = {"run": parent.id, "experiment": parent.experiment_id, "seed_runs": trained["run"].to_list()}
    folder = compose.search_folder(search.experiment)
    folder.mkdir(parents=True, exist_ok=True)
    varying = ["attempts", "seconds", "run"]  # in searches of the same settings
    table.drop(columns=varying).to_csv(folder / "trials.csv", index=False, float_format="%.7g")
    table[["trial", *varying]].to_csv(folder / "attempts.csv", index=False, float_format="%.7g")
    report_files.write_json(folder / "tune.json", content)
    report_files.write_json(folder / "run.json", made_by | _asked(search))
    tune_figures.run(search.experiment)
    recorder.finish(parent)
    print("\n".join(["", tune_figures.block(search.experiment, content), _run_words.where(parent)]))


if __name__ == "__main__":
    command.execute(run, COMMAND)
