"""Draw the figures of all runs of the pipeline on one data set, `reports/figures/<data>/<run>/`. Trains nothing.

`python -m rojsat.stages.gallery data=NAME`; those of one experiment, also of others: `rojsat.stages.figures`.
"""

import shutil

from rojsat.config import command, compose, pipeline
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.stages import figures

COMMAND = Command("rojsat.stages.gallery", __doc__, "data=simulated", command.OF_DATA)


def run(experiment: Experiment) -> None:
    """Draw the figures of every run that takes the data set of the experiment."""
    folder = compose.ROOT / "reports" / "figures" / experiment.data.name
    shutil.rmtree(folder, ignore_errors=True)
    for name, training in pipeline.read("quick").runs.items():
        if training.data == experiment.data.name:
            figures.draw(compose.load(training.experiment, training.overrides), folder / name)


if __name__ == "__main__":
    command.execute(run, COMMAND)
