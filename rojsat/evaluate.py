"""Evaluate an experiment over all folds of a split and several seeds, with intervals; make missing data first.

In as many shells and on as many machines as you like. What predictors without an image reach stands beside it.
"""

import sys

from rojsat import stages
from rojsat.config import command, compose, lookup, progress, recipes
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.search import folds
from rojsat.stages import evaluate

COMMAND = Command(
    "rojsat.evaluate", __doc__, "exp=unet_roi6 folds=leave_one_region_out seeds=0,1,2 jobs=2", short=evaluate.SHORT
)


def run(experiment: Experiment) -> None:
    """Check what is to be trained, then run the stages that it needs; each is a module of `rojsat/stages`."""
    folds.chosen_split(experiment)
    for name in recipes.missing(experiment):
        lookup.module(stages, name, "stage").run(experiment)
    progress.doing("imports torch and MLflow")
    if experiment.evaluate.jobs == 1:
        evaluate.run(experiment)
    else:
        words = command.words_without("jobs", "evaluate.jobs")
        evaluate.side_by_side(experiment, [sys.executable, "-m", COMMAND.name, *words, "jobs=1"])


def plan(experiment: Experiment) -> list[str]:
    """What `run` would do."""
    split, options = folds.chosen_split(experiment)
    missing, setting = recipes.missing(experiment), experiment.evaluate
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
    evaluation = evaluate.plan(experiment)
    study = evaluation.study()
    return [
        *lines,
        f"folds: {evaluation.folds}, each with seeds {seeds}: {evaluation.folds * len(evaluation.seeds)} trainings, "
        f"{study.done} done, {setting.jobs} side by side",
        f"study: {evaluation.name}",
        f"storage: {compose.public(evaluation.storage)}",
    ]


if __name__ == "__main__":
    command.execute(run, COMMAND, plan)
