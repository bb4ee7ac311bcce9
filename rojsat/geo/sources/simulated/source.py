"""The embedded data set: a world drawn from a seed, delivered as real data are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from rojsat.geo.gps import tracks
from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.cog import write_cog
from rojsat.geo.sources.simulated import (
    clearing_objects,
    field_data,
    ground,
    growth,
    inventory,
    landcover,
    orbits,
    render,
    scene_files,
    units,
    walkers,
)
from rojsat.geo.sources.simulated.inventory import Inventory
from rojsat.geo.sources.simulated.layout import CRS, LAYOUTS, PIXEL, SPRING, WorldLayout, transform
from rojsat.geo.sources.simulated.orbits import Acquisition
from rojsat.geo.vectors import region_files

WORKED = 100
"""Fixes that workers leave at least where they clear, and do not where they pass through."""

_DESCRIPTION = "A simulated landscape around Linköping in 2019: no real place, no real observation."


@dataclass(frozen=True)
class _Area:
    """One world, as delivered.

    Attributes:
        inventory: its regions, in the CRS of all areas.
        fixes: columns worker, track, time, x and y (metres).
        scenes: one an acquisition, their rasters written.
    """

    inventory: Inventory
    fixes: pd.DataFrame
    scenes: list[catalog.Scene]


def write(
    destination: Path,
    regions: gpd.GeoDataFrame | None = None,
    *,
    seed: int = 0,
    size: Literal["quick", "full"] = "quick",
    year: bool = False,
    areas: int = 1,
    layout: WorldLayout | None = None,
) -> None:
    """Draw the world and write it as a raw data set.

    Args:
        destination: an empty folder. Gets `catalog.json` with one folder a scene, `regions.gpkg`, `gps.parquet`,
            `delivered/` (vectors and GPS as a customer sends them) and `truth/` (need, land cover, scene classes).
        regions: must be None: the world has its own.
        seed: the same seed and size give the same files, byte for byte.
        size: "quick" for trials, "full" for numbers like those of Svensson (2020).
        year: scenes from the end of March on; those from July to October are the same.
        areas: worlds side by side, each with its own scenes and ten clearing objects, "11" to "20" in the second;
            stands and control areas are delivered of the first, which is the same whatever their number.
        layout: replaces what `size` stands for.

    Raises:
        ValueError: regions are given, the size does not exist, or the layout does not fit.
    """
    if regions is not None:
        raise ValueError("the simulated world makes its own regions: leave data.regions empty")
    if areas < 1:
        raise ValueError(f"data.options.areas={areas}: at least one")
    layout = _layout(size, year) if layout is None else layout
    acquisitions = orbits.acquisitions(layout, seed)
    worlds = [_draw(destination, number, layout, acquisitions, seed + number) for number in range(areas)]
    objects = pd.concat([world.inventory.objects for world in worlds], ignore_index=True)
    fixes = pd.concat([world.fixes for world in worlds], ignore_index=True)
    _write_vectors(destination, replace(worlds[0].inventory, objects=objects), fixes)
    scenes = [scene for world in worlds for scene in world.scenes]
    catalog.write(destination, scenes, description=_DESCRIPTION)


def _layout(size: str, year: bool) -> WorldLayout:
    if size not in LAYOUTS:
        raise ValueError(f"size {size!r} does not exist; there are {', '.join(LAYOUTS)}")
    return replace(LAYOUTS[size], spring=SPRING[size]) if year else LAYOUTS[size]


def _draw(destination: Path, number: int, layout: WorldLayout, acquisitions: Sequence[Acquisition], seed: int) -> _Area:
    """Draw one area and write its truth and scenes."""
    land, objects = clearing_objects.insert(landcover.build(layout, seed), layout, seed)
    objects = [replace(item, name=str(int(item.name) + number * len(objects))) for item in objects]
    grown = units.draw(land, objects, seed)
    need = growth.need(land, grown, seed)
    suffix, column = f"_{number + 1}" if number else "", number * layout.width
    for name, array, nodata in (("need", need.degree, np.nan), ("landcover", land.cover, 0)):
        path = destination / "truth" / f"{name}{suffix}.tif"
        write_cog(path, array, transform=transform(column=column), crs=CRS, nodata=nodata)
    regions = inventory.survey(land, grown, need, objects, layout, seed)
    regions.objects.geometry = regions.objects.translate(xoff=PIXEL * column)
    fixes = walkers.walk(objects, need, seed)
    surface = ground.prepare(land, grown, growth.fractions(land, grown, need, seed), seed)
    scenes = [
        _write_scene(destination, render.scene(surface, acquisition, seed), f"{acquisition.name}{suffix}", column)
        for acquisition in acquisitions
    ]
    return _Area(regions, fixes.assign(x=fixes["x"] + PIXEL * column), scenes)


def _write_scene(destination: Path, rendering: render.Rendering, name: str, column: int) -> catalog.Scene:
    """Write the rasters of a scene, and its true scene classes beside them."""
    path, grid = destination / "truth" / "scl" / f"{name}.tif", transform(20, column=column)
    write_cog(path, rendering.truth, transform=grid, crs=CRS, nodata=0, descriptions=["scene class"])
    return scene_files.write(destination, rendering, name, column)


def _write_vectors(destination: Path, delivered: Inventory, fixes: pd.DataFrame) -> None:
    """Write the files as a customer sends them, then read them as any other data set is read."""
    folder = destination / "delivered"
    field_data.write_vectors(folder, delivered)
    files = field_data.write_gps(folder, fixes)
    parts = [
        region_files.read_regions(folder / "need.shp", role="stand", label="need", crs=CRS),
        region_files.read_regions(folder / "clear.shp", role="stand", label="clear", crs=CRS),
        region_files.read_regions(folder / "clearing_objects.shp", role="clearing", crs=CRS),
        region_files.read_regions(folder / "controls.gpkg", role="control", crs=CRS),
    ]
    regions = pd.concat(parts, ignore_index=True)
    points = tracks.read_tracks(files, crs=CRS, regions=regions)
    for region, number in points.by_region().items():
        if number > WORKED:
            last = points.time[points.region == points.regions.index(region)].max()
            regions.loc[regions["region"] == region, "cleared"] = str(last.astype("datetime64[D]"))
    region_files.write_regions(regions, destination / "regions.gpkg")
    tracks.write_tracks(points, destination / "gps.parquet")
