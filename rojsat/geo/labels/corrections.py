"""Degree of need from marks on the page of a map: stands and places that a person found in need or clear.

By themselves, or over another source of labels, which holds where nobody set a mark.
"""

from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.features import rasterize

from rojsat.chips.degree_scale import stored_heat
from rojsat.config import lookup
from rojsat.geo import file_paths, labels
from rojsat.geo.degrees import UNKNOWN, Labels
from rojsat.geo.vectors import mark_files

NEED, CLEAR = 1.0, 0.0
"""Degree of ground in need, and of ground that is not."""

KNOWN = {"need": NEED, "clear": CLEAR}

OWN = "corrections"
"""This source, which lies over others but not over itself."""

OTHERS = ("zero", "unknown")
"""What ground that is no young forest may count as."""


def masks(
    raw: Path,
    regions: gpd.GeoDataFrame,
    grids: Mapping[str, GeoBox],
    *,
    files: list[str],
    radius: float = 20.0,
    other: Literal["zero", "unknown"] = "zero",
    over: Mapping[str, Any] | None = None,
) -> Labels:
    """Rasterise marks on every region's grid; all other ground is as the labels below them, or unknown.

    Where marks overlap, that of the later day holds; of one day and contrary they make a pixel unknown, and the facts
    count it (`contradicting`). The facts name marks without a pixel in any region (`missed`).

    Args:
        raw: the raw data set.
        regions: its regions.
        grids: grid of each region.
        files: GeoJSON files that the page saved, or patterns, relative to the working directory.
        radius: metres around a marked place that the mark is of; 20 m is twice the error of a phone under trees.
        other: what ground is that was marked as no young forest: `zero`, without need, or `unknown`.
        over: labels that hold where there is no mark: `source`, another module of `rojsat.geo.labels`, and its
            `options`; the facts keep what it says of itself (`over`). None: such ground is unknown.

    Raises:
        UnknownNameError: if `other` is neither, or there is no such source or option.
        ValueError: if a file is missing or no file of marks, no mark lies in a region, or the labels below hold heat,
            which is no degree yet.
    """
    if other not in OTHERS:
        raise lookup.unknown("data.labels.options.other:", other, OTHERS)
    if not radius > 0:
        raise ValueError(f"radius is {radius!r}; it must be above 0 metres")
    marks = sorted(mark_files.read(_paths(files)), key=lambda mark: mark.date)
    shapes = gpd.GeoSeries([mark.shape for mark in marks], crs=mark_files.CRS)
    values = {"need": NEED, "clear": CLEAR, "other": CLEAR if other == "zero" else UNKNOWN}
    degrees = np.array([values[mark.need] for mark in marks])
    days = [[number for number, _ in group] for _, group in groupby(enumerate(marks), lambda pair: pair[1].date)]
    below = _below(over, raw, regions, grids)
    masks, contradicting, reached = dict(below.masks), 0, np.zeros(len(marks), bool)
    counts = {"need": 0, "clear": 0}
    for region, grid in grids.items():
        moved = shapes.to_crs(str(grid.crs))
        areas = moved.where(moved.geom_type != "Point", moved.buffer(radius))
        pixels = _pixels(areas, grid)
        reached[list(pixels)] = True
        degree, contrary = _degree(pixels, degrees, days, grid)
        contradicting += int(contrary.sum())
        counts = {name: counts[name] + int((degree == value).sum()) for name, value in KNOWN.items()}
        marked = np.any(list(pixels.values()), axis=0) if pixels else np.zeros(tuple(grid.shape), bool)
        corrected = np.where(marked, degree, masks.get(region, np.float32(UNKNOWN)))
        if region in masks or (corrected != UNKNOWN).any():
            masks[region] = corrected
    if not any(counts.values()) and (over is None or not reached.any()):
        raise ValueError(f"none of {len(marks)} marks labels a pixel of a region: are they of this ground?")
    return Labels(
        masks,
        {region: reason for region, reason in below.dropped.items() if region not in masks},
        facts={
            "marks": dict(Counter(mark.need for mark in marks)),
            "pixels": counts,
            "contradicting": contradicting,
            "missed": [mark.name for mark, is_reached in zip(marks, reached, strict=True) if not is_reached],
            **({} if over is None else {"over": {**over, **below.facts}}),
        },
    )


def _below(over: Mapping[str, Any] | None, raw: Path, regions: gpd.GeoDataFrame, grids: Mapping[str, GeoBox]) -> Labels:
    """The labels that hold where there is no mark."""
    if over is None:
        return Labels({})
    if "source" not in over or set(over) - {"source", "options"}:
        raise ValueError(
            f"data.labels.options.over has {', '.join(over) or 'nothing'}: it takes source and options, as data.labels"
        )
    if over["source"] == OWN:
        raise ValueError("data.labels.options.over.source is corrections: name all files of marks in files")
    module = lookup.module(labels, over["source"], "source of labels")
    options = over.get("options") or {}
    find_labels = lookup.bind(module.masks, options, f"labels {over['source']} (data.labels.options.over.options)")
    below: Labels = find_labels(raw, regions, grids)
    if stored_heat(below.facts) is not None:
        raise ValueError(
            "data.labels.options.over holds heat (scale: training_regions), and a mark is a degree: choose "
            "scale: all_regions there"
        )
    return below


def _paths(files: list[str]) -> list[Path]:
    matches = {pattern: file_paths.matching(pattern, None) for pattern in files}
    absent = [pattern for pattern, paths in matches.items() if not paths]
    if absent or not files:
        raise ValueError(f"data.labels.options.files: {', '.join(absent) or 'none is named'}: there is no such file")
    return sorted({path for paths in matches.values() for path in paths})


def _pixels(areas: gpd.GeoSeries, grid: GeoBox) -> dict[int, NDArray[np.bool_]]:
    """(h, w) the pixels whose centre lies in a mark, by its number; of marks that have some."""
    box = grid.boundingbox
    pixels = {}
    for number, area in areas.cx[box.left : box.right, box.bottom : box.top].items():
        inside = rasterize([area], out_shape=tuple(grid.shape), transform=grid.affine, dtype="uint8") > 0
        if inside.any():
            pixels[int(str(number))] = np.asarray(inside)
    return pixels


def _degree(
    pixels: dict[int, NDArray[np.bool_]], degrees: NDArray[np.float64], days: list[list[int]], grid: GeoBox
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Degree of a region, (h, w), -1 where unknown, and where the last marks of one day contradict each other."""
    degree = np.full(tuple(grid.shape), UNKNOWN, np.float32)
    contrary = np.zeros(tuple(grid.shape), bool)
    for day in days:
        kinds = {value: np.zeros(tuple(grid.shape), bool) for value in (NEED, CLEAR, UNKNOWN)}
        for number in day:
            if number in pixels:
                kinds[float(degrees[number])] |= pixels[number]
        marked = np.any(list(kinds.values()), axis=0)
        of_day = np.where(kinds[NEED], NEED, np.where(kinds[CLEAR], CLEAR, UNKNOWN))
        clash = np.sum(list(kinds.values()), axis=0) > 1
        of_day[clash] = UNKNOWN
        degree[marked] = of_day[marked]
        contrary[marked] = clash[marked]
    return degree, contrary
