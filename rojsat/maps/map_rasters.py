"""The rasters of a map: cells as they are done, then one Cloud Optimized GeoTIFF a pixel grid, in constant memory."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

from rojsat.evaluation.region_intervals import Calibration
from rojsat.geo.scenes.cog import copy_cog
from rojsat.maps.cell_prediction import CellMap
from rojsat.maps.map_cells import MapCell, MapGrid

UNITS = {
    "degree": "degree, 0 to 1",
    "lower": "degree, 0 to 1",
    "upper": "degree, 0 to 1",
    "dates": "clear overpasses",
    "newest": "days since 1970-01-01",
    "outside": "share of overpasses",
}
"""Bands of a map and their units; `lower` and `upper` where there are intervals."""

CACHE = 256 * 2**20
"""Blocks that GDAL keeps while a raster is written, bytes; its own default is a twentieth of the machine's memory."""

_PLAIN: Mapping[str, Any] = {"driver": "GTiff", "tiled": True, "blockxsize": 256, "blockysize": 256, "sparse_ok": True}


def cell_path(folder: Path, cell: MapCell) -> Path:
    """Where a cell is kept once it is predicted."""
    return folder / f"{cell.id}.npz"


def keep(folder: Path, cell: MapCell, predicted: CellMap) -> None:
    """Keep a predicted cell in a folder."""
    write_cell(cell_path(folder, cell), predicted)


def write_cell(path: Path, predicted: CellMap) -> None:
    """Keep a predicted cell: complete or not at all. Packed loosely, for degrees do not pack."""
    beside = path.with_name(f".{os.getpid()}.{path.name}")
    with ZipFile(beside, "w", ZIP_DEFLATED, compresslevel=1) as packed:
        for each in fields(predicted):
            with packed.open(ZipInfo(f"{each.name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, getattr(predicted, each.name), allow_pickle=False)
    beside.replace(path)


def read_cell(path: Path) -> CellMap:
    """Read what `write_cell` wrote."""
    with np.load(path) as arrays:
        return CellMap(**{name: arrays[name] for name in arrays})


def names(grids: Sequence[MapGrid]) -> list[str]:
    """File names of the rasters: `degree.tif`, or one for each pixel grid with its number."""
    return ["degree.tif"] if len(grids) == 1 else [f"degree_{number + 1}.tif" for number in range(len(grids))]


def write(
    path: Path,
    map_grid: MapGrid,
    cells: Iterable[tuple[MapCell, Path]],
    calibration: Calibration | None,
    tags: Mapping[str, str],
) -> Path:
    """Put the cells of one raster together.

    Where cells overlap, as boxes of outlines do, each writes the pixels that it wants.

    Args:
        path: of the raster.
        map_grid: its grid.
        cells: of this raster, with the files that hold them.
        calibration: of the intervals; None: there are none.
        tags: of the file.
    """
    bands = [name for name in UNITS if calibration is not None or name not in ("lower", "upper")]
    plain = path.with_name(f".{path.stem}.plain.tif")
    height, width = map_grid.grid.shape
    profile = {**_PLAIN, "count": len(bands), "dtype": "float32", "height": height, "width": width, "nodata": np.nan}
    place = {"crs": str(map_grid.grid.crs), "transform": map_grid.grid.affine}
    with rasterio.Env(GDAL_CACHEMAX=CACHE):
        with rasterio.open(plain, "w", **profile, **place) as raster:
            for number, name in enumerate(bands, start=1):
                raster.set_band_description(number, name)
                raster.set_band_unit(number, UNITS[name])
            raster.update_tags(**tags)
        with rasterio.open(plain, "r+") as raster:
            for cell, file in cells:
                rows, cols = cell.place(map_grid.grid)
                window = Window.from_slices(rows, cols)
                before = raster.read(window=window)
                planes = _bands(read_cell(file), calibration)
                values = np.stack([planes[name] for name in bands])
                raster.write(np.where(cell.needed, values, before).astype(np.float32), window=window)
        copy_cog(plain, path, resampling="nearest")
    plain.unlink()
    return path


def _bands(predicted: CellMap, calibration: Calibration | None) -> dict[str, NDArray[np.float32]]:
    """The bands of a cell by name, NaN where it is not seen."""
    seen, degree = predicted.dates > 0, predicted.degree
    planes: dict[str, NDArray[Any]] = {
        "degree": degree,
        "dates": predicted.dates,
        "newest": predicted.newest,
        "outside": predicted.outside,
    }
    if calibration is not None:
        planes["lower"], planes["upper"] = calibration.intervals(np.nan_to_num(degree))
    return {name: np.where(seen, plane.astype(np.float32), np.float32(np.nan)) for name, plane in planes.items()}
