"""The embedded data set: a world drawn from a seed, delivered as real data are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.config import progress
from rojsat.geo.gps import tracks
from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.cog import write_cog
from rojsat.geo.sources.simulated import (
    clearing_objects,
    field_data,
    ground,
    growth,
    hard_ground,
    inventory,
    kernels,
    landcover,
    looks,
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
class _Rules:
    """What all areas have in common.

    Attributes:
        layout: extent and contents.
        acquisitions: the overpasses whose scenes are delivered.
        signal: one of `looks.SIGNALS`.
        boxes: one of `clearing_objects.BOXES`.
        hard_ground: share of the worked pixels where work is slow whatever the need.
        toa: whether scenes hold the bands at the top of the atmosphere.
    """

    layout: WorldLayout
    acquisitions: Sequence[Acquisition]
    signal: str
    boxes: str
    hard_ground: float
    toa: bool


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
    stands: Literal["first", "every"] = "first",
    dates: Sequence[str] | None = None,
    signal: Literal["weak", "default", "strong"] = "default",
    boxes: Literal["tight", "drawn"] = "drawn",
    hard_ground: float = 0.2,
    toa: bool = True,
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
            control areas are delivered of the first, which is the same whatever their number.
        stands: of which areas stands are delivered; ids of the second go on where those of the first end.
        dates: days of 2019, ISO: one scene of all of the area for each, mostly clear, on the overpass nearest to it.
            None: as many scenes as the size has, clear or cloudy, on overpasses of three orbits.
        signal: how much spectra tell of what grows: how far those of one material differ between stands and pixels
            (docs/world.md). "weak": as far as a class does over many countries; "default": as pure covers of one
            landscape; "strong": as pure covers within 60 m.
        boxes: of clearing objects. "tight": each just holds one; "drawn": as people draw them.
        hard_ground: share of the worked pixels on steep, wet or stony ground, [0, 1): points are dense there without
            need.
        toa: whether scenes hold the bands at the top of the atmosphere too (channels `toa`).
        layout: replaces what `size` stands for.

    Raises:
        ValueError: regions are given, an option does not exist or is out of its range, or the layout does not fit.
    """
    if regions is not None:
        raise ValueError("the simulated world makes its own regions: leave data.regions empty")
    if areas < 1:
        raise ValueError(f"data.options.areas={areas}: at least one")
    for key, value, choices in (
        ("stands", stands, ("first", "every")),
        ("signal", signal, tuple(looks.SIGNALS)),
        ("boxes", boxes, clearing_objects.BOXES),
    ):
        if value not in choices:
            raise ValueError(f"data.options.{key}={value!r} does not exist; there are {', '.join(choices)}")
    if not 0 <= hard_ground < 1:
        raise ValueError(f"data.options.hard_ground={hard_ground}: a share, at least 0 and below 1")
    if dates is not None and year:
        raise ValueError("data.options: `year` asks for the scenes of a year, `dates` for single ones; leave one out")
    kernels.check()
    layout = _layout(size, year) if layout is None else layout
    acquisitions = orbits.acquisitions(layout, seed) if dates is None else orbits.on_dates(dates, seed)
    rules = _Rules(layout, acquisitions, signal, boxes, hard_ground, toa)
    worlds = [_draw(destination, number, rules, seed + number) for number in range(areas)]
    _write_vectors(
        destination, _delivered([world.inventory for world in worlds], stands), [world.fixes for world in worlds]
    )
    scenes = [scene for world in worlds for scene in world.scenes]
    catalog.write(destination, scenes, description=_DESCRIPTION)


def _layout(size: str, year: bool) -> WorldLayout:
    if size not in LAYOUTS:
        raise ValueError(f"size {size!r} does not exist; there are {', '.join(LAYOUTS)}")
    return replace(LAYOUTS[size], spring=SPRING[size]) if year else LAYOUTS[size]


def _delivered(inventories: Sequence[Inventory], stands: str) -> Inventory:
    """All objects, the stands of the first or of every area, and the control areas of the first."""
    labelled = inventories if stands == "every" else inventories[:1]
    return Inventory(
        need=pd.concat([area.need for area in labelled], ignore_index=True),
        clear=pd.concat([area.clear for area in labelled], ignore_index=True),
        objects=pd.concat([area.objects for area in inventories], ignore_index=True),
        controls=inventories[0].controls,
    )


def _draw(destination: Path, number: int, rules: _Rules, seed: int) -> _Area:
    """Draw one area and write its truth and scenes."""
    layout = rules.layout
    progress.doing(f"draws the land of area {number + 1}, its objects and its workers")
    land, objects = clearing_objects.insert(landcover.build(layout, seed), layout, rules.boxes, seed)
    objects = [replace(item, name=str(int(item.name) + number * len(objects))) for item in objects]
    grown = units.draw(land, objects, rules.boxes, seed)
    need = growth.need(land, grown, seed)
    hard = hard_ground.draw(land, objects, rules.hard_ground, seed)
    suffix, column = f"_{number + 1}" if number else "", number * layout.width
    truth: list[tuple[str, NDArray[np.generic], float]] = [("need", need.degree, np.nan), ("landcover", land.cover, 0)]
    if rules.hard_ground:
        truth.append(("hard_ground", hard.astype(np.uint8), 255))
    for name, array, nodata in truth:
        path = destination / "truth" / f"{name}{suffix}.tif"
        write_cog(path, array, transform=transform(column=column), crs=CRS, nodata=nodata)
    regions = inventory.survey(land, grown, need, objects, layout, seed, first=1 + number * layout.stands)
    for table in (regions.need, regions.clear, regions.objects):
        table.geometry = table.translate(xoff=PIXEL * column)
    fixes = walkers.walk(objects, need, hard, seed)
    surface = ground.prepare(land, grown, growth.fractions(land, grown, need, seed), rules.signal, seed)
    scenes = []
    for index, acquisition in enumerate(rules.acquisitions, 1):
        progress.doing(f"draws scene {index} of {len(rules.acquisitions)} of area {number + 1}")
        rendering = render.scene(surface, acquisition, seed, toa=rules.toa)
        scenes.append(_write_scene(destination, rendering, f"{acquisition.name}{suffix}", column))
    return _Area(regions, fixes.assign(x=fixes["x"] + PIXEL * column), scenes)


def _write_scene(destination: Path, rendering: render.Rendering, name: str, column: int) -> catalog.Scene:
    """Write the rasters of a scene, and its true scene classes beside them."""
    path, grid = destination / "truth" / "scl" / f"{name}.tif", transform(20, column=column)
    write_cog(path, rendering.truth, transform=grid, crs=CRS, nodata=0, descriptions=["scene class"])
    return scene_files.write(destination, rendering, name, column)


def _write_vectors(destination: Path, delivered: Inventory, fixes: Sequence[pd.DataFrame]) -> None:
    """Write the files as a customer sends them, then read them as any other data set is read."""
    folder = destination / "delivered"
    field_data.write_vectors(folder, delivered)
    files = field_data.write_gps(folder, pd.concat(fixes, ignore_index=True))
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
