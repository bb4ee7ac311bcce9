"""Report what a data set holds, as text, figure and page; make its chips first where they are missing."""

from typing import TYPE_CHECKING

from rojsat import stages
from rojsat.config import command, lazy, lookup
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.stages import _making

if TYPE_CHECKING:
    from rojsat.stages import _data_report
else:
    _data_report = lazy.module("rojsat.stages._data_report")

COMMAND = Command("rojsat.stages.inspect", __doc__, "data=simulated\ndata=objects_9", command.OF_DATA)


def run(experiment: Experiment) -> None:
    """Print the report; leave it as `report.md`, `report.png` and a page, `inspect.html`, in `reports/data/<name>/`."""
    for name in _making.missing(experiment):
        lookup.module(stages, name, "stage").run(experiment)
    _data_report.write(experiment)


def main() -> None:
    """Run the command line of this process."""
    command.execute(run, COMMAND)


if __name__ == "__main__":
    main()
