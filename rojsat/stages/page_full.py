"""Draw the sections of the results at full length, for the page: `python -m rojsat.stages.page_full`.

Leaves `results/full/page`, which git keeps. Trains nothing; what is missing is named first.
"""

import shutil

from rojsat.config import command, pipeline
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.page import contents, needs, saved, split_comparisons
from rojsat.page.page_inputs import PageInputs

COMMAND = Command("rojsat.stages.page_full", __doc__, "", command.OF_DATA)


def run(experiment: Experiment) -> None:  # noqa: ARG001 - each experiment is composed
    """Draw every figure and table from the reports at full length."""
    inputs = PageInputs(pipeline.FULL)
    needs.check(contents.needs_full(inputs))
    sections, comparisons = contents.make_full(inputs), split_comparisons.of(inputs)
    folder = inputs.full_sections.path
    partial = folder.with_name(f".partial-{folder.name}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    saved.write(partial, sections)
    split_comparisons.write(partial, comparisons)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    print(f"sections: {folder}")


if __name__ == "__main__":
    command.execute(run, COMMAND)
