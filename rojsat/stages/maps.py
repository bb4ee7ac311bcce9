"""Write the predictions of a run as rasters that a GIS opens, on the grid of each region.

One Cloud Optimized GeoTIFF a region, date and orbit in `maps/` of the run's report: degree, the ends of its interval
(predicted quantiles, or calibrated on all other regions where these are enough), seen, the label, and how far it is
from the label. `qgis.qgz` opens them in QGIS, with true colour of the scenes and the outlines of the regions.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rojsat.config import command, compose, lazy, lookup
from rojsat.config.command import Command
from rojsat.config.keys import ConfigError

if TYPE_CHECKING:
    from rojsat.evaluation import gain, report_files
    from rojsat.maps import run_maps, run_project
    from rojsat.stages import _run_scenes
else:
    gain, report_files = lazy.module("rojsat.evaluation.gain"), lazy.module("rojsat.evaluation.report_files")
    run_maps, run_project = lazy.module("rojsat.maps.run_maps"), lazy.module("rojsat.maps.run_project")
    _run_scenes = lazy.module("rojsat.stages._run_scenes")

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
    run_maps.check_free(destination, folder.name, part)
    if dry:
        print("\n".join(str(destination / f"{name}.tif") for name in run_maps.names(predictions.rows)))
        return
    verdict = gain.words(report_files.read_summary(folder))
    paths = run_maps.write(folder, destination, part, {"run": folder.name, "part": part, "verdict": verdict})
    scenes, layers, without = {}, [], ""
    try:
        store = _run_scenes.chips(folder)
    except ValueError as absent:
        without = f", without scenes and outlines: {absent}"
    else:
        scenes = _run_scenes.write_scenes(predictions, store, paths)
        layers = _run_scenes.write_layers(predictions, store, destination)
    project = run_project.write(destination, paths, scenes, layers, title=f"{folder.name}, {part}", verdict=verdict)
    print(f"{len(paths)} maps: {destination}")
    print(f"in QGIS: {project}{without}")
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
