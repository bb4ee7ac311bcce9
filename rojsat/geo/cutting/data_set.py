"""Cuts chips out of scenes: every region of every scene, on the region's grid, scene by scene."""

import logging
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from odc.geo.geobox import GeoBox

from rojsat.chips import writer
from rojsat.chips.cut import Dropped
from rojsat.chips.reader import CHUNK
from rojsat.config import lookup
from rojsat.geo import masks as mask_files
from rojsat.geo.cutting import dask_work, overpasses, scene_cutter
from rojsat.geo.cutting.scene_cutter import Job, Region, Rules
from rojsat.geo.scenes import catalog as catalogs
from rojsat.geo.scenes.catalog import Scene
from rojsat.geo.scenes.grid import region_grids
from rojsat.geo.scenes.resampling import kernel
from rojsat.geo.vectors import region_files

log = logging.getLogger(__name__)


def write(
    raw: Path,
    masks: Path,
    destination: Path,
    *,
    recipe: Mapping[str, Any],
    size: int | None = None,
    resampling: str = "bilinear",
    max_nodata: float = 0.5,
    max_cloud: float = 0.9,
    cloud_margin: float = 0.0,
    cleared: str = "keep",
    scheduler: str = "threads",
    workers: int | None = None,
) -> None:
    """Cut all chips of a data set into a chip store.

    The work goes by scene: each of its blocks is decoded once for all regions in it (once more where a scene fills what
    another of the same pass lacks). The result is the same bit for bit whoever does the work.

    Args:
        raw: the raw data set.
        masks: its masks; clearing objects dropped there are not cut.
        destination: a folder that is empty, or holds what an interrupted call with the same arguments left.
        recipe: what to remember as the way the chips were made.
        size: height and width of all chips, pixels; larger regions are cut into even windows without overlap. None:
            the height and the width of the largest region of each role.
        resampling: how reflectance on other pixels (20 m, 60 m, another UTM zone) comes to the 10 m grid, a name that
            GDAL knows; SCL and TCI are `nearest`.
        max_nodata: share of pixels without data above which a chip is left out.
        max_cloud: share of the pixels with data under cloud (SCL 8, 9, 10) above which it is left out.
        cloud_margin: metres around a cloud that count as cloud too.
        cleared: what becomes of scenes later than the clearing of a region: `keep` them as they are, `drop` them, or
            `zero`: keep them with a degree of 0 and the label `clear`.
        scheduler: of Dask: threads, processes, synchronous, or the address of a cluster that shares these folders.
        workers: threads or processes; None: one a core.

    Raises:
        UnknownNameError: if there is no such resampling, scheduler or way with cleared regions.
        ValueError: if scenes differ in their bands, masks and regions do not fit together, a raster cannot be read, or
            no chip is left.
    """
    if cleared not in scene_cutter.CLEARED:
        raise lookup.unknown("data.chips.cleared:", cleared, scene_cutter.CLEARED)
    kernel(resampling)
    dask_work.check(scheduler)
    found, labelled = catalogs.read(raw), mask_files.read(masks)
    table = region_files.load_regions(raw / "regions.gpkg")
    grids = region_grids(found, table)
    _check_grids(labelled, grids)
    regions, dropped = _regions(table, grids, labelled.dropped, size)
    rules = Rules(resampling, max_nodata, max_cloud, cloud_margin, cleared)
    layouts, jobs = _plan(found, regions, rules, size)
    writer.create(destination, layouts)
    writer.fill(destination, "regions", dropped, {})
    todo = [job for job in jobs if not writer.is_filled(destination, job.piece)]
    log.info("%d scenes to cut, %d cut already, %d regions", len(todo), len(jobs) - len(todo), len(regions))
    dask_work.each(scene_cutter.fill, todo, destination, scheduler=scheduler, workers=workers)
    writer.finish(
        destination,
        layouts=layouts,
        masks={region.id: labelled.degree[region.id] for region in regions if region.id in labelled.degree},
        regions={region.id: _describe(region.grid) for region in regions},
        recipe=recipe,
        versions={name: version(name) for name in ("rojsat", "rasterio", "odc-geo", "geopandas")},
    )


def windows(height: int, width: int, size: int | None) -> tuple[tuple[slice, slice], ...]:
    """Cut a grid into even windows of at most `size` pixels each way: 85 becomes 43 and 42."""
    rows, cols = _spans(height, size), _spans(width, size)
    return tuple((row, col) for row in rows for col in cols)


def _spans(length: int, size: int | None) -> list[slice]:
    parts = np.array_split(np.arange(length), 1 if size is None else -(-length // size))
    return [slice(int(part[0]), int(part[-1]) + 1) for part in parts]


def _check_grids(labelled: mask_files.Masks, grids: Mapping[str, GeoBox]) -> None:
    for region, grid in labelled.grids.items():
        if grids.get(region) != grid:
            raise ValueError(f"the mask of region {region!r} lies on another grid than its scenes; make masks anew")


def _regions(
    table: gpd.GeoDataFrame, grids: Mapping[str, GeoBox], out: Mapping[str, str], size: int | None
) -> tuple[list[Region], list[Dropped]]:
    """Regions to be cut, sorted, and those that are not."""
    regions, dropped = [], []
    for row in table.sort_values("region").itertuples():
        if row.region in out:
            dropped.append(Dropped(row.region, row.role, out[row.region]))
        elif row.region not in grids:
            dropped.append(Dropped(row.region, row.role, "no scene covers it"))
        else:
            grid = grids[row.region]
            parts = windows(grid.shape[0], grid.shape[1], size)
            regions.append(Region(row.region, row.role, row.label, row.cleared, grid, parts))
    return regions, dropped


def _plan(
    found: Sequence[Scene], regions: Sequence[Region], rules: Rules, size: int | None
) -> tuple[dict[str, writer.Layout], list[Job]]:
    """What the arrays of each role look like, and one job a scene, each with slots of its own in them."""
    by_id = {region.id: region for region in regions}
    roles = sorted({region.role for region in regions})
    slots, jobs = dict.fromkeys(roles, 0), []
    for number, given in overpasses.plan(found, {region.id: region.grid for region in regions}).items():
        shown = sorted({scene for _, scenes in given for scene in scenes}, key=lambda scene: (scene != number, scene))
        place = {scene: place for place, scene in enumerate(shown)}
        wanted = tuple((by_id[region], tuple(place[scene] for scene in scenes)) for region, scenes in given)
        counts = {role: sum(len(one.windows) for one, _ in wanted if one.role == role) for role in roles}
        starts = {role: slots[role] for role in roles if counts[role]}
        slots = {role: slots[role] + -(-counts[role] // CHUNK) * CHUNK for role in roles}
        if wanted:
            jobs.append(Job(f"{number:06d}", tuple(found[scene] for scene in shown), wanted, starts, rules))
    return _layouts(found, regions, slots, rules, size), jobs


def _layouts(
    found: Sequence[Scene], regions: Sequence[Region], slots: Mapping[str, int], rules: Rules, size: int | None
) -> dict[str, writer.Layout]:
    layouts = {}
    for role, capacity in slots.items():
        mine = [region for region in regions if region.role == role]
        height, width = (max(region.grid.shape[axis] for region in mine) for axis in (0, 1))
        scl = any("SCL" in scene.assets for scene in found)
        layouts[role] = writer.Layout(
            size=(height, width) if size is None else (size, size),
            capacity=capacity,
            boa=_bands(found, "boa"),
            toa=_bands(found, "toa"),
            tci=any("TCI" in scene.assets for scene in found),
            scl=scl,
            cloud=scl and rules.cloud_margin > 0,
        )
    return layouts


def _bands(found: Sequence[Scene], kind: str) -> tuple[str, ...]:
    """The bands of all scenes that have any of a kind.

    Raises:
        ValueError: if scenes differ in them.
    """
    having = [scene for scene in found if getattr(scene, kind)]
    for scene in having[1:]:
        unlike = sorted(set(getattr(scene, kind)) ^ set(getattr(having[0], kind)))
        if unlike:
            raise ValueError(
                f"scenes {having[0].id} and {scene.id} differ: only one of them has {', '.join(unlike)} ({kind}); "
                "complete the scene, or let the source leave these bands out"
            )
    return getattr(having[0], kind) if having else ()


def _describe(grid: GeoBox) -> dict[str, Any]:
    return {"shape": list(grid.shape), "transform": list(grid.affine)[:6], "crs": str(grid.crs)}
