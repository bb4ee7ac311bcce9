"""Search the best values of an experiment's keys, make its data if they are missing, train the best again.

In as many shells and on as many machines as you like.
"""

from rojsat import stages
from rojsat.chips.reader import Chips
from rojsat.config import command, compose, lookup, progress, recipes
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.search import planning, space
from rojsat.stages import train
from rojsat.tracking import recorder

COMMAND = Command("rojsat.tune", __doc__, "exp=unet_roi6 tune.trials=20")


def run(experiment: Experiment) -> None:
    """Check what is to be tried, then run the stages that the search needs; each is a module of `rojsat/stages`."""
    space.read(experiment)
    for name in _stages(experiment):
        if name == "tune":
            progress.doing("imports torch, MLflow, Optuna and matplotlib")
        lookup.module(stages, name, "stage").run(experiment)


def _stages(experiment: Experiment) -> list[str]:
    return [*recipes.missing(experiment), "tune"]


def plan(experiment: Experiment) -> list[str]:
    """What `run` would do."""
    setting, chips = experiment.tune, recipes.folder("chips", experiment)
    missing = recipes.missing(experiment)
    known = "" if missing else train.fingerprint(experiment, Chips(chips))
    search = planning.plan(experiment, known, recorder.STORE)
    return [
        f"would run: {', '.join(_stages(experiment))}",
        *(f"{stage} -> {recipes.folder(stage, experiment)}" for stage in missing),
        f"tune -> {compose.search_folder(experiment)}",
        f"study: {'(its name follows from the chips, which are to be made first)' if missing else search.name}",
        f"storage: {compose.public(search.storage)}",
        f"trials: {setting.trials}, by the {'largest' if setting.mode == 'max' else 'smallest'} {search.metric}",
        *(f"space: {bounds}" for bounds in search.ranges),
        f"then: the best trained again with seeds {', '.join(str(seed) for seed in setting.seeds) or '(none)'}",
    ]


if __name__ == "__main__":
    command.execute(run, COMMAND, plan)
