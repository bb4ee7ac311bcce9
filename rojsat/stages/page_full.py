"""Draw the sections of the trainings at the length of the study, for the page: `python -m rojsat.stages.page_full`.

Leaves `results/full/page`, which git keeps. Trains nothing; what is missing is named first.
"""

import shutil

from rojsat.chips.reader import Chips
from rojsat.config import command, pipeline, recipes
from rojsat.config.schema import Experiment
from rojsat.page import saved
from rojsat.page.inputs import Study
from rojsat.page.sections import full_length


def run(experiment: Experiment) -> None:  # noqa: ARG001 - each experiment is composed anew
    """Draw every figure and table from the reports that `experiments/pipeline.yaml` lists at size full."""
    study = Study(pipeline.FULL)
    study.check_reports()
    made = full_length.sections(study, Chips(recipes.folder("chips", study.experiment)))
    partial = study.drawn.with_name(f".partial-{study.drawn.name}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    saved.write(partial, made)
    shutil.rmtree(study.drawn, ignore_errors=True)
    partial.rename(study.drawn)
    print(f"sections: {study.drawn}")


if __name__ == "__main__":
    command.execute(run, "rojsat.stages.page_full", needs_experiment=False)
