"""The canopy signal of every stand on every overpass: the median of a spectral index over its clear pixels.

Scenes are read one after the other and each leaves a file, so that reading goes on where it was killed.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from rojsat.chips import channels, roles
from rojsat.chips.bands import CLOUD_MASKS
from rojsat.chips.chip import Chip
from rojsat.config import provenance
from rojsat.evaluation.report_files import write_text
from rojsat.geo.cutting import overpasses
from rojsat.geo.cutting.overpass_reader import OverpassReader
from rojsat.geo.cutting.overpasses import Visit
from rojsat.geo.cutting.regions import Region, region_facts
from rojsat.geo.scenes import outline_pixels
from rojsat.geo.scenes.catalog import Scene
from rojsat.geo.scenes.grid import region_grids

INDICES = ("nbr", "ndvi")
"""Spectral indices that fall where a canopy is felled, the better one first; which one decides their bands."""

COLUMNS = ["region", "date", "clear", "value"]

FOLDER = "canopy"
"""In the folder of a map."""


def index(scenes: Sequence[Scene]) -> str | None:
    """The spectral index whose bands all scenes have; None if there is none."""
    complete = (name for name in INDICES if all(set(channels.bands(name)) <= scene.assets.keys() for scene in scenes))
    return next(complete, None)


def identity(scenes: Sequence[Scene]) -> str:
    """What decides the signals of given stands: the scenes and the files that hold them."""
    rasters = sorted({asset.href for scene in scenes for asset in scene.assets.values()})
    sizes = [f"{href} {Path(href).stat().st_size}" for href in rasters if Path(href).exists()]
    return provenance.text_digest(*(scene.id for scene in scenes), *rasters, *sizes)


def read(
    scenes: Sequence[Scene], stands: gpd.GeoDataFrame, resampling: str, cloud_margin: float, folder: Path
) -> pd.DataFrame:
    """Read the signals of all stands.

    Args:
        scenes: all that there are, those that the model is not applied to as well.
        stands: outlines, with their ids in `region`.
        resampling: of bands of other pixels.
        cloud_margin: metres around a cloud that count as cloud.
        folder: of the map; scenes that were read already are not read again.

    Returns:
        One row a stand and overpass that shows some of it: `region`; `date`, ISO; `clear`, share of its pixels that
        are clear; `value`, the median of the index over these, NaN of none. No rows where there are not two dates, or
        no index (`INDICES`) has its bands in all scenes.
    """
    name = index(scenes)
    if name is None or len({scene.date for scene in scenes}) < 2:
        return pd.DataFrame({column: [] for column in COLUMNS})
    wanted = {*channels.bands(name), *CLOUD_MASKS}
    bare = [
        replace(scene, assets={key: asset for key, asset in scene.assets.items() if key in wanted}) for scene in scenes
    ]
    regions = [
        Region(region, roles.CONTROL, None, None, grid, ((slice(0, grid.shape[0]), slice(0, grid.shape[1])),))
        for region, grid in region_grids(scenes, stands).items()
    ]
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    parts = []
    for visits in overpasses.plan(bare, regions, region_facts(regions)):
        if visits:
            path = folder / FOLDER / f"{visits[0].scenes[0].id}.csv"
            if not path.exists():
                write_text(path, _of_scene(visits, stands, (resampling, cloud_margin), name).to_csv(index=False))
            parts.append(pd.read_csv(path, dtype={"region": str}, keep_default_na=False, na_values={"value": [""]}))
    return pd.concat(parts, ignore_index=True)


def _of_scene(visits: Sequence[Visit], stands: gpd.GeoDataFrame, reading: tuple[str, float], name: str) -> pd.DataFrame:
    """The signals of the stands on one overpass; the first scene of all visits is the same."""
    geometries, scene = stands.set_index("region").geometry, visits[0].scenes[0]
    rows = []
    with OverpassReader(visits, *reading) as reader:
        for visit in visits:
            arrays, units = reader.read(visit)
            region = visit.region
            height, width = region.grid.shape
            row = {"height": height, "width": width, **units}
            chip = Chip(row, arrays, {"boa": scene.boa, "toa": ()}, np.full((height, width), -1, np.float32))
            plane = chip.channels([name])[0]
            inside = outline_pixels.inside(geometries[region.id], str(stands.crs), region.grid)
            clear = inside & chip.seen() & np.isfinite(plane)
            value = float(np.median(plane[clear])) if clear.any() else np.nan
            rows.append((region.id, scene.date, float(clear.sum() / inside.sum()), value))
    return pd.DataFrame(rows, columns=COLUMNS)
