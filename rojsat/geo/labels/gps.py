"""Degree of need from GPS points: workers move slowly, and leave many points, where need is great."""

from pathlib import Path

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from rojsat.geo import tracks
from rojsat.geo.masks import Labels

BINS = 50
"""Bins of the histogram of heatmap values that is kept for figures."""


def masks(
    raw: Path,
    regions: gpd.GeoDataFrame,
    grids: dict[str, GeoBox],
    *,
    percentile: float = 97.0,
    zeros: bool = True,
    min_points: int = 100,
) -> Labels:
    """Count the points in every 10 m pixel of each clearing object and scale the counts to [0, 1] (Svensson 2020).

    One threshold holds for all clearing objects: the `percentile` of all their counts. Counts above it are cut (a
    break, or trouble with the phone), then divided by it. Every pixel of the bounding box is known: no point, no need.

    Args:
        raw: the raw data set, with `gps.parquet`.
        regions: its regions.
        grids: grid of each region.
        percentile: which percentile the threshold is, in (0, 100].
        zeros: whether pixels without a point count in the percentile.
        min_points: a clearing object with fewer points of its own is none, and is dropped.

    Raises:
        ValueError: if there are no points, no clearing object is left, or the threshold is 0.
    """
    points = tracks.load_tracks(raw / "gps.parquet")
    clearing = [r for r in regions.loc[regions["role"] == "clearing", "region"] if r in grids]
    own = points["region"].value_counts().reindex(clearing, fill_value=0)
    few = own[own < min_points]
    dropped = {r: f"not a clearing object: {n} GPS points, fewer than {min_points}" for r, n in few.items()}
    heatmaps = {region: heatmap(points, grids[region]) for region in clearing if region not in dropped}
    if not heatmaps:
        raise ValueError(f"no clearing object has {min_points} GPS points; they have {own.to_dict()}")
    counts = np.concatenate([one.ravel() for one in heatmaps.values()])
    threshold = float(np.percentile(counts if zeros else counts[counts > 0], percentile))
    if threshold <= 0:
        raise ValueError(
            f"the {percentile} percentile of GPS points in a pixel is 0: set zeros=false or a higher percentile"
        )
    degree = {r: (np.minimum(one, threshold) / threshold).astype(np.float32) for r, one in heatmaps.items()}
    return Labels(degree, dropped, _facts(counts, threshold, own.to_dict()))


def heatmap(points: gpd.GeoDataFrame, grid: GeoBox) -> NDArray[np.int64]:
    """Number of points in every pixel of the grid, (h, w); a point on an edge counts right of and below it."""
    placed = points.geometry.to_crs(str(grid.crs))
    height, width = grid.shape
    row = np.floor((placed.y.to_numpy() - grid.affine.f) / grid.affine.e).astype(int)
    col = np.floor((placed.x.to_numpy() - grid.affine.c) / grid.affine.a).astype(int)
    inside = (row >= 0) & (row < height) & (col >= 0) & (col < width)
    counts = np.zeros((height, width), np.int64)
    np.add.at(counts, (row[inside], col[inside]), 1)
    return counts


def _facts(counts: NDArray[np.int64], threshold: float, points: dict[str, int]) -> dict[str, object]:
    number, edges = np.histogram(counts, bins=BINS)
    return {
        "threshold": threshold,  # points a pixel
        "points": points,
        "histogram": {"count": number.tolist(), "edge": edges.tolist()},
        "zero_pixels": int((counts == 0).sum()),
        "pixels": int(counts.size),
    }
