"""Cut a data set's chips from its scenes into the chip store, `data/processed/<name>/`."""

from pathlib import Path

from omegaconf import DictConfig

from rojsat import config, recipes
from rojsat.geo import cutting


def run(experiment: DictConfig) -> None:
    """Write the chip store, unless it is there already."""
    made_by = recipes.recipe("chips", experiment)

    def write(destination: Path) -> None:
        raw, masks = recipes.folder("raw", experiment), recipes.folder("masks", experiment)
        cutting.write(raw, masks, destination, recipe=made_by, **made_by["chips"])

    recipes.make(recipes.folder("chips", experiment), made_by, write)


if __name__ == "__main__":
    config.command(run, "rojsat.stages.chips", needs_experiment=False)
