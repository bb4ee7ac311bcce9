"""Cuts chips out of scenes: every region of every scene, on the region's grid, scene by scene."""

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from rojsat.chips import change_pairs, harvest_years, piece_files, writer
from rojsat.chips.bands import CLOUD_MASKS
from rojsat.chips.cut import Dropped
from rojsat.chips.reader import CHUNK
from rojsat.config import lookup
from rojsat.config.s3_folder import Folder
from rojsat.geo import masks
from rojsat.geo.cutting import outlines, overpasses, padding, scene_cutter
from rojsat.geo.cutting.overpasses import Visits
from rojsat.geo.cutting.regions import Region, RegionFacts, RegionRows, region_facts
from rojsat.geo.cutting.scene_cutter import Rules, SceneJob
from rojsat.geo.harvests import harvest_table
from rojsat.geo.labels.made_values import MadeValues
from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.catalog import Scene
from rojsat.geo.scenes.grid import region_grids
from rojsat.geo.scenes.resampling import kernel
from rojsat.geo.vectors import kept_columns, region_files, region_parts
from rojsat.geo.vectors.outline_rings import outline_rings
from rojsat.jobs import dask_work

log = logging.getLogger(__name__)


def write(
    raw: Path,
    mask_folder: Path,
    destination: Folder,
    *,
    recipe: Mapping[str, Any],
    size: int | None = None,
    margin: float = 0.0,
    resampling: str = "bilinear",
    max_nodata: float = 0.5,
    max_cloud: float = 0.9,
    cloud_margin: float = 0.0,
    cleared: str = "keep",
    youngest: float | None = None,
    oldest: float | None = None,
    scheduler: str = "threads",
    workers: int | None = None,
) -> None:
    """Cut all chips of a data set into a chip store.

    The work goes by scene: each of its blocks is decoded once for all regions in it (once more where a scene fills what
    another of the same overpass lacks). The result is the same bit for bit whatever runs the work.

    Args:
        raw: the raw data set.
        mask_folder: its masks; clearing objects dropped there are not cut.
        destination: a folder, also one of S3, that is empty, or holds what an interrupted call with the same arguments
            left.
        recipe: how the chips are cut, to be kept in the store.
        size: height and width of all chips, pixels; larger regions are cut into even windows without overlap. None:
            the height and the width of the largest region of each role. Surroundings come on top.
        margin: metres of surroundings around a region's box, rounded up to full pixels; chips then have the array
            `outline`, and the index the columns of `rojsat.chips.boxes`. No data where scenes end.
        resampling: how reflectance on other pixels (20 m, 60 m, another UTM zone) is resampled to the 10 m grid, a
            name that GDAL knows; SCL and TCI are `nearest`.
        max_nodata: share of pixels of the region's own box without data above which a chip is left out.
        max_cloud: share of its pixels with data under cloud (SCL 8, 9, 10) above which it is left out.
        cloud_margin: metres around a cloud that count as cloud too.
        cleared: what is done with scenes later than the clearing of a region: `keep` them unchanged, `drop` them, or
            `zero`: keep them with a degree of 0 and the label `clear`.
        youngest: fewest years since the harvest of a region at the scene, else the chip is left out; None: any.
        oldest: most years, likewise.
        scheduler: of Dask: threads, processes, synchronous, or the address of a cluster that shares these folders.
        workers: threads or processes; None: one a core.

    Raises:
        UnknownNameError: if there is no such resampling, scheduler or choice of `cleared`.
        ValueError: if the margin is negative, years cannot be, scenes differ in their bands, masks and regions do not
            fit together, a raster cannot be read, or no chip is left.
    """
    if cleared not in scene_cutter.CLEARED:
        raise lookup.unknown("data.chips.cleared:", cleared, scene_cutter.CLEARED)
    if margin < 0:
        raise ValueError(f"data.chips.margin is 0 metres or more, not {margin}")
    kernel(resampling)
    dask_work.check(scheduler)
    scenes, labelled = catalog.read(raw), masks.read(mask_folder)
    table = region_files.load_regions(raw / "regions.gpkg")
    harvests = harvest_table.load(raw)
    harvest_years.check(youngest, oldest, known=harvests is not None)
    grids = region_grids(scenes, table)
    _check_grids(labelled, grids, mask_folder)
    rows = _cut_rows(table, grids, labelled)
    regions: Sequence[Region] = RegionRows(rows, grids, size=size, dated=labelled.dated)
    if margin:
        regions = outlines.Surrounded(regions, margin, rows.geometry.to_numpy(), str(table.crs))
    if harvests is not None:
        regions = outlines.harvested(regions, harvests, table)
    facts = region_facts(regions)
    rules = Rules(resampling, max_nodata, max_cloud, cloud_margin, cleared, youngest, oldest)
    jobs, slots = _jobs(scenes, regions, facts, rules)
    if cleared == "keep" and facts.cleared.any():
        scene_cutter.warn_of_clearing(jobs)
    layouts = _layouts(scenes, facts, slots, rules, size)
    if size is None:
        padding.warn(regions, facts)
    writer.create(destination, layouts)
    writer.fill(destination, "regions", _dropped(table, grids, labelled), {})
    remaining = [job for job in jobs if not piece_files.is_filled(destination, job.piece)]
    log.info("%d scenes to cut, %d cut already, %d regions", len(remaining), len(jobs) - len(remaining), len(regions))
    stores = [destination] if isinstance(destination, Path) else []
    shared = [folder.parent for folder in (raw, *stores)]  # not a store itself: it holds nothing else also after a kill
    dask_work.each(scene_cutter.fill, remaining, destination, scheduler=scheduler, workers=workers, folders=shared)
    writer.finish(
        destination,
        layouts=layouts,
        masks=MadeValues((name for name in rows["region"] if name in labelled.stored), labelled.stored.__getitem__),
        heat=labelled.heat,
        histories=labelled.facts.get(change_pairs.HISTORIES),
        regions=_described(rows, grids),
        outlines=_outlines(rows, grids, facts.system_names),
        recipe=recipe,
        versions={name: version(name) for name in ("rojsat", "rasterio", "odc-geo", "geopandas")},
    )


def _check_grids(labelled: masks.Masks, grids: Mapping[str, GeoBox], folder: Path) -> None:
    for region, grid in labelled.grids.items():
        if grids.get(region) != grid:
            advice = f"delete {folder}, then run `python -m rojsat.stages.masks data={folder.name}`"
            raise ValueError(f"the mask of region {region!r} lies on another grid than its scenes; {advice}")


def _cut_rows(table: gpd.GeoDataFrame, grids: Mapping[str, GeoBox], labelled: masks.Masks) -> gpd.GeoDataFrame:
    """The regions to be cut, sorted."""
    is_cut = [region in grids and region not in labelled.dropped for region in table["region"]]
    return table[is_cut].sort_values("region", ignore_index=True)


def _dropped(table: gpd.GeoDataFrame, grids: Mapping[str, GeoBox], labelled: masks.Masks) -> Iterator[Dropped]:
    """The regions that are not cut, sorted, and why."""
    for region, role in table[["region", "role"]].sort_values("region").itertuples(index=False):
        if region in labelled.dropped:
            yield Dropped(region, role, labelled.dropped[region])
        elif region not in grids:
            yield Dropped(region, role, "no scene covers it")


def _jobs(
    scenes: Sequence[Scene], regions: Sequence[Region], facts: RegionFacts, rules: Rules
) -> tuple[list[SceneJob], dict[str, int]]:
    """A job for each scene that has regions to cut, with slots of its own, and the number of slots of each role."""
    slots = dict.fromkeys(facts.role_names, 0)
    jobs = []
    for number, visits in enumerate(overpasses.plan(scenes, regions, facts)):
        chips = _count_chips(visits, facts)
        if chips:
            jobs.append(SceneJob(f"{number:06d}", visits, {role: slots[role] for role in chips}, rules))
        for role, count in chips.items():
            slots[role] += math.ceil(count / CHUNK) * CHUNK  # no two jobs write into one chunk
    return jobs, slots


def _count_chips(visits: Visits, facts: RegionFacts) -> dict[str, int]:
    """Number of chips of each role that there is."""
    counts = np.bincount(facts.roles[visits.rows], facts.windows[visits.rows], len(facts.role_names)).astype(int)
    return {role: count for role, count in zip(facts.role_names, counts.tolist(), strict=True) if count}


def _layouts(
    scenes: Sequence[Scene], facts: RegionFacts, slots: Mapping[str, int], rules: Rules, size: int | None
) -> dict[str, writer.Layout]:
    """Sizes and bands of the arrays of each role."""
    layouts = {}
    for number, (role, capacity) in enumerate(slots.items()):
        shapes = facts.shapes[facts.roles == number]
        height, width = shapes.max(axis=0).tolist() if size is None else (size, size)
        around = 2 * facts.margin
        scl, csmask = (any(mask in scene.assets for scene in scenes) for mask in CLOUD_MASKS)
        layouts[role] = writer.Layout(
            size=(height + around, width + around),
            capacity=capacity,
            boa=_bands(scenes, "boa"),
            toa=_bands(scenes, "toa"),
            tci=any("TCI" in scene.assets for scene in scenes),
            scl=scl,
            cloud=(scl or csmask) and rules.cloud_margin > 0,
            outline=around > 0,
            csmask=csmask,
            harvest=facts.harvested,
        )
    return layouts


def _bands(scenes: Sequence[Scene], kind: str) -> tuple[str, ...]:
    """The bands of all scenes that have any of a kind.

    Raises:
        ValueError: if scenes differ in them.
    """
    having = [scene for scene in scenes if getattr(scene, kind)]
    for scene in having[1:]:
        unlike = sorted(set(getattr(scene, kind)) ^ set(getattr(having[0], kind)))
        if unlike:
            raise ValueError(
                f"scenes {having[0].id} and {scene.id} differ: only one of them has {', '.join(unlike)} ({kind}); "
                "complete the scene, or let the source leave these bands out"
            )
    return getattr(having[0], kind) if having else ()


def _outlines(
    table: gpd.GeoDataFrame, grids: Mapping[str, GeoBox], systems: Sequence[str]
) -> Mapping[str, list[NDArray[np.float64]]]:
    """The rings of each region on its grid, without surroundings."""
    row_of = {region: row for row, region in enumerate(table["region"])}
    by_crs = {crs: table.geometry.to_crs(crs).to_numpy() for crs in systems}

    def rings(region: str) -> list[NDArray[np.float64]]:
        grid = grids[region]
        return outline_rings(by_crs[str(grid.crs)][row_of[region]], grid.affine)

    return MadeValues(row_of, rings)


def _described(table: gpd.GeoDataFrame, grids: Mapping[str, GeoBox]) -> Mapping[str, dict[str, Any]]:
    """Grid of each region, the region that it is a part of, by `stand_parts.PART_OF`, and kept columns."""
    row_of = {region: row for row, region in enumerate(table["region"])}
    stated = {name: table[name].to_numpy(object) for name in region_parts.columns(table) + kept_columns.names(table)}

    def describe(region: str) -> dict[str, Any]:
        grid, values = grids[region], {name: column[row_of[region]] for name, column in stated.items()}
        facts = {"shape": list(grid.shape), "transform": list(grid.affine)[:6], "crs": str(grid.crs)}
        return facts | {name: value for name, value in values.items() if value is not None}

    return MadeValues(row_of, describe)
