"""Bring a data set's scenes, regions and GPS points into `data/raw/<name>/` as a STAC catalog and vectors."""

from pathlib import Path

from omegaconf import DictConfig

from rojsat import catalog, config, recipes
from rojsat.geo import sources


def run(experiment: DictConfig) -> None:
    """Write the raw data set, unless it is there already."""
    made_by = recipes.recipe("raw", experiment)
    source = catalog.module(sources, made_by["source"], "source")
    options = made_by["options"] | ({"root": Path(made_by["root"])} if made_by["root"] else {})
    write = catalog.bind(source.write, options, f"source {made_by['source']} (data.options)")
    recipes.make(recipes.folder("raw", experiment), made_by, write)


if __name__ == "__main__":
    config.command(run, "rojsat.stages.raw", needs_experiment=False)
