"""Run one experiment from nothing: make its data if they are missing, train, draw, record.

`python -m rojsat.run exp=NAME [key=value ...]`
"""

from omegaconf import DictConfig

from rojsat import catalog, config, recipes, stages


def run(experiment: DictConfig) -> None:
    """Run the stages that the experiment needs, in their order; each is a module of `rojsat/stages`."""
    for name in [*recipes.missing(experiment), "train", "figures"]:
        catalog.module(stages, name, "stage").run(experiment)


if __name__ == "__main__":
    config.command(run, "rojsat.run")
