"""Strong labels of sapling plots by Tapio's thresholds, for images of one day; of their circles and of their stands."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import yaml

from rojsat.chips import roles
from rojsat.geo.finland.finnish_stands import StandTable
from rojsat.geo.finland.sapling_plots import RADIUS, SaplingPlots
from rojsat.geo.finland.stand_labels import STRONG

_SEGMENTS = 64
"""Of a quarter of a circle: less than a millimetre from it."""

_YEAR = 365.25  # days


@dataclass(frozen=True)
class Stage:
    """Thresholds for saplings of some height.

    Attributes:
        name: of the work.
        from_height: metres, mean of the saplings weighted by stems.
        to_height: metres; the height itself belongs to the next stage.
        need_from: stems a hectare from which a plot needs it.
        clear_to: stems a hectare up to which it does not.
    """

    name: str
    from_height: float
    to_height: float
    need_from: float
    clear_to: float


@cache
def stages() -> tuple[Stage, ...]:
    """The stages of `tending_thresholds.yaml`, by height."""
    path = Path(__file__).with_name("tending_thresholds.yaml")
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(Stage(**stage) for stage in content["stages"])


def label(
    measured: SaplingPlots, image: date, *, observed: float = 2, table: StandTable | None = None
) -> gpd.GeoDataFrame:
    """Label plots as they are on the day of an image.

    A file of regions of these circles labels the pixels whose centre lies within 9 m of a plot's middle
    (`labels.source: polygons`).

    Args:
        measured: what `sapling_plots.read` read.
        image: day of the image.
        observed: years at most between the measurement and the image.
        table: stands; a plot in one with an operation completed between measurement and image has no label.

    Returns:
        One row a plot: `plot`, `label` (`need`, `clear` or None), `strength` (`strong` or None), `reason`, `stems` a
        hectare, `height` (metres, mean weighted by stems), `stand` (None outside all), and its circle.

    Raises:
        ValueError: if `observed` is negative.
    """
    if observed < 0:
        raise ValueError(f"observed is {observed} years; it must be 0 or more")
    plots = measured.plots.reset_index(drop=True)
    stems, height = _densities(plots, measured.strata)
    stands = _stands(plots, table)
    completed = _completed(table)
    verdicts = [
        _verdict(day, image, observed, count, metres, completed.get(stand or "", ()))
        for day, count, metres, stand in zip(plots["date"], stems, height, stands, strict=True)
    ]
    labels = [each for each, _ in verdicts]
    columns = {
        "plot": plots["plot"],
        "label": pd.Series(labels, dtype=object),
        "strength": pd.Series([STRONG if each else None for each in labels], dtype=object),
        "reason": [reason for _, reason in verdicts],
        "stems": stems,
        "height": height,
        "stand": pd.Series(stands, dtype=object),
    }
    circles = plots.geometry.buffer(RADIUS, quad_segs=_SEGMENTS)
    return gpd.GeoDataFrame(columns, geometry=circles, crs=plots.crs)


def of_stands(labels: gpd.GeoDataFrame, table: StandTable) -> gpd.GeoDataFrame:
    """The label of every stand with plots: that of its labelled plots, where they agree.

    Args:
        labels: as `label` gives them, of the same stands.
        table: the stands.

    Returns:
        One row a stand with plots: `stand`, `label`, `strength`, `reason`, `plots` (their number), and its outline.
    """
    rows = []
    for stand, plots in labels.dropna(subset=["stand"]).groupby("stand", sort=True):
        own = sorted(set(plots["label"].dropna()))
        reason = {0: "no plot with a label", 1: f"its plots are {own[0] if own else ''}"}.get(
            len(own), "plots disagree"
        )
        agreed = own[0] if len(own) == 1 else None
        rows.append((str(stand), agreed, STRONG if agreed else None, reason, len(plots)))
    outlines = table.stands.set_index("stand").geometry
    frame = pd.DataFrame(rows, columns=["stand", "label", "strength", "reason", "plots"])
    frame = frame.astype({"label": object, "strength": object})
    geometry = gpd.GeoSeries([outlines[stand] for stand in frame["stand"]], crs=table.stands.crs)
    return gpd.GeoDataFrame(frame, geometry=geometry)


def _densities(plots: pd.DataFrame, strata: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Stems a hectare of each plot, and their mean height weighted by stems; NaN where a stratum lacks a number.

    Of a plot without strata 0 stems, and no height.
    """
    groups = dict(iter(strata.groupby("plot")))
    stems, height = np.zeros(len(plots)), np.full(len(plots), np.nan)
    for number, plot in enumerate(plots["plot"]):
        if plot not in groups:
            continue
        own = groups[plot]
        stems[number] = own["stems"].sum(skipna=False)
        if stems[number] > 0:
            height[number] = (own["stems"] * own["height"]).sum(skipna=False) / stems[number]
    return stems, height


def _stands(plots: gpd.GeoDataFrame, table: StandTable | None) -> list[str | None]:
    """The stand that each plot's middle lies in; of several the first of the table."""
    if table is None:
        return [None] * len(plots)
    outlines = table.stands[table.stands.geometry.notna()]
    joined = gpd.sjoin(plots[["geometry"]], outlines[["stand", "geometry"]], predicate="within")
    first = joined.sort_values("index_right").groupby(level=0)["stand"].first()
    return [str(first[number]) if number in first.index else None for number in range(len(plots))]


def _completed(table: StandTable | None) -> dict[str, list[date]]:
    """Days of the completed operations of every stand."""
    days: dict[str, list[date]] = defaultdict(list)
    for operation in (table.operations if table else None) or ():
        if operation.completed is not None:
            days[operation.stand].append(operation.completed)
    return days


def _verdict(
    day: date | None, image: date, observed: float, stems: float, height: float, completed: Any
) -> tuple[str | None, str]:
    """Label and reason of a plot."""
    if day is None:
        return None, "day of measurement not known"
    if abs((day - image).days) / _YEAR > observed:
        return None, "measured too far from the image"
    first, last = sorted((day, image))
    if any(first <= done <= last for done in completed):
        return None, "operation completed between measurement and image"
    if stems == 0:
        return None, "no saplings measured"
    if np.isnan(stems) or np.isnan(height):
        return None, "stems or height missing"
    stage = next((each for each in stages() if each.from_height <= height < each.to_height), None)
    if stage is None:
        return None, "saplings higher than the thresholds reach"
    if stems >= stage.need_from:
        return roles.NEED, f"{stage.name}: dense"
    if stems <= stage.clear_to:
        return roles.CLEAR, f"{stage.name}: sparse"
    return None, f"{stage.name}: between the thresholds"
