"""One scene on disk: a COG an asset, described as the catalog needs it."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.chips.bands import RESOLUTION
from rojsat.geo.scenes.catalog import Asset, Scene
from rojsat.geo.scenes.cog import write_cog
from rojsat.geo.sources.simulated import sensor
from rojsat.geo.sources.simulated.layout import CRS, transform
from rojsat.geo.sources.simulated.render import Rendering


def write(folder: Path, rendering: Rendering, name: str, column: int = 0) -> Scene:
    """Write the rasters of one scene into a folder of its own.

    Args:
        folder: the catalog's.
        rendering: stored numbers of every asset.
        name: id of the scene.
        column: of its left edge on the 10 m grid, pixels; a multiple of 6, so that 60 m pixels fit.

    Returns:
        The scene as `catalog.write` takes it.
    """
    assets = {key: _write(folder / name / f"{key}.tif", key, array, column) for key, array in rendering.assets.items()}
    acquisition = rendering.acquisition
    return Scene(name, pd.Timestamp(acquisition.time), acquisition.orbit, CRS, assets)


def _write(path: Path, key: str, array: NDArray[np.generic], column: int) -> Asset:
    grid = transform(RESOLUTION[key.removeprefix("TOA-")], column=column)
    reflectance = array.dtype == np.uint16
    write_cog(
        path,
        array,
        transform=grid,
        crs=CRS,
        nodata=sensor.NODATA,
        scale=sensor.SCALE if reflectance else None,
        offset=sensor.OFFSET if reflectance else None,
        resampling="nearest" if key == "SCL" else "average",
        descriptions=["red", "green", "blue"] if key == "TCI" else [key],
    )
    scale, offset = (sensor.SCALE, sensor.OFFSET) if reflectance else (1.0, 0.0)
    height, width = array.shape[-2:]
    return Asset(str(path), (height, width), grid, str(array.dtype), sensor.NODATA, scale, offset)
