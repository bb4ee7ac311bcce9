"""Turn a data set's labels into masks on the grids of its regions, `data/masks/<name>/`."""

from pathlib import Path

from rojsat.config import command, progress, recipes
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.geo import masks
from rojsat.stages import _making

COMMAND = Command("rojsat.stages.masks", __doc__, "data=simulated", command.OF_DATA)


def run(experiment: Experiment) -> None:
    """Write the masks, unless they exist already."""
    labels = experiment.data.labels

    def write(destination: Path) -> None:
        progress.doing(f"makes the masks of {experiment.data.name}")
        raw = recipes.folder("raw", experiment)
        masks.write(raw, destination, source=labels.source, **labels.options)

    _making.make("masks", experiment, write)


if __name__ == "__main__":
    command.execute(run, COMMAND)
