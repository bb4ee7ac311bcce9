"""Write the predictions of a run as rasters that a GIS opens, on the grid of each region.

One Cloud Optimized GeoTIFF a region, date and orbit in `maps/` of the run's report: degree, the ends of its interval
(predicted quantiles, or calibrated on all other regions where these are enough), seen, and the label beside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rojsat.config import command, compose, lazy, lookup
from rojsat.config.command import Command
from rojsat.config.keys import ConfigError

if TYPE_CHECKING:
    from rojsat.evaluation import gain, report_files
    from rojsat.maps import run_maps
else:
    gain, report_files = lazy.module("rojsat.evaluation.gain"), lazy.module("rojsat.evaluation.report_files")
    run_maps = lazy.module("rojsat.maps.run_maps")

COMMAND = Command(
    "rojsat.stages.maps",
    __doc__,
    "run=unet_roi6\nrun=unet_roi6 part=control out=control_maps",
    "run=NAME [part=test] [out=FOLDER] [dry=true]",
    {
        "run": "name of a run's report below reports/, or its folder",
        "part": "whose predictions: test, val, train or control; test",
        "out": "folder of the rasters; maps in the folder of the report",
    },
)


def run(words: list[str], dry: bool = False) -> None:
    """Write the maps that the words ask for, print where; `dry=true` prints their names."""
    plain, values = command.split(words, COMMAND)
    if plain or "run" not in values:
        raise ConfigError(f"which run? {COMMAND.form}")
    folder, part = report(values["run"]), values.get("part", "test")
    destination = Path(values["out"]) if "out" in values else folder / "maps"
    predictions = run_maps.read(folder, part)
    if dry:
        print("\n".join(str(destination / f"{name}.tif") for name in run_maps.names(predictions.rows)))
        return
    verdict = gain.words(report_files.read_summary(folder))
    paths = run_maps.write(folder, destination, part, {"run": folder.name, "part": part, "verdict": verdict})
    print(f"{len(paths)} maps: {destination}")
    print(verdict)


def report(name: str) -> Path:
    """The folder of a run's report, by its name below `reports/` or its path.

    Raises:
        UnknownNameError: if there is none.
    """
    folders = report_files.folders(compose.ROOT / "reports")
    if name in folders:
        return folders[name]
    if (Path(name) / report_files.SUMMARY).is_file():
        return Path(name)
    raise lookup.unknown("report of a run", name, folders)


def main() -> None:
    """Run the command line of this process."""
    command.start(run, COMMAND)


if __name__ == "__main__":
    main()
