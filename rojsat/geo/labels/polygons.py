"""Degree of need from labelled stands: need is 1, clear is 0, the ground between them unknown."""

import logging
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.features import rasterize

from rojsat.chips import roles
from rojsat.geo.degrees import UNKNOWN, Labels
from rojsat.geo.labels.made_values import MadeValues

log = logging.getLogger(__name__)

VALUES = {roles.NEED: 1.0, roles.CLEAR: 0.0}
"""Degree that each label stands for."""


def masks(
    raw: Path,  # noqa: ARG001 - every source of labels has it
    regions: gpd.GeoDataFrame,
    grids: Mapping[str, GeoBox],
    *,
    touched: bool = False,
) -> Labels:
    """Rasterise the labelled stands on every region's grid, in whatever CRS that is.

    Pixels that stands with both labels hold are unknown; the facts count them (`contradicting`), and name the stands
    whose own mask has no known pixel (`missed`: too small or narrow for a pixel's centre, or contradicted everywhere).

    Args:
        raw: the raw data set.
        regions: its regions; those with role `stand` and label `need` or `clear` are rasterised.
        grids: grid of each region.
        touched: whether a pixel belongs to a stand that touches it; else its centre must lie in the stand.

    Raises:
        ValueError: if there is no such stand.
    """
    stands = regions[(regions["role"] == roles.STAND) & regions["label"].isin(list(VALUES))]
    if len(stands) == 0:
        raise ValueError("no region has role stand and label need or clear: there is nothing to rasterise")
    outlines = _Outlines(stands)

    def need_and_clear(region: str) -> list[NDArray[np.bool_]]:
        return [_inside(outlines.near(label, grids[region]), grids[region], touched) for label in VALUES]

    def degrees(region: str) -> NDArray[np.float32]:
        need, clear = need_and_clear(region)
        degree = np.where(need, VALUES[roles.NEED], np.where(clear, VALUES[roles.CLEAR], UNKNOWN)).astype(np.float32)
        degree[need & clear] = UNKNOWN  # two stands contradict each other
        return degree

    labelled, contradicting, pixels = [], 0, dict.fromkeys(VALUES, 0)
    for region in grids:
        need, clear = need_and_clear(region)
        contradicting += int((need & clear).sum())
        counts = dict(zip(VALUES, (int((need & ~clear).sum()), int((clear & ~need).sum())), strict=True))
        pixels = {label: pixels[label] + count for label, count in counts.items()}
        if any(counts.values()):
            labelled.append(region)
    masks = MadeValues(labelled, degrees)
    missed = [region for region in stands["region"] if region in grids and region not in masks]
    if missed:
        log.warning("%d stands have no labelled pixel of their own: %s", len(missed), ", ".join(missed[:5]))
    facts = {"stands": stands["label"].value_counts().to_dict(), "pixels": pixels}
    return Labels(masks, facts=facts | {"contradicting": contradicting, "missed": missed})


class _Outlines:
    """Outlines of stands by label, in the CRS of one grid after the other."""

    def __init__(self, stands: gpd.GeoDataFrame) -> None:
        self._by_label = {label: stands.loc[stands["label"] == label, "geometry"] for label in VALUES}
        self._by_crs: dict[str, dict[str, gpd.GeoSeries]] = {}

    def near(self, label: str, grid: GeoBox) -> gpd.GeoSeries:
        """Those of a label that touch the box of a grid, in its CRS."""
        crs, box = str(grid.crs), grid.boundingbox
        if crs not in self._by_crs:
            self._by_crs[crs] = {name: outlines.to_crs(crs) for name, outlines in self._by_label.items()}
        outlines = self._by_crs[crs][label]
        return outlines.iloc[outlines.sindex.query(shapely.box(*box.bbox), predicate="intersects")]


def _inside(near: gpd.GeoSeries, grid: GeoBox, touched: bool) -> NDArray[np.bool_]:
    """(h, w) whether each pixel lies in one of some outlines."""
    if len(near) == 0:
        return np.zeros(tuple(grid.shape), bool)
    covered = rasterize(near, out_shape=tuple(grid.shape), transform=grid.affine, all_touched=touched, dtype="uint8")
    return np.asarray(covered > 0)
