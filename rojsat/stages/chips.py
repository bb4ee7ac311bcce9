"""Cut a data set's chips from its scenes into the chip store, `data/processed/<name>/`, or below `data.store` on S3."""

import logging
from dataclasses import asdict
from pathlib import Path

from rojsat.chips import boxes, cut, dark_dates, odd_dates, reader, seen, writer
from rojsat.config import command, progress, recipes
from rojsat.config.command import Command
from rojsat.config.s3_folder import Folder
from rojsat.config.schema import Experiment
from rojsat.geo.cutting import data_set
from rojsat.stages import _making

log = logging.getLogger(__name__)

COMMAND = Command("rojsat.stages.chips", __doc__, "data=simulated", command.OF_DATA)


def run(experiment: Experiment) -> None:
    """Write the chip store, unless it exists already; scenes that an interrupted run has cut are not cut again."""
    made_by = recipes.recipe("chips", experiment)
    raw, masks = recipes.folder("raw", experiment), recipes.folder("masks", experiment)

    def write(destination: Folder) -> None:
        progress.doing(f"cuts the chips of {experiment.data.name}")
        data_set.write(raw, masks, destination, recipe=made_by, **made_by["chips"], **asdict(experiment.dask))
        store = reader.Chips(destination)
        for sentence in (*odd_dates.sentences(store), *dark_dates.sentences(store)):
            log.warning("%s", sentence)

    made_from = [folder / recipes.RECIPE for folder in (raw, masks) if (folder / recipes.RECIPE).exists()]
    code = [Path(str(module.__file__)) for module in (boxes, cut, reader, seen, writer)]
    state = recipes.fingerprint(*made_from, *code, Path(data_set.__file__).parent)
    _making.make("chips", experiment, write, resume=state)


if __name__ == "__main__":
    command.execute(run, COMMAND)
