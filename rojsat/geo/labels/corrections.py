"""Degree of need from marks on the page of a map: stands and places that a person found in need or clear."""

from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.features import rasterize

from rojsat.config import lookup
from rojsat.geo import file_paths
from rojsat.geo.degrees import UNKNOWN, Labels
from rojsat.geo.vectors import mark_files

NEED, CLEAR = 1.0, 0.0
"""Degree of ground in need, and of ground that is not."""

OTHERS = ("zero", "unknown")
"""What ground that is no young forest may count as."""


def masks(
    raw: Path,  # noqa: ARG001 - every source of labels has it
    regions: gpd.GeoDataFrame,  # noqa: ARG001
    grids: dict[str, GeoBox],
    *,
    files: list[str],
    radius: float = 20.0,
    other: Literal["zero", "unknown"] = "zero",
) -> Labels:
    """Rasterise marks on every region's grid; all other ground is unknown.

    Where marks overlap, that of the later day holds; of one day and contrary they make a pixel unknown, and the facts
    count it (`contradicting`). The facts name marks without a pixel in any region (`missed`).

    Args:
        raw: the raw data set.
        regions: its regions.
        grids: grid of each region.
        files: GeoJSON files that the page saved, or patterns, relative to the working directory.
        radius: metres around a marked place that the mark is of; 20 m is twice the error of a phone under trees.
        other: what ground is that was marked as no young forest: `zero`, without need, or `unknown`.

    Raises:
        UnknownNameError: if `other` is neither.
        ValueError: if a file is missing or no file of marks, or no mark lies in a region.
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
    masks, contradicting, reached = {}, 0, np.zeros(len(marks), bool)
    for region, grid in grids.items():
        moved = shapes.to_crs(str(grid.crs))
        areas = moved.where(moved.geom_type != "Point", moved.buffer(radius))
        pixels = _pixels(areas, grid)
        reached[list(pixels)] = True
        degree, contrary = _degree(pixels, degrees, days, grid)
        contradicting += int(contrary.sum())
        if (degree != UNKNOWN).any():
            masks[region] = degree
    if not masks:
        raise ValueError(f"none of {len(marks)} marks labels a pixel of a region: are they of this ground?")
    known = {"need": NEED, "clear": CLEAR}
    return Labels(
        masks,
        facts={
            "marks": dict(Counter(mark.need for mark in marks)),
            "pixels": {
                name: int(sum((mask == value).sum() for mask in masks.values())) for name, value in known.items()
            },
            "contradicting": contradicting,
            "missed": [mark.name for mark, is_reached in zip(marks, reached, strict=True) if not is_reached],
        },
    )


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
