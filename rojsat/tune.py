"""Search the best values of an experiment's keys, make its data if they are missing, train the best again.

In as many shells and on as many machines as you like.
"""

from typing import TYPE_CHECKING

from rojsat import stages
from rojsat.config import command, compose, lazy, lookup, progress, recipes
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.search import space
from rojsat.stages import _making, _side_by_side

if TYPE_CHECKING:
    from rojsat.chips import reader
    from rojsat.learn import choices
    from rojsat.search import planning
    from rojsat.stages import train
    from rojsat.stages import tune as stage
    from rojsat.tracking import recorder
else:
    choices = lazy.module("rojsat.learn.choices")
    reader, planning = lazy.module("rojsat.chips.reader"), lazy.module("rojsat.search.planning")
    stage = lazy.module("rojsat.stages.tune")
    train, recorder = lazy.module("rojsat.stages.train"), lazy.module("rojsat.tracking.recorder")

COMMAND = Command(
    "rojsat.tune",
    __doc__,
    "exp=unet_roi6 tune.trials=20\nexp=unet_roi6 tune.space.train.batch_size.choices=[4,8,16]",
    shows=("tune",),
)


def run(experiment: Experiment) -> None:
    """Check what is to be tried, then run the stages that the search needs; each is a module of `rojsat/stages`."""
    space.read(experiment)
    jobs = experiment.tune.jobs
    _side_by_side.check(experiment, jobs, "tune.jobs")
    missing = _making.missing(experiment)
    if missing:
        choices.check(experiment)
    for name in missing:
        lookup.module(stages, name, "stage").run(experiment)
    progress.doing("imports torch, MLflow, Optuna and matplotlib")
    if _side_by_side.is_asked(experiment, jobs):
        stage.side_by_side(experiment, _side_by_side.words(COMMAND.name, "tune.jobs"))
    else:
        stage.run(experiment)


def plan(experiment: Experiment) -> list[str]:
    """What `run` would do."""
    space.read(experiment)
    setting, chips = experiment.tune, recipes.folder("chips", experiment)
    missing = _making.missing(experiment)
    known = "" if missing else train.fingerprint(experiment, reader.Chips(chips))
    search = planning.plan(experiment, known, recorder.STORE)
    return [
        f"would run: {', '.join([*missing, 'tune'])}",
        *(f"{stage} -> {recipes.folder(stage, experiment)}" for stage in missing),
        f"tune -> {compose.search_folder(experiment)}",
        f"study: {'(its name follows from the chips, which are to be made first)' if missing else search.name}",
        f"storage: {compose.public(search.storage)}",
        f"trials: {setting.trials}, by the {'largest' if setting.mode == 'max' else 'smallest'} {search.metric}, "
        f"{_side_by_side.where(experiment, setting.jobs)}",
        *(f"space: {bounds}" for bounds in search.ranges),
        f"then: the best trained again with seeds {', '.join(str(seed) for seed in setting.seeds) or '(none)'}",
    ]


def main() -> None:
    """Run the command line of this process."""
    command.execute(run, COMMAND, plan)


if __name__ == "__main__":
    main()
