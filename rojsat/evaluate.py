"""Evaluate an experiment over all folds of a split and several seeds, with intervals; make missing data first.

In as many shells and on as many machines as you like. What predictors without an image reach stands beside it.
`local=[0,1,2,5,10,20]` does so with that many labelled stands of each fold's ground in training, and draws what they
are worth. `model=` trains nothing: it evaluates a model that was fitted elsewhere (an ONNX file, or the folder or URI
of an MLflow model) on the same test parts of all folds; nobody knows what it was trained on, and so it says.
"""

from typing import TYPE_CHECKING

from rojsat import stages
from rojsat.config import command, compose, foreign_models, lazy, lookup, progress, recipes
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.stages import _making, _side_by_side

if TYPE_CHECKING:
    from rojsat.learn import choices
    from rojsat.search import folds
    from rojsat.stages import evaluate
    from rojsat.stages._folds import local_evaluations
else:
    choices = lazy.module("rojsat.learn.choices")
    folds, evaluate = lazy.module("rojsat.search.folds"), lazy.module("rojsat.stages.evaluate")
    local_evaluations = lazy.module("rojsat.stages._folds.local_evaluations")

COMMAND = Command(
    "rojsat.evaluate",
    __doc__,
    "exp=unet_roi6 folds=leave_one_region_out seeds=0,1,2 jobs=2\nexp=unet variant=boosting seeds=0",
    short=command.OF_EVALUATION,
    shows=("evaluate",),
)


def run(experiment: Experiment) -> None:
    """Check what is to be trained, then run the stages that it needs; each is a module of `rojsat/stages`."""
    progress.doing("imports Optuna")
    folds.chosen_split(experiment)
    if experiment.evaluate.local:
        local_evaluations.check(experiment)
    _side_by_side.check(experiment, experiment.evaluate.jobs, "evaluate.jobs")
    missing = _making.missing(experiment)
    if experiment.evaluate.model is not None:
        foreign_models.check(experiment.evaluate.model, compose.ROOT / "mlruns", trust=experiment.evaluate.trust)
    elif missing:
        choices.check(experiment)
    for name in missing:
        lookup.module(stages, name, "stage").run(experiment)
    progress.doing("imports torch and MLflow")
    words = _side_by_side.words(COMMAND.name, "jobs", "evaluate.jobs")
    if experiment.evaluate.local:
        _curve(experiment, words)
    elif _side_by_side.is_asked(experiment, experiment.evaluate.jobs):
        evaluate.side_by_side(experiment, words)
    else:
        evaluate.run(experiment)


def _curve(experiment: Experiment, words: list[str]) -> None:
    """Run the evaluations of a curve by local labels, as many workers as asked for beside one another, and write it."""
    local_evaluations.check_stands(experiment)
    jobs = experiment.evaluate.jobs
    if _side_by_side.is_asked(experiment, jobs):
        logs = local_evaluations.folder(experiment) / "workers"
        print(f"workers share the evaluations; what they print: {logs}", flush=True)
        if failed := _side_by_side.run(experiment, words, jobs, logs, lambda: None):
            print(f"{len(failed)} workers failed, see {failed[0]}; going on here", flush=True)
    local_evaluations.run(experiment, evaluate.run)


def plan(experiment: Experiment) -> list[str]:
    """What `run` would do."""
    split, options = folds.chosen_split(experiment)
    missing, setting = _making.missing(experiment), experiment.evaluate
    seeds = ", ".join(str(seed) for seed in setting.seeds)
    lines = [
        f"name: {compose.evaluation_name(experiment)}",
        f"would run: {', '.join([*missing, 'evaluate'])}",
        *(f"{stage} -> {recipes.folder(stage, experiment)}" for stage in missing),
        f"evaluate -> {compose.evaluation_folder(experiment)}",
        f"split: {split}{f' {options}' if options else ''}",
    ]
    if missing:
        return [
            *lines,
            f"folds: (their number follows from the chips, which are to be made first), each with seeds {seeds}",
        ]
    if setting.local:
        runs = [(of_count, evaluate.plan(of_count)) for _, _, of_count in local_evaluations.evaluations(experiment)]
        trainings = sum(each.folds * len(each.seeds) for _, each in runs)
        done = sum(each.study().done for _, each in runs)
        return [
            *lines,
            f"local labels: {', '.join(map(str, setting.local))} stands, {setting.draws} draws of each but 0",
            f"{len(runs)} evaluations of {runs[0][1].folds} folds, each with seeds {seeds}: {trainings} trainings, "
            f"{done} done",
            f"curve -> {local_evaluations.folder(experiment)}",
        ]
    evaluation = evaluate.plan(experiment)
    study = evaluation.study()
    of_each = f"each with seeds {seeds}: {evaluation.folds * len(evaluation.seeds)} trainings"
    if setting.model is not None:
        of_each = f"of each the test part, by {setting.model}, {foreign_models.FITTED}"
    return [
        *lines,
        f"folds: {evaluation.folds}, {of_each}, {study.done} done, {_side_by_side.where(experiment, setting.jobs)}",
        f"study: {evaluation.name}",
        f"storage: {compose.public(evaluation.storage)}",
    ]


def main() -> None:
    """Run the command line of this process."""
    command.execute(run, COMMAND, plan)


if __name__ == "__main__":
    main()
