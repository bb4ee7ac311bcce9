"""Draw the sections of the trainings at the length of the study, for the page: `python -m rojsat.stages.study_long`.

Leaves `reports/study/long`, which comes with the repository. Trains nothing; what is missing is named first.
"""

import shutil

from omegaconf import DictConfig

from rojsat import command, recipes
from rojsat.chips import Chips
from rojsat.report import matrix, sections
from rojsat.study import length
from rojsat.study.reports import Study


def run(experiment: DictConfig) -> None:  # noqa: ARG001 - each experiment is composed anew
    """Draw every figure and table from the reports that `matrix.LONG` names."""
    study = Study(matrix.OVERRIDES, matrix.LONG)
    study.check_reports()
    made = length.sections(study, Chips(recipes.folder("chips", study.experiment)))
    partial = study.drawn.with_name(f".partial-{study.drawn.name}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    sections.write(partial, made)
    shutil.rmtree(study.drawn, ignore_errors=True)
    partial.rename(study.drawn)
    print(f"sections: {study.drawn}")


if __name__ == "__main__":
    command.execute(run, "rojsat.stages.study_long", needs_experiment=False)
