"""Which stands are delivered with a label, and the control areas."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rasterio import features
from scipy import ndimage
from shapely.geometry import Polygon, box, shape

from rojsat.geo.sources.simulated.clearing_objects import ClearingObject
from rojsat.geo.sources.simulated.growth import Need
from rojsat.geo.sources.simulated.landcover import BUILT, FIELD, FOREST, SPORTS, Land
from rojsat.geo.sources.simulated.layout import CRS, PIXEL, WorldLayout, corner, transform
from rojsat.geo.sources.simulated.noise import stream
from rojsat.geo.sources.simulated.units import Units

_LARGEST = 48  # longest side of a labelled stand's bounding box, pixels
_SMALLEST = 120  # pixels: 1.2 ha
_DUE, _DONE = 0.34, 0.24
"""A forester calls a stand due above, done below; between the two it is not delivered."""
_JUDGEMENT = 0.04  # standard deviation of the forester's impression of a stand's mean degree
_TOLERANCE = 6.0  # metres: outlines are drawn by hand


@dataclass(frozen=True)
class Inventory:
    """Vectors in the world's CRS, each with columns region, label, cleared and geometry.

    Attributes:
        need: stands that need clearing.
        clear: stands that do not.
        objects: boxes of the clearing objects.
        controls: control areas: known need, known clear, housing, sports ground, cropland.
    """

    need: gpd.GeoDataFrame
    clear: gpd.GeoDataFrame
    objects: gpd.GeoDataFrame
    controls: gpd.GeoDataFrame


def survey(
    land: Land,
    units: Units,
    truth: Need,
    objects: list[ClearingObject],
    layout: WorldLayout,
    seed: int,
    *,
    first: int = 1,
) -> Inventory:
    """Choose and outline stands, boxes of clearing objects and control areas.

    Args:
        land: the map.
        units: its stands.
        truth: need of every young stand.
        objects: the clearing objects.
        layout: numbers of stands and control areas.
        seed: of the world.
        first: number of the first stand, so that ids of several worlds differ.

    Returns:
        The inventory.

    Raises:
        ValueError: the world has too few young stands.
    """
    rng = stream(seed, "inventory")
    due, done = _young_stands(rng, land, units, truth, objects)
    counts = {"need": round(layout.stands * layout.need_share)}
    counts["clear"] = layout.stands - counts["need"]
    for label, stands in (("need", due), ("clear", done)):
        if len(stands) < counts[label] + layout.controls:
            raise ValueError(
                f"a world of {layout.shape} has {len(stands)} stands that a forester calls {label!r}; "
                f"{counts[label]} stands and {layout.controls} control areas are needed: enlarge it or ask for fewer"
            )
    names = iter(rng.permutation(np.arange(first, first + layout.stands)))  # ids must not give the label away
    need = _stands(land, due[: counts["need"]], "need", names)
    clear = _stands(land, done[: counts["clear"]], "clear", names)
    past = [f"{rng.integers(2015, 2019)}-{rng.integers(5, 12):02d}-{rng.integers(1, 29):02d}" for _ in clear.index]
    clear["cleared"] = [date if rng.random() < 0.7 else None for date in past]
    spare = slice(-layout.controls, None)
    controls = [("need", unit) for unit in due[spare]] + [("clear", unit) for unit in done[spare]]
    return Inventory(need, clear, _boxes(rng, objects), _controls(land, controls))


def _young_stands(
    rng: np.random.Generator, land: Land, units: Units, truth: Need, objects: list[ClearingObject]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ids of due and of done stands, in random order."""
    unit = np.where(land.cover == FOREST, land.unit, -1)
    object_stands = {int(value) for item in objects for value in np.unique(unit[item.window])}
    edge_stands = set(np.concatenate([unit[0], unit[-1], unit[:, 0], unit[:, -1]]).tolist())
    windows = ndimage.find_objects(unit + 1)
    due, done = [], []
    for stand in rng.permutation(land.stands):
        window = windows[stand] if stand < len(windows) else None
        if window is None or stand in object_stands or stand in edge_stands or not units.young[stand]:
            continue
        inside = unit[window] == stand
        if max(inside.shape) > _LARGEST or inside.sum() < _SMALLEST:
            continue
        impression = float(np.nanmean(truth.degree[window][inside])) + _JUDGEMENT * rng.standard_normal()
        if impression > _DUE:
            due.append(stand)
        elif impression < _DONE:
            done.append(stand)
    return np.array(due, int), np.array(done, int)


def _stands(land: Land, stands: NDArray[np.int64], label: str, names: Iterator[int]) -> gpd.GeoDataFrame:
    outlines = [_outline(land, int(stand)) for stand in stands]
    ids = [f"s{next(names):03d}" for _ in stands]
    return _table(ids, [label] * len(ids), outlines).sort_values("region", ignore_index=True)


def _outline(land: Land, stand: int) -> Polygon:
    inside = (land.unit == stand) & (land.cover == FOREST)
    window = ndimage.find_objects(inside.astype(int))[0]
    grid = transform(row=window[0].start, column=window[1].start)
    shapes = features.shapes(inside[window].astype(np.uint8), inside[window], connectivity=4, transform=grid)
    largest = max((shape(outline) for outline, _ in shapes), key=lambda polygon: polygon.area)
    return Polygon(largest.exterior).simplify(_TOLERANCE).buffer(0)


def _boxes(rng: np.random.Generator, objects: list[ClearingObject]) -> gpd.GeoDataFrame:
    """Boxes drawn by hand: inside their outer pixels, nowhere on the grid."""
    polygons = []
    for item in objects:
        left, top = corner(item.row, item.column)
        inset = rng.uniform(1, 4, 4)
        right, bottom = left + PIXEL * item.width, top - PIXEL * item.height
        polygons.append(box(left + inset[0], bottom + inset[1], right - inset[2], top - inset[3]))
    return _table([item.name for item in objects], [None] * len(objects), polygons)


def _controls(land: Land, stands: list[tuple[str, int]]) -> gpd.GeoDataFrame:
    outlines = [_outline(land, int(stand)) for _, stand in stands]
    labels = [label for label, _ in stands]
    for label, code, side in (("housing", BUILT, 26), ("sports ground", SPORTS, 22), ("cropland", FIELD, 40)):
        share = ndimage.uniform_filter((land.cover == code).astype(np.float32), side, mode="constant")
        half = side // 2
        share[:half] = share[-half:] = share[:, :half] = share[:, -half:] = -1
        row, column = np.unravel_index(np.argmax(share), share.shape)
        left, top = corner(row - half + 0.3, column - half + 0.3)
        outlines.append(box(left, top - PIXEL * (side - 0.6), left + PIXEL * (side - 0.6), top))
        labels.append(label)
    return _table([f"p{number}" for number in range(1, len(labels) + 1)], labels, outlines)


def _table(ids: list[str], labels: Sequence[str | None], polygons: list[Polygon]) -> gpd.GeoDataFrame:
    columns = {
        "region": ids,
        "label": np.array(labels, object),
        "cleared": pd.Series([None] * len(ids), dtype=object),
    }
    return gpd.GeoDataFrame(columns, geometry=polygons, crs=CRS)
