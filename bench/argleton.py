"""Geography's silent errors by somebody else's suite: `python -m bench.argleton [FOLDER]`.

`argleton` (a package; its version is in the lock) plants defects into small files whose right answer is known. Its
tasks that fit what rojsat does are answered by rojsat's own functions, reading, checks and reprojection included; only
the last step, a sum or a mean, is this module's. The others do not apply. Beside rojsat stand the suite's own reference
ways: `naive`, and careful compositions of rasterio and geopandas.
"""

import json
import logging
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import argleton.run
import numpy as np
import pyogrio
import pyproj
import rasterio
from argleton.model import Outcome
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.enums import Resampling

from bench import tables
from bench.silent_errors import ground
from bench.silent_errors.sandbox import Sandbox, StoppedError
from rojsat.chips import roles
from rojsat.geo.gps import files, points, tracks
from rojsat.geo.scenes.blocks import Blocks
from rojsat.geo.scenes.resampling import find_window
from rojsat.geo.sources import _rasters
from rojsat.geo.vectors import coordinate_operations, region_areas, region_files

WGS84 = "EPSG:4326"

WAYS = {
    "rojsat": "bench.argleton:Adapter",
    "naive": "engine:naive",
    "geopandas, careful": "engine:geopandas",
    "rasterio, careful": "engine:rasterio",
}
"""Adapter of each row of the table."""


class Adapter:
    """Answers the suite's tasks by rojsat's functions.

    Attributes:
        name: of the system under test.
    """

    name = "rojsat"

    def run(self, task: Any, folder: Path) -> Outcome:
        """The answer to a task whose files lie in `folder`, rojsat's refusal, or that it does not apply."""
        answer = ANSWERS.get(task.operation)
        if answer is None:
            return Outcome(unsupported=True)
        first, *more = task.arguments
        warnings: list[str] = []
        handler = logging.Handler(logging.WARNING)
        handler.emit = lambda record: warnings.append(record.getMessage())
        logging.getLogger("rojsat").addHandler(handler)
        try:
            return Outcome(answer=answer(folder / first, *more), warnings=warnings)
        except ValueError as error:
            return Outcome(refusal=str(error))
        except StoppedError as stop:
            return Outcome(refusal=stop.text)
        finally:
            logging.getLogger("rojsat").removeHandler(handler)


def _stored(raster: _rasters.Raster) -> NDArray[Any]:
    """All numbers of the first band, (h, w)."""
    rows, cols = raster.shape
    with rasterio.open(raster.href) as source:
        stored: NDArray[Any] = Blocks([(source, [1])]).read((slice(0, rows), slice(0, cols)))[0]
    return stored


def _raster_mean(path: Path) -> float:
    raster = _rasters.look(path)
    stored = _stored(raster)
    valid = np.ones(stored.shape, bool) if raster.nodata is None else stored != raster.nodata
    return float(stored[valid].mean() * raster.scales[0] + raster.offsets[0])


def _lowest_cell_easting(path: Path) -> float:
    raster = _rasters.look(path)
    row, col = np.unravel_index(_stored(raster).argmin(), raster.shape)
    return float((raster.transform * (col + 0.5, row + 0.5))[0])


def _raster_ground_area(path: Path) -> float:
    raster = _rasters.look(path)
    return float(abs(raster.transform.a * raster.transform.e) * raster.shape[0] * raster.shape[1])


def _class_area(path: Path, resolution: str, code: str) -> float:
    raster, metres = _rasters.look(path), float(resolution.partition("=")[2])
    native = GeoBox(raster.shape, raster.transform, raster.crs)
    grid = GeoBox.from_bbox(native.boundingbox, resolution=metres)
    window = find_window(native, grid, Resampling.nearest)
    assert window is not None
    classes = window.resample(_stored(raster)[None][:, window.roi[0], window.roi[1]], Resampling.nearest)
    return float((classes == int(code.partition("=")[2])).sum() * metres**2)


def _ndvi_mean(path: Path, red: str, near: str) -> float:
    """By the commands raw, masks and chips, on the file under a name that has a date."""
    sandbox = Sandbox(path.parent / "sandbox")
    bands = {int(red.partition("=")[2]): "B04", int(near.partition("=")[2]): "B08"}
    shutil.copy(path, sandbox.archive / f"a_{ground.DAY}.tif")
    kinds = f"data.options.files=[{{pattern: '{{site}}_{{date}}.tif', bands: [{bands[1]}, {bands[2]}]}}]"
    sandbox.make(ground.words("flanders", sandbox.archive, [], kinds, "data.labels.source=unlabelled"))
    return float(sandbox.chips.channels(0, ["ndvi"]).mean())


def _ground_area(path: Path) -> float:
    regions = region_files.read_regions(path, role=roles.CONTROL, crs=WGS84)
    return float(region_areas.hectares(regions).sum() * region_areas.HECTARE)


def _planar_area(path: Path) -> float:
    """In the file's own plane, whose unit its coordinate system states."""
    crs = pyproj.CRS.from_user_input(pyogrio.read_info(path)["crs"])
    regions = region_files.read_regions(path, role=roles.CONTROL, crs=crs)
    return float(regions.area.sum() * crs.axis_info[0].unit_conversion_factor ** 2)


def _points_inside(path: Path, regions: Path) -> int:
    areas = region_files.read_regions(regions, role=roles.CLEARING, crs=WGS84)
    return len(tracks.read_tracks([path], crs=WGS84, regions=areas))


def _points_in(path: Path, regions: str) -> int:
    return _points_inside(path, path.parent / regions)


def _points_of_ships(path: Path, ships: str) -> int:
    return _points_inside(path.parent / ships, path)


def _latitude(path: Path) -> float:
    batch = next(files.batches(path, None))
    inaccurate = coordinate_operations.fault(batch.crs, pyproj.CRS(WGS84), (batch.x[0], batch.y[0]))
    if inaccurate:
        raise ValueError(inaccurate)
    return float(points.transform(batch.x, batch.y, batch.crs, pyproj.CRS(WGS84))[1][0])


ANSWERS: dict[str, Callable[..., Any]] = {
    "raster_mean": _raster_mean,
    "lowest_cell_easting": _lowest_cell_easting,
    "raster_ground_area_m2": _raster_ground_area,
    "class_area_m2": _class_area,
    "ndvi_mean": _ndvi_mean,
    "ground_area_m2": _ground_area,
    "field_area_m2": _ground_area,
    "planar_area_m2": _planar_area,
    "buildable_area_m2": _planar_area,
    "net_plot_area_m2": _planar_area,
    "points_in_polygon_count": _points_in,
    "wells_in_districts": _points_in,
    "ships_in_zone": _points_of_ships,
    "wgs84_latitude": _latitude,
}
"""Tasks that rojsat does, by the suite's name of the operation: reading rasters with their nodata, place and units,
resampling classes, areas, holes and faults of outlines, GPS points in regions, and coordinate systems."""


def _built_once(folder: Path) -> Callable[[Any, Path], None]:
    """The suite's builder of files, which runs once a task and not once a task and way; the files are the same."""
    build = argleton.run.build_fixtures

    def copied(task: Any, destination: Path) -> None:
        kept = folder / task.id
        if not kept.exists():
            build(task, kept)
        shutil.copytree(kept, destination, dirs_exist_ok=True)

    return copied


def _row(way: str, result: dict[str, Any], answered: set[str]) -> dict[str, Any]:
    """A row of the table; `answered` are the defects that rojsat was asked about."""
    shared = [each for each in result["per_probe"] if each["probe_id"] in answered and each["verdict"] != "unsupported"]
    silent = sum(each["verdict"] == "silent_error" for each in shared)
    return {
        "way": way,
        "silent error rate": result["silent_error_rate"],
        "completion rate": result["completion_rate"],
        "defects tried": result["traps_run"],
        "sound files tried": result["clean_run"],
        "not applicable": result["unsupported"],
        "silent of those that rojsat tried": f"{silent} of {len(shared)}",
    }


def main(path: Path) -> None:
    """Run the suite in each way, print a row each, write all answers as JSON."""
    results = {}
    with tempfile.TemporaryDirectory(prefix="argleton-") as folder:
        (Path(folder) / "files").mkdir()
        argleton.run.build_fixtures = _built_once(Path(folder) / "files")
        for way, adapter in WAYS.items():
            answers = Path(folder) / "answers.json"
            argleton.run.main(["--adapter", adapter, "--system", way, "--out", str(answers)])
            results[way] = json.loads(answers.read_text())
    answered = {
        each["probe_id"]
        for each in results["rojsat"]["per_probe"]
        if each["population"] == "trap" and each["verdict"] != "unsupported"
    }
    rows = [_row(way, result, answered) for way, result in results.items()]
    tables.show(f"argleton {argleton.__version__}", rows)
    tables.write(path, {"version": argleton.__version__, "rows": rows, "results": results})


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "reports/bench") / "argleton.json")
