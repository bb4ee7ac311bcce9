"""Cuts chips out of scenes: every region of every scene, on the region's grid, scene by scene."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from odc.geo.geobox import GeoBox

from rojsat import cuts
from rojsat.geo import masks as mask_files
from rojsat.geo import scenes as catalogs
from rojsat.geo import vectors
from rojsat.geo.grid import overlap_area, region_grids
from rojsat.geo.planes import Reader
from rojsat.geo.scenes import Scene

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Region:
    """A region to be cut.

    Attributes:
        id: its id.
        role: stand, clearing or probe.
        label: its label as a whole, or None.
        grid: its 10 m grid.
        windows: parts of the grid that become chips: one, or several where it is larger than chips may be.
    """

    id: str
    role: str
    label: str | None
    grid: GeoBox
    windows: tuple[tuple[slice, slice], ...]


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
) -> None:
    """Cut all chips of a data set into a chip store.

    Args:
        raw: the raw data set.
        masks: its masks; clearing objects dropped there are not cut.
        destination: an empty folder.
        recipe: what to remember as the way the chips were made.
        size: height and width of all chips, pixels; larger regions are cut into even windows without overlap. None:
            the height and the width of the largest region of each role.
        resampling: how 20 m and 60 m reflectance comes to the 10 m grid (a name GDAL knows); SCL and TCI are `nearest`.
        max_nodata: share of pixels without data above which a chip is left out.
        max_cloud: share of the pixels with data under cloud (SCL 8, 9, 10) above which it is left out.

    Raises:
        ValueError: if scenes differ in what they hold or in their grids, masks and regions do not fit together, or no
            chip is left.
    """
    found, labelled = catalogs.read(raw), mask_files.read(masks)
    _check_alike(found)
    table = vectors.load_regions(raw / "regions.gpkg")
    grids = region_grids(found, table)
    _check_grids(labelled, grids)
    regions, dropped = _regions(table, grids, labelled.dropped, size)
    plan, doubles = _plan(found, regions)
    cutter = _cut(found, plan, resampling=resampling, max_nodata=max_nodata, max_cloud=max_cloud)
    cuts.write(
        destination,
        chain(dropped, doubles, cutter),
        layouts=_layouts(found[0], plan, size),
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


def _check_alike(found: Sequence[Scene]) -> None:
    first = found[0]
    for scene in found[1:]:
        unlike = sorted(set(scene.assets) ^ set(first.assets))
        if unlike:
            raise ValueError(f"scenes {first.id} and {scene.id} differ: only one of them has {', '.join(unlike)}")


def _check_grids(labelled: mask_files.Masks, grids: Mapping[str, GeoBox]) -> None:
    for region, grid in labelled.grids.items():
        if grids.get(region) != grid:
            raise ValueError(f"the mask of region {region!r} lies on another grid than its scenes; make masks anew")


def _regions(
    table: gpd.GeoDataFrame, grids: Mapping[str, GeoBox], out: Mapping[str, str], size: int | None
) -> tuple[list[Region], list[cuts.Dropped]]:
    """Regions to be cut, sorted, and those that are not."""
    regions, dropped = [], []
    for row in table.sort_values("region").itertuples():
        if row.region in out:
            dropped.append(cuts.Dropped(row.region, row.role, out[row.region]))
        elif row.region not in grids:
            dropped.append(cuts.Dropped(row.region, row.role, "no scene covers it"))
        else:
            grid = grids[row.region]
            parts = windows(grid.shape[0], grid.shape[1], size)
            regions.append(Region(row.region, row.role, row.label, grid, parts))
    return regions, dropped


def _layouts(first: Scene, plan: Mapping[str, Sequence[Region]], size: int | None) -> dict[str, cuts.Layout]:
    planned = [region for regions in plan.values() for region in regions]
    layouts = {}
    for role in sorted({region.role for region in planned}):
        mine = [region for region in planned if region.role == role]
        height, width = (max(region.grid.shape[axis] for region in mine) for axis in (0, 1))
        layouts[role] = cuts.Layout(
            size=(height, width) if size is None else (size, size),
            capacity=sum(len(region.windows) for region in mine),
            boa=first.boa,
            toa=first.toa,
            tci="TCI" in first.assets,
            scl="SCL" in first.assets,
        )
    return layouts


def _cut(
    found: Sequence[Scene],
    plan: Mapping[str, Sequence[Region]],
    *,
    resampling: str,
    max_nodata: float,
    max_cloud: float,
) -> Iterator[cuts.Cut | cuts.Dropped]:
    """Cut scene by scene, so that each raster is opened once."""
    for number, scene in enumerate(found, start=1):
        log.info("scene %d of %d: %s, %d regions", number, len(found), scene.id, len(plan[scene.id]))
        if plan[scene.id]:
            with Reader(scene, resampling) as reader:
                for region in plan[scene.id]:
                    for cut in _chips(reader, scene, region):
                        fault = _fault(cut, max_nodata, max_cloud)
                        yield _left_out(cut, fault) if fault else cut


def _plan(found: Sequence[Scene], regions: Sequence[Region]) -> tuple[dict[str, list[Region]], list[cuts.Dropped]]:
    """Regions to cut from each scene; where two scenes of one day and orbit cover a region, the one with more of it."""
    best: dict[tuple[str, str, int], tuple[float, Scene]] = {}
    doubles = []
    for scene in found:
        day, orbit = f"{scene.datetime:%Y-%m-%d}", scene.relative_orbit
        for region in regions:
            area, key = overlap_area(scene.grid, region.grid), (region.id, day, orbit)
            if area > 0 and key in best:
                more = max(best[key][0], area)
                doubles.append(
                    cuts.Dropped(region.id, region.role, "another scene of the day has more of it", day, orbit)
                )
                best[key] = best[key] if best[key][0] == more else (area, scene)
            elif area > 0:
                best[key] = (area, scene)
    plan: dict[str, list[Region]] = {scene.id: [] for scene in found}
    by_id = {region.id: region for region in regions}
    for (region_id, _, _), (_, scene) in best.items():
        plan[scene.id].append(by_id[region_id])
    return plan, doubles


def _chips(reader: Reader, scene: Scene, region: Region) -> Iterator[cuts.Cut]:
    arrays = reader.read(region.grid)
    for rows, cols in region.windows:
        yield cuts.Cut(
            region=region.id,
            role=region.role,
            label=region.label,
            datetime=scene.datetime,
            relative_orbit=scene.relative_orbit,
            crs=scene.crs,
            transform=tuple(region.grid[rows, cols].affine)[:6],
            arrays={kind: array[..., rows, cols] for kind, array in arrays.items()},
            **reader.units,
            row=rows.start,
            col=cols.start,
            window=len(region.windows) > 1,
        )


def _fault(cut: cuts.Cut, max_nodata: float, max_cloud: float) -> str | None:
    """Why a chip is no use, if it is none."""
    if cut.nodata > max_nodata or cut.nodata == 1:
        return f"{cut.nodata:.0%} without data (at most {max_nodata:.0%})"
    if cut.cloud > max_cloud:
        return f"{cut.cloud:.0%} under cloud (at most {max_cloud:.0%})"
    return None


def _left_out(cut: cuts.Cut, fault: str) -> cuts.Dropped:
    where = f" in the window r{cut.row}c{cut.col}" if cut.window else ""
    return cuts.Dropped(cut.region, cut.role, fault + where, cut.date, cut.relative_orbit)


def _describe(grid: GeoBox) -> dict[str, Any]:
    return {"shape": list(grid.shape), "transform": list(grid.affine)[:6], "crs": str(grid.crs)}
