"""Write a data set's scenes, regions and GPS points to `data/raw/<name>/` as a STAC catalog and vectors."""

from pathlib import Path

from rojsat.config import command, progress, recipes
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.geo import account, raw
from rojsat.stages import _making

COMMAND = Command("rojsat.stages.raw", __doc__, "data=simulated", command.OF_DATA)


def run(experiment: Experiment) -> None:
    """Write the raw data set, unless it exists already; goes on with what an interrupted run left."""
    made_by = recipes.recipe("raw", experiment)
    root = Path(made_by["root"]) if made_by["root"] else None

    def write(destination: Path) -> None:
        progress.doing(f"makes the raw data of {experiment.data.name}")
        raw.write(destination, **{**made_by, "root": root})
        of_files = {key: value for key, value in made_by.items() if key != "clouds"}  # no file of anybody's
        print("\n".join(account.lines(destination, **{**of_files, "root": root})), flush=True)

    code = Path(raw.__file__).parent
    _making.make("raw", experiment, write, resume=recipes.fingerprint(code))


if __name__ == "__main__":
    command.execute(run, COMMAND)
