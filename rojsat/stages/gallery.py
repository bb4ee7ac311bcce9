"""Draw the figures of all runs of the pipeline on one data set, `reports/figures/<data>/<run>/`. Trains nothing.

They are recorded in the MLflow run of each, where this store has it. Those of one experiment, also of others:
`rojsat.stages.figures`.
"""

import json
import shutil

from rojsat.config import command, compose, pipeline
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.stages import figures
from rojsat.tracking import recorder

COMMAND = Command("rojsat.stages.gallery", __doc__, "data=simulated", command.OF_DATA)


def run(experiment: Experiment) -> None:
    """Draw and record the figures of every run that takes the data set of the experiment."""
    folder = compose.ROOT / "reports" / "figures" / experiment.data.name
    shutil.rmtree(folder, ignore_errors=True)
    of_data = {name: each for name, each in pipeline.read("quick").runs.items() if each.data == experiment.data.name}
    elsewhere = []
    for name, training in of_data.items():
        trained = compose.load(training.experiment, training.overrides)
        figures.draw(trained, folder / name)
        if _is_recorded(trained):
            figures.record(trained, folder / name)
        else:
            elsewhere.append(name)
    if elsewhere:
        print(f"{folder} has the figures of {', '.join(elsewhere)}; their runs are in no MLflow store of this machine")


def _is_recorded(trained: Experiment) -> bool:
    """Whether the tracking store has the run; reports that came with `dvc pull` have theirs in another."""
    file = compose.report_folder(trained) / "run.json"
    return file.exists() and recorder.exists(json.loads(file.read_text())["run"])


if __name__ == "__main__":
    command.execute(run, COMMAND)
