"""What there is to see of a data set before anything is trained: its scenes, its stands, its clearing objects.

Plain arrays and tables come out; how they are drawn is not its matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.enums import MergeAlg
from rasterio.features import rasterize

from rojsat.chips import bands, roles
from rojsat.chips.reader import Chips
from rojsat.geo.gps import heat, tracks
from rojsat.geo.masks import Masks
from rojsat.geo.scenes import raster_files
from rojsat.geo.scenes.catalog import Scene
from rojsat.geo.scenes.grid import lattices, region_grids
from rojsat.geo.scenes.planes import Reader
from rojsat.geo.vectors.outline_rings import outline_rings

OVERVIEW = 1000
"""Rows and columns of a scene that its classes are counted on at most: a share needs no more."""

COLOURS = ("B04", "B03", "B02")
"""Bands of red, green and blue."""

BINS = 50
"""Bins of a histogram of degrees, as many as a histogram of heat has."""


@dataclass(frozen=True)
class Surroundings:
    """The ground around a region on one date.

    Attributes:
        colours: `(3, H, W)` red, green, blue, TCI / 255 or reflectance; NaN where there is no data.
        outlines: rings of the region, `(N, 2)` column and row, from the corner of the upper left pixel.
        pixel: size of a pixel, metres.
    """

    colours: NDArray[np.float32]
    outlines: Sequence[NDArray[np.float64]]
    pixel: float


@dataclass(frozen=True)
class MaskedObject:
    """A clearing object with its mask, or one that was dropped with the mask that it would have.

    Attributes:
        region: its id.
        degree: `(H, W)` in [0, 1], -1 where unknown.
        reason: why it was dropped; empty where it was not.
        pixel: size of a pixel, metres.
        outlines: its rings, `(N, 2)` column and row, from the corner of the upper left pixel.
    """

    region: str
    degree: NDArray[np.float32]
    reason: str
    pixel: float
    outlines: Sequence[NDArray[np.float64]]


def scene_classes(scenes: Sequence[Scene]) -> pd.DataFrame:
    """Count the pixels of every scene class, those without data apart: a row an overpass, a column a class value."""
    counts: dict[str, NDArray[np.int64]] = {}
    for scene in scenes:
        if "SCL" in scene.assets:
            overpass = f"{scene.datetime:%Y-%m-%d} ({scene.relative_orbit:03d})"
            counts[overpass] = counts.get(overpass, np.zeros(len(bands.SCL), np.int64)) + _count_classes(scene)
    return pd.DataFrame.from_dict(counts, orient="index", columns=[scl.value for scl in bands.SCL])


def _count_classes(scene: Scene) -> NDArray[np.int64]:
    asset = scene.assets["SCL"]
    with raster_files.open_raster(asset.href) as raster:
        shape = tuple(min(size, OVERVIEW) for size in raster.shape)
        values = raster.read(asset.band, out_shape=shape)
    return np.bincount(values.ravel(), minlength=256)[: len(bands.SCL)]


def largest_grid(scenes: Sequence[Scene]) -> GeoBox:
    """Find the largest grid of a scene among those whose pixels most scenes share."""
    _, members = max(lattices(scenes), key=lambda family: len(family[1]))
    return max((scenes[number].grid for number in members), key=lambda grid: grid.shape[0] * grid.shape[1])


def count_stands(regions: gpd.GeoDataFrame, grid: GeoBox, labels: Sequence[str]) -> dict[str, NDArray[np.uint8]]:
    """Count the stands of each label on every pixel of the grid, (H, W)."""
    stands = regions[regions["role"] == roles.STAND].to_crs(str(grid.crs))
    how: Any = {"out_shape": tuple(grid.shape), "transform": grid.affine, "merge_alg": MergeAlg.add, "dtype": "uint8"}
    return {label: rasterize(stands.geometry[stands["label"] == label], **how) for label in labels}


def surroundings(scenes: Sequence[Scene], regions: gpd.GeoDataFrame, chip: pd.Series, margin: int) -> Surroundings:
    """Read the ground around the region of a chip on the chip's date.

    Args:
        scenes: of the data set.
        regions: of the data set.
        chip: a row of the chip store's index.
        margin: pixels around the region's own grid.
    """
    scene = next(
        scene
        for scene in scenes
        if f"{scene.datetime:%Y-%m-%d}" == chip["date"] and scene.relative_orbit == chip["relative_orbit"]
    )
    region = regions[regions["region"] == chip["region"]]
    grid = region_grids([scene], region)[chip["region"]]
    padded = grid.pad(margin)
    with Reader(scene, "bilinear") as reader:
        planes = reader.read(padded)
    rings = outline_rings(region.to_crs(str(grid.crs)).geometry.iloc[0], padded.affine)
    return Surroundings(_true_colour(scene, planes), rings, float(grid.resolution.x))


def _true_colour(scene: Scene, planes: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
    """Red, green and blue `(3, H, W)`; NaN where all are 0, which means no data, and without such bands."""
    names = {"boa": scene.boa, "toa": scene.toa}
    kind = next((kind for kind, of_kind in names.items() if {*COLOURS} <= {*of_kind}), None)
    if "tci" in planes:
        colours = planes["tci"] / 255
    elif kind is not None:
        colours = planes[kind][[names[kind].index(band) for band in COLOURS]]
    else:
        colours = np.zeros((3, *next(iter(planes.values())).shape[-2:]))
    return np.where((colours > 0).any(axis=0), colours, np.nan).astype(np.float32)


def mask_histogram(masks: Masks) -> dict[str, Any]:
    """The histogram of the heat that masks were made from; of their degrees where they were made otherwise.

    Returns:
        `count` (B,) pixels, `edge` (B + 1,), their `unit`, the `threshold` (None: nothing is cut) and its `percentile`.
    """
    facts = masks.facts
    if "histogram" in facts:
        bins = {name: np.array(facts["histogram"][name]) for name in ("count", "edge")}
        percentile = facts["options"].get("percentile", 97)
        return bins | {"unit": facts["unit"], "threshold": facts["threshold"], "percentile": percentile}
    known = np.concatenate([degree[degree >= 0] for degree in masks.degree.values()])
    count, edge = np.histogram(known, bins=BINS)
    return {"count": count, "edge": edge, "unit": "degree of a pixel", "threshold": None, "percentile": 100}


def masked_objects(raw: Path, scenes: Sequence[Scene], regions: gpd.GeoDataFrame, masks: Masks) -> list[MaskedObject]:
    """All clearing objects by number; those dropped with their GPS points counted the same way.

    Args:
        raw: folder of the raw data set, whose GPS points those dropped are drawn from.
        scenes: of the data set.
        regions: of the data set.
        masks: of the data set.
    """
    objects = {
        region: _masked(region, degree, "", masks.grids[region], regions) for region, degree in masks.degree.items()
    }
    if masks.dropped:
        objects |= _dropped_objects(raw, scenes, regions, masks)
    clearing = set(regions.loc[regions["role"] == roles.CLEARING, "region"])
    return [objects[region] for region in sorted(objects.keys() & clearing, key=by_number)]


def _dropped_objects(
    raw: Path, scenes: Sequence[Scene], regions: gpd.GeoDataFrame, masks: Masks
) -> dict[str, MaskedObject]:
    grids = region_grids(scenes, regions[regions["region"].isin(list(masks.dropped))])
    points = tracks.load_tracks(raw / "gps.parquet")
    objects = {}
    for region, reason in masks.dropped.items():
        grid = grids[region]
        walks = heat.Walks(points.to_crs(str(grid.crs)), np.ones(len(points)))
        degree = np.clip(heat.counts(walks, grid) / masks.facts["threshold"], 0, 1).astype(np.float32)
        objects[region] = _masked(region, degree, reason, grid, regions)
    return objects


def _masked(
    region: str, degree: NDArray[np.float32], reason: str, grid: GeoBox, regions: gpd.GeoDataFrame
) -> MaskedObject:
    geometry = regions[regions["region"] == region].to_crs(str(grid.crs)).geometry.iloc[0]
    return MaskedObject(region, degree, reason, grid.resolution.x, outline_rings(geometry, grid.affine))


def by_number(region: str) -> tuple[int, str]:
    """Sort key of regions: 2 before 10."""
    return len(region), region


def facts(
    scenes: Sequence[Scene], regions: gpd.GeoDataFrame, chips: Chips, masks: Masks, classes: pd.DataFrame
) -> dict[str, Any]:
    """Numbers of a data set, ready for JSON.

    Args:
        scenes: of the data set.
        regions: likewise.
        chips: likewise.
        masks: likewise.
        classes: see `scene_classes`.
    """
    index = chips.index
    labelled = index[(index["role"] == roles.CLEARING) & index["region"].isin(list(masks.degree))]
    grid, with_data = largest_grid(scenes), classes[[scl.value for scl in bands.SCL[1:]]].sum()
    return {
        "source": str(masks.facts["source"]),
        "scenes": len(scenes),
        "first": f"{scenes[0].datetime:%Y-%m-%d}",
        "last": f"{scenes[-1].datetime:%Y-%m-%d}",
        "orbits": sorted({scene.relative_orbit for scene in scenes}),
        "extent_km": [round(abs(size * grid.resolution.x) / 1000, 1) for size in (grid.shape[1], grid.shape[0])],
        "stands": regions.loc[regions["role"] == roles.STAND, "label"].value_counts().to_dict(),
        "objects": sorted(masks.degree, key=by_number),
        "dropped": dict(masks.dropped),
        "samples": len(labelled),
        "chips": index["role"].value_counts().to_dict(),
        "sizes": {role: list(chips.size(role)) for role in chips.roles},
        "threshold": masks.facts.get("threshold"),
        "percentile": masks.facts["options"].get("percentile"),
        "unit": masks.facts.get("unit"),
        "digest": chips.digest,
        "scl": {scl.name: float(with_data[scl.value] / max(with_data.sum(), 1)) for scl in bands.SCL[1:]},
    }
