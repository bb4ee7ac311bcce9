"""The embedded data set: a world drawn from a seed, delivered as real data are."""

from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from rojsat.geo import vectors
from rojsat.geo.cog import write_cog
from rojsat.geo.gps import tracks
from rojsat.geo.world import (
    delivery,
    ground,
    growth,
    inventory,
    landcover,
    objects,
    orbits,
    render,
    stac,
    units,
    walkers,
)
from rojsat.geo.world.layout import CRS, LAYOUTS, Layout, transform

WORKED = 100
"""Fixes that workers leave at least where they clear, and do not where they pass through."""

_DESCRIPTION = "A simulated landscape around Linköping, July to October 2019: no real place, no real observation."


def write(
    destination: Path,
    regions: gpd.GeoDataFrame | None = None,
    *,
    seed: int = 0,
    size: Literal["quick", "paper"] = "quick",
    layout: Layout | None = None,
) -> None:
    """Draws the world and writes it as a raw data set.

    Args:
        destination: an empty folder. Gets `catalog.json` with one folder a scene, `regions.gpkg`, `gps.parquet`,
            `delivered/` (vectors and GPS as a customer hands them over) and `truth/` (need, land cover, scene classes).
        regions: must be None: the world has its own.
        seed: the same seed and size give the same files.
        size: "quick" for trials, "paper" for numbers like those of Svensson (2020).
        layout: replaces what `size` stands for.

    Raises:
        ValueError: regions are given, the size does not exist, or the layout does not fit.
    """
    if regions is not None:
        raise ValueError("the simulated world makes its own regions: leave data.regions empty")
    if layout is None:
        if size not in LAYOUTS:
            raise ValueError(f"size {size!r} does not exist; there are {', '.join(LAYOUTS)}")
        layout = LAYOUTS[size]
    land, found = objects.place(landcover.build(layout, seed), layout, seed)
    grown = units.draw(land, found, seed)
    wanted = growth.need(land, grown, seed)
    _write_truth(destination / "truth", land, wanted)
    delivered = inventory.survey(land, grown, wanted, found, layout, seed)
    _write_vectors(destination, delivered, walkers.walk(found, wanted, seed))
    world = ground.prepare(land, grown, growth.fractions(land, grown, wanted, seed), seed)
    _write_scenes(destination, world, orbits.acquisitions(layout, seed), seed)


def _write_truth(folder: Path, land: landcover.Land, wanted: growth.Need) -> None:
    for name, array, nodata in (("need", wanted.degree, np.nan), ("landcover", land.cover, 0)):
        write_cog(folder / f"{name}.tif", array, transform=transform(), crs=CRS, nodata=nodata)


def _write_vectors(destination: Path, delivered: inventory.Inventory, fixes: pd.DataFrame) -> None:
    """Hands over, then reads back as any other data set would be read."""
    folder = destination / "delivered"
    delivery.write_vectors(folder, delivered)
    files = delivery.write_gps(folder, fixes)
    parts = [
        vectors.read_regions(folder / "need.shp", role="stand", label="need", crs=CRS),
        vectors.read_regions(folder / "clear.shp", role="stand", label="clear", crs=CRS),
        vectors.read_regions(folder / "clearing_objects.shp", role="clearing", crs=CRS),
        vectors.read_regions(folder / "probes.gpkg", role="probe", crs=CRS),
    ]
    regions = pd.concat(parts, ignore_index=True)
    read = tracks.read_tracks(files, crs=CRS, regions=regions)
    for region, number in read.by_region().items():
        if number > WORKED:
            last = read.time[read.region == read.regions.index(region)].max()
            regions.loc[regions["region"] == region, "cleared"] = str(last.astype("datetime64[D]"))
    vectors.write_regions(regions, destination / "regions.gpkg")
    tracks.write_tracks(read, destination / "gps.parquet")


def _write_scenes(destination: Path, world: ground.Ground, passes: list[orbits.Acquisition], seed: int) -> None:
    items = []
    for acquisition in passes:
        scene = render.scene(world, acquisition, seed)
        items.append(stac.write_scene(destination, scene))
        path = destination / "truth" / "scl" / f"{acquisition.name}.tif"
        write_cog(path, scene.truth, transform=transform(20), crs=CRS, nodata=0, descriptions=["scene class"])
    stac.save(destination, items, _DESCRIPTION)
