"""Run one experiment from nothing: make its data if they are missing, train, draw, record."""

from typing import TYPE_CHECKING

from rojsat import stages
from rojsat.config import command, compose, lazy, lookup, recipes
from rojsat.config.command import Command
from rojsat.config.schema import Experiment

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


def run(experiment: Experiment) -> None:
    """Run the stages that the experiment needs, in their order; each is a module of `rojsat/stages`."""
    if recipes.missing(experiment):
        choices.check(experiment)
    for name in _stages(experiment):
        lookup.module(stages, name, "stage").run(experiment)


def _stages(experiment: Experiment) -> list[str]:
    return [*recipes.missing(experiment), "train", "figures"]


def plan(experiment: Experiment) -> list[str]:
    """What `run` would do."""
    folders = [f"{stage} -> {recipes.folder(stage, experiment)}" for stage in recipes.missing(experiment)]
    folders += [f"train, figures -> {compose.report_folder(experiment)}"]
    return [f"name: {compose.run_name(experiment)}", f"would run: {', '.join(_stages(experiment))}", *folders]


def main() -> None:
    """Run the command line of this process."""
    command.execute(run, COMMAND, plan)


if __name__ == "__main__":
    main()
