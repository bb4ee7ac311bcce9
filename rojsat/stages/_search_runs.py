"""What a search reports to MLflow: its own run, and one run beneath it for every trial. Private to `tune`."""

from filelock import FileLock

from rojsat.chips.reader import Chips
from rojsat.config import compose, provenance, recipes
from rojsat.search.planning import SearchPlan
from rojsat.search.study import Study
from rojsat.search.trial import Trial
from rojsat.tracking import recorder
from rojsat.tracking.links import Run


def lock(search: SearchPlan) -> FileLock:
    """One worker of this machine at a time starts or reports the search."""
    return FileLock(search.store / f"{search.name}.lock")


def parent_run(search: SearchPlan, study: Study, chips: Chips) -> Run:
    """The MLflow run of the search: the one that another worker or an earlier call started, else a new one."""
    experiment = search.experiment
    parameters = {"metric": search.metric, "mode": experiment.tune.mode, "seed": experiment.seed}
    parameters |= {f"space.{each.key}": list(each.ends) for each in search.ranges}
    name, tags = f"tune {compose.run_name(experiment)}", _tags(search, chips, "tune")
    with lock(search):
        before = study.notes.get("run")
        started = recorder.start(experiment.task, name, tags, parameters, resume=before)
        if started.id != before:
            study.note("run", started.id)
            recorder.log_text(started, compose.written(experiment), "experiment.yaml")
            _log_data(search, chips, started)
    return started


def trial_run(search: SearchPlan, chips: Chips, parent: Run, trial: Trial) -> Run:
    """The MLflow run of a trial, the same for all attempts at it."""
    name, before = f"t{trial.slot} {short(trial)}", trial.notes.get("run")
    tags = _tags(search, chips, "trial") | {"trial": str(trial.slot)}
    child = recorder.start(search.experiment.task, name, tags, trial.values, resume=before, parent=parent.id)
    if child.id != before:
        trial.note("run", child.id)
        _log_data(search, chips, child)
    return child


def short(trial: Trial) -> str:
    """A trial's values, short."""
    pairs = ((key.rpartition(".")[2], value) for key, value in trial.values.items())
    return " ".join(f"{key}={value:.3g}" if isinstance(value, float) else f"{key}={value}" for key, value in pairs)


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
    chip_folder = recipes.shown(recipes.folder("chips", search.experiment))
    recorder.log_data(run, search.experiment.data.name, chips.digest, chip_folder, "chips")
