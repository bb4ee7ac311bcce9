"""Search the best values of an experiment's keys, make its data if they are missing, train the best anew.

`python -m rojsat.tune exp=NAME tune.trials=20 [key=value ...]`, in as many shells and on as many machines as you like.
"""

from omegaconf import DictConfig

from rojsat import catalog, config, recipes, space, stages


def run(experiment: DictConfig) -> None:
    """Check what is to be tried, then run the stages that the search needs; each is a module of `rojsat/stages`."""
    space.read(experiment)
    for name in [*recipes.missing(experiment), "tune"]:
        catalog.module(stages, name, "stage").run(experiment)


if __name__ == "__main__":
    config.command(run, "rojsat.tune")
