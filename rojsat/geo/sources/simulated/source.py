"""The embedded data set: a world drawn from a seed, delivered as real data are."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pystac

from rojsat.geo.gps import tracks
from rojsat.geo.scenes.cog import write_cog
from rojsat.geo.sources.simulated import (
    field_data,
    ground,
    growth,
    inventory,
    landcover,
    objects,
    orbits,
    render,
    scene_items,
    units,
    walkers,
)
from rojsat.geo.sources.simulated.inventory import Inventory
from rojsat.geo.sources.simulated.layout import CRS, LAYOUTS, PIXEL, SPRING, Layout, transform
from rojsat.geo.sources.simulated.orbits import Acquisition
from rojsat.geo.vectors import region_files

WORKED = 100
"""Fixes that workers leave at least where they clear, and do not where they pass through."""

_DESCRIPTION = "A simulated landscape around Linköping in 2019: no real place, no real observation."


def write(
    destination: Path,
    regions: gpd.GeoDataFrame | None = None,
    *,
    seed: int = 0,
    size: Literal["quick", "full"] = "quick",
    year: bool = False,
    areas: int = 1,
    layout: Layout | None = None,
) -> None:
    """Draws the world and writes it as a raw data set.

    Args:
        destination: an empty folder. Gets `catalog.json` with one folder a scene, `regions.gpkg`, `gps.parquet`,
            `delivered/` (vectors and GPS as a customer hands them over) and `truth/` (need, land cover, scene classes).
        regions: must be None: the world has its own.
        seed: the same seed and size give the same files.
        size: "quick" for trials, "full" for numbers like those of Svensson (2020).
        year: scenes from the end of March on; those from July to October are the same.
        areas: worlds side by side, each with its own scenes and ten clearing objects, "11" to "20" in the second;
            stands and controls are delivered of the first, which is the same whatever their number.
        layout: replaces what `size` stands for.

    Raises:
        ValueError: regions are given, the size does not exist, or the layout does not fit.
    """
    if regions is not None:
        raise ValueError("the simulated world makes its own regions: leave data.regions empty")
    if areas < 1:
        raise ValueError(f"data.options.areas={areas}: at least one")
    if layout is None:
        if size not in LAYOUTS:
            raise ValueError(f"size {size!r} does not exist; there are {', '.join(LAYOUTS)}")
        layout = LAYOUTS[size]
        layout = replace(layout, spring=SPRING[size]) if year else layout
    passes = orbits.acquisitions(layout, seed)
    found, items = [], []
    for number in range(areas):
        handed, fixes, drawn = _area(destination, number, layout, passes, seed + number)
        found.append((handed, fixes))
        items += drawn
    delivered = replace(found[0][0], objects=pd.concat([one.objects for one, _ in found], ignore_index=True))
    _write_vectors(destination, delivered, pd.concat([fixes for _, fixes in found], ignore_index=True))
    scene_items.save(destination, items, _DESCRIPTION)


def _area(
    destination: Path, number: int, layout: Layout, passes: list[Acquisition], seed: int
) -> tuple[Inventory, pd.DataFrame, list[pystac.Item]]:
    """Draws one area and writes its truth and scenes: what is delivered of it, the workers' fixes, its items."""
    land, objects_ = objects.place(landcover.build(layout, seed), layout, seed)
    objects_ = [replace(item, name=str(int(item.name) + number * len(objects_))) for item in objects_]
    grown = units.draw(land, objects_, seed)
    wanted = growth.need(land, grown, seed)
    suffix, column = f"_{number + 1}" if number else "", number * layout.width
    for name, array, nodata in (("need", wanted.degree, np.nan), ("landcover", land.cover, 0)):
        path = destination / "truth" / f"{name}{suffix}.tif"
        write_cog(path, array, transform=transform(column=column), crs=CRS, nodata=nodata)
    delivered = inventory.survey(land, grown, wanted, objects_, layout, seed)
    delivered.objects.geometry = delivered.objects.translate(xoff=PIXEL * column)
    fixes = walkers.walk(objects_, wanted, seed)
    world = ground.prepare(land, grown, growth.fractions(land, grown, wanted, seed), seed)
    items = []
    for acquisition in passes:
        scene, name = render.scene(world, acquisition, seed), f"{acquisition.name}{suffix}"
        items.append(scene_items.write_scene(destination, scene, name, column))
        path = destination / "truth" / "scl" / f"{name}.tif"
        grid = transform(20, column=column)
        write_cog(path, scene.truth, transform=grid, crs=CRS, nodata=0, descriptions=["scene class"])
    return delivered, fixes.assign(x=fixes["x"] + PIXEL * column), items


def _write_vectors(destination: Path, delivered: inventory.Inventory, fixes: pd.DataFrame) -> None:
    """Hands over, then reads back as any other data set would be read."""
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
    read = tracks.read_tracks(files, crs=CRS, regions=regions)
    for region, number in read.by_region().items():
        if number > WORKED:
            last = read.time[read.region == read.regions.index(region)].max()
            regions.loc[regions["region"] == region, "cleared"] = str(last.astype("datetime64[D]"))
    region_files.write_regions(regions, destination / "regions.gpkg")
    tracks.write_tracks(read, destination / "gps.parquet")
