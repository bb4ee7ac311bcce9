"""Run one experiment from nothing: make its data if they are missing, train, draw, record."""

from typing import TYPE_CHECKING

from rojsat import stages
from rojsat.config import command, compose, lazy, lookup, progress, ranks, recipes
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.stages import _making

if TYPE_CHECKING:
    from rojsat.learn import choices
else:
    choices = lazy.module("rojsat.learn.choices")

COMMAND = Command(
    "rojsat.run",
    __doc__,
    "exp=unet_roi6 seed=1\nexp=deeplab_roi6 variant=iou train.epochs=3",
    shows=(
        "seed",
        "inputs.channels",
        "inputs.frame",
        "split.name",
        "model.name",
        "model.weights",
        "loss.name",
        "optimizer.lr",
        "train.epochs",
        "train.batch_size",
        "train.threads",
        "train.device",
        "metrics.threshold",
    ),
    lists=True,
)

LEARNING = ("train", "figures")
"""Stages that follow those that make data."""


def run(experiment: Experiment) -> None:
    """Run the stages that the experiment needs, in their order, then print what came of it."""
    missing = _making.missing(experiment)
    ranks.check_made(experiment.train, missing)
    if missing:
        choices.check(experiment)
    for name in missing:
        lookup.module(stages, name, "stage").run(experiment)
    progress.doing("imports torch, MLflow and matplotlib")
    train, figures = (lookup.module(stages, name, "stage") for name in LEARNING)
    lines = train.learn(experiment)
    if not ranks.is_first(experiment.train):
        return
    figures.run(experiment)
    print("\n".join(lines))


def plan(experiment: Experiment) -> list[str]:
    """What `run` would do."""
    missing = _making.missing(experiment)
    folders = [f"{stage} -> {recipes.folder(stage, experiment)}" for stage in missing]
    folders += [f"train, figures -> {compose.report_folder(experiment)}"]
    return [
        f"name: {compose.run_name(experiment)}",
        f"would run: {', '.join([*missing, *LEARNING])}",
        *folders,
    ]


def main() -> None:
    """Run the command line of this process."""
    command.execute(run, COMMAND, plan)


if __name__ == "__main__":
    main()
