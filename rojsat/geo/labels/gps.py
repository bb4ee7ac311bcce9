"""Degree of need from GPS points: workers move slowly, and leave many points, where need is great."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from scipy.spatial import KDTree

from rojsat.chips import degree_scale, roles
from rojsat.chips.degree_scale import SCALES, TRAINING_REGIONS, StoredHeat
from rojsat.config import label_extents, lookup
from rojsat.geo.degrees import UNKNOWN, Labels
from rojsat.geo.gps import breaks, heat, tracks
from rojsat.geo.gps.points import Points
from rojsat.geo.scenes import outline_pixels

BINS = 50
"""Bins of the histogram of heatmap values that is kept for figures."""


@dataclass(frozen=True)
class _Measure:
    """A measure of `rojsat.geo.gps.heat` with its options.

    Attributes:
        name: its name.
        unit: its unit.
        function: from the walks and a grid to heat, (h, w).
    """

    name: str
    unit: str
    function: Callable[[heat.Walks, GeoBox], NDArray[np.float64]]


def masks(
    raw: Path,
    regions: gpd.GeoDataFrame,
    grids: Mapping[str, GeoBox],
    *,
    heat: str = "counts",
    heat_options: Mapping[str, Any] | None = None,
    percentile: float = 97.0,
    zeros: bool = True,
    scale: Literal["all_regions", "training_regions"] = "all_regions",
    min_points: int = 100,
    max_stop: float | None = None,
    stop_radius: float = 10.0,
    untouched: Literal["zero", "unknown"] = "zero",
    near: float = 20.0,
    extent: Literal["outline", "box"] = "outline",
) -> Labels:
    """Measure the work in every 10 m pixel of each clearing object and scale it to [0, 1] (Svensson 2020).

    Pixels outside the outline of an object are unknown, unless `extent` says otherwise. One threshold holds for all
    clearing objects: the `percentile` of the heat of all their known pixels. Heat above it is cut (a break, or trouble
    with the phone), then divided by it. With `scale` "training_regions" it is not cut: the threshold is then computed
    again for every split (`rojsat.chips.degree_scale`), from its training regions.

    Args:
        raw: the raw data set, with `gps.parquet`.
        regions: its regions.
        grids: grid of each region.
        heat: the measure, a function of `rojsat.geo.gps.heat`: `counts` of points (Svensson 2020), `seconds` spent, or
            `density` of points.
        heat_options: its options: `max_gap` of seconds, `bandwidth` of density.
        percentile: which percentile the threshold is, in (0, 100].
        zeros: whether pixels of heat 0 count in the percentile.
        scale: the regions whose percentile becomes degree 1: `all_regions`, those of validation and test among them
            (Svensson 2020), or `training_regions`; the masks then hold heat divided by the threshold, also above 1.
        min_points: a region with fewer points of its own is no clearing object, and is dropped.
        max_stop: seconds that a break counts at most, see `breaks.weights`; None: breaks count in full, and only
            the percentile cuts them (Svensson 2020).
        stop_radius: metres from its first point within which the points of a break lie.
        untouched: what a pixel is that no worker came near: `zero`, no points and so no need (Svensson 2020), or
            `unknown`.
        near: metres from its centre within which a point makes a pixel known, where `untouched` is `unknown`;
            20 m is twice the error of a phone under trees.
        extent: what of an object's box belongs to it: the pixels whose centre lies in its `outline`, or the complete
            `box` (Svensson 2020, whose objects are their boxes).

    Raises:
        UnknownNameError: if there is no such measure, or no such option of it.
        ValueError: if an option is wrong, there are no points, no clearing object is left, or the threshold is 0.
    """
    _check(percentile, untouched, near, scale, extent)
    measure = _measure(heat, heat_options or {})
    points = tracks.load_tracks(raw / "gps.parquet")
    counts = points.by_region()
    clearing = [region for region in regions.loc[regions["role"] == roles.CLEARING, "region"] if region in grids]
    counts = {region: counts.get(region, 0) for region in clearing}
    dropped = {
        region: f"not a clearing object: {count} GPS points, fewer than {min_points}"
        for region, count in counts.items()
        if count < min_points
    }
    used = {region: grids[region] for region in clearing if region not in dropped}
    if not used:
        raise ValueError(f"no clearing object has {min_points} GPS points; they have {counts}")
    weight = breaks.weights(points, max_stop, stop_radius)
    heatmaps = _heatmaps(points, weight, used, measure, near if untouched == "unknown" else None)
    outside = _leave_out(heatmaps, regions, used) if extent == label_extents.OUTLINE else 0
    values = np.concatenate([heatmap[~np.isnan(heatmap)] for heatmap in heatmaps.values()])
    threshold = _threshold(values, percentile, zeros, measure)
    facts = _facts(values, threshold, counts)
    is_cut = scale != TRAINING_REGIONS
    if not is_cut:
        facts |= {"unscaled": StoredHeat(percentile, zeros, threshold, measure.unit).facts()}
    facts |= {"heat": measure.name, "unit": measure.unit, "gps": dict(points.facts)}
    facts |= {"unknown_pixels": sum(heatmap.size for heatmap in heatmaps.values()) - values.size}
    facts |= {"outside_pixels": outside}
    masks = {region: _mask(heatmap, threshold, is_cut=is_cut) for region, heatmap in heatmaps.items()}
    return Labels(masks, dropped, facts)


def _check(percentile: float, untouched: str, near: float, scale: str, extent: str) -> None:
    if scale not in SCALES:
        raise lookup.unknown("data.labels.options.scale:", scale, SCALES)
    if extent not in label_extents.EXTENTS:
        raise lookup.unknown("data.labels.options.extent:", extent, label_extents.EXTENTS)
    if not 0 < percentile <= 100:
        raise ValueError(f"percentile is {percentile!r}; it must be above 0 and at most 100")
    if untouched not in ("zero", "unknown"):
        raise ValueError(f"untouched is {untouched!r}; it may be 'zero' or 'unknown'")
    if not near > 0:
        raise ValueError(f"near is {near!r}; it must be above 0 metres")


def _measure(name: str, options: Mapping[str, Any]) -> _Measure:
    function = lookup.function(heat, name, "measure of GPS heat")
    bound = lookup.bind(function, options, f"measure {name} (data.labels.options.heat_options)")
    return _Measure(name, heat.UNITS[name], bound)


def _heatmaps(
    points: Points,
    weight: NDArray[np.float64],
    grids: Mapping[str, GeoBox],
    measure: _Measure,
    near: float | None,
) -> dict[str, NDArray[np.float64]]:
    """Heat of each region, (h, w), NaN further than `near` from any point; computed CRS by CRS."""
    heatmaps: dict[str, NDArray[np.float64]] = {}
    for crs in dict.fromkeys(str(grid.crs) for grid in grids.values()):
        walks = heat.Walks(points.to_crs(crs), weight)
        for region, grid in grids.items():
            if str(grid.crs) == crs:
                heatmaps[region] = measure.function(walks, grid)
                if near is not None:
                    heatmaps[region][_far(walks, grid, near)] = np.nan
    return {region: heatmaps[region] for region in grids}


def _leave_out(
    heatmaps: Mapping[str, NDArray[np.float64]], regions: gpd.GeoDataFrame, grids: Mapping[str, GeoBox]
) -> int:
    """Make the heat outside the outline of each region NaN, in place; how many pixels these are."""
    polygons = regions.set_index("region").geometry
    count = 0
    for region, heatmap in heatmaps.items():
        outside = ~outline_pixels.inside(polygons[region], str(regions.crs), grids[region])
        heatmap[outside] = np.nan
        count += int(outside.sum())
    return count


def _far(walks: heat.Walks, grid: GeoBox, near: float) -> NDArray[np.bool_]:
    """(h, w) True for pixels whose centre has no point within `near` metres."""
    height, width = grid.shape
    rows = walks.near(grid, near)
    east, north = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    centres = np.stack(grid.affine @ (east, north), -1)
    if len(rows) == 0:
        return np.ones((height, width), bool)
    tree = KDTree(np.stack([walks.points.x[rows], walks.points.y[rows]], 1))
    distance, _ = tree.query(centres, distance_upper_bound=np.nextafter(near, np.inf))
    return np.isinf(distance)


def _threshold(values: NDArray[np.float64], percentile: float, zeros: bool, measure: _Measure) -> float:
    """The percentile of the values, those of 0 among them where `zeros`.

    Raises:
        ValueError: if it is 0.
    """
    threshold = degree_scale.threshold(values, percentile, zeros=zeros)
    if threshold <= 0:
        hint = "; seconds need points with times" if measure.name == "seconds" else ""
        raise ValueError(
            f"the {percentile} percentile of GPS {measure.unit} is 0: set zeros=false or a higher percentile{hint}"
        )
    return threshold


def _mask(heatmap: NDArray[np.float64], threshold: float, *, is_cut: bool) -> NDArray[np.float32]:
    """Degrees, or heat that is not cut in units of the threshold; -1 where unknown."""
    values = degree_scale.degrees(heatmap, threshold) if is_cut else heatmap / threshold
    return np.where(np.isnan(heatmap), UNKNOWN, values).astype(np.float32)


def _facts(values: NDArray[np.float64], threshold: float, points: dict[str, int]) -> dict[str, Any]:
    count, edges = np.histogram(values, bins=BINS)
    return {
        "threshold": threshold,  # in `unit`
        "points": points,
        "histogram": {"count": count.tolist(), "edge": edges.tolist()},
        "zero_pixels": int((values == 0).sum()),
        "pixels": int(values.size),
    }
