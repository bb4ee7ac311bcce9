"""The cloud masks of scenes: which they have, which dates have none, and masks computed for these."""

import logging
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd

from rojsat.chips.bands import CLOUD_MASKS
from rojsat.config import lookup
from rojsat.geo.scenes import catalog, csmask
from rojsat.geo.scenes.catalog import Scene

log = logging.getLogger(__name__)

NAMES = ("csmask",)
"""Ways to compute a mask."""


def lacking(scenes: Sequence[Scene]) -> list[str]:
    """Dates of scenes without any cloud mask, sorted: clouds there count as clear ground."""
    return sorted({scene.date for scene in scenes if not any(mask in scene.assets for mask in CLOUD_MASKS)})


def words(scenes: Sequence[Scene]) -> str:
    """What masks there are, and the dates without one: `SCL on 4 dates, none on 1 (2023-07-23)`."""
    dates = {mask: {scene.date for scene in scenes if mask in scene.assets} for mask in CLOUD_MASKS}
    parts = [f"{mask} on {len(days)} date{'s' * (len(days) > 1)}" for mask, days in dates.items() if days]
    without = lacking(scenes)
    if without:
        parts.append(f"none on {len(without)} ({', '.join(without)}): clouds there count as clear ground")
    return ", ".join(parts)


def check(name: str) -> None:
    """Check that masks can be computed that way.

    Raises:
        UnknownNameError: if there is no such way.
        ValueError: if its packages are not installed.
    """
    if name not in NAMES:
        raise lookup.unknown("cloud mask (data.clouds)", name, NAMES)
    csmask.check_packages()


def add(raw: Path, regions: gpd.GeoDataFrame) -> None:
    """Compute a mask around the regions for every scene that has none, and add it to the scene's item.

    Args:
        raw: the raw data set, whose catalog is written.
        regions: in any CRS.

    Raises:
        ValueError: if such a scene lacks a band that is needed.
    """
    scenes = [scene for scene in catalog.read(raw) if not any(mask in scene.assets for mask in CLOUD_MASKS)]
    for scene in scenes:
        csmask.level(scene)
    for number, scene in enumerate(scenes, start=1):
        log.info("cloud mask %d of %d: %s", number, len(scenes), scene.id)
        boxes = [tuple(box) for box in regions.to_crs(scene.crs).bounds.to_numpy()]
        asset = csmask.write(scene, raw / scene.id / f"{csmask.NAME}.tif", boxes)
        catalog.add_asset(raw, scene.id, csmask.NAME, asset)
