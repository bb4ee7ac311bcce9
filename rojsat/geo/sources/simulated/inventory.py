"""Which stands are handed over with a label, and the controls."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rasterio import features
from scipy import ndimage
from shapely.geometry import Polygon, box, shape

from rojsat.geo.sources.simulated.growth import Need
from rojsat.geo.sources.simulated.landcover import BUILT, FIELD, FOREST, SPORTS, Land
from rojsat.geo.sources.simulated.layout import CRS, PIXEL, Layout, corner, transform
from rojsat.geo.sources.simulated.noise import stream
from rojsat.geo.sources.simulated.objects import ClearingObject
from rojsat.geo.sources.simulated.units import Units

_LARGEST = 48  # longest side of a labelled stand's bounding box, pixels
_SMALLEST = 120  # pixels: 1.2 ha
_DUE, _DONE = 0.34, 0.24
"""A forester calls a stand due above, done below; between the two it is not handed over."""
_JUDGEMENT = 0.04  # standard deviation of the forester's impression of a stand's mean degree
_TOLERANCE = 6.0  # metres: outlines are drawn by hand


@dataclass(frozen=True)
class Inventory:
    """Vectors in the world's CRS, each with columns region, label, cleared and geometry.

    Attributes:
        need: stands that need clearing.
        clear: stands that do not.
        objects: boxes of the clearing objects.
        controls: known need, known clear, housing, sports ground, cropland.
    """

    need: gpd.GeoDataFrame
    clear: gpd.GeoDataFrame
    objects: gpd.GeoDataFrame
    controls: gpd.GeoDataFrame


def survey(
    land: Land, units: Units, wanted: Need, objects: list[ClearingObject], layout: Layout, seed: int
) -> Inventory:
    """Chooses and outlines stands, boxes and controls.

    Args:
        land: the map.
        units: its stands.
        wanted: truth of the need.
        objects: the clearing objects.
        layout: how many stands and controls.
        seed: of the world.

    Returns:
        The inventory.

    Raises:
        ValueError: the world has too few young stands.
    """
    rng = stream(seed, "inventory")
    due, done = _judged(rng, land, units, wanted, objects)
    wished = {"need": round(layout.stands * layout.need_share)}
    wished["clear"] = layout.stands - wished["need"]
    for label, found in (("need", due), ("clear", done)):
        if len(found) < wished[label] + layout.controls:
            raise ValueError(
                f"a world of {layout.shape} has {len(found)} stands that a forester calls {label!r}; "
                f"{wished[label]} stands and {layout.controls} controls are wanted: enlarge it or ask for fewer"
            )
    names = iter(rng.permutation(np.arange(1, layout.stands + 1)))  # ids must not tell the label
    need = _stands(land, due[: wished["need"]], "need", names)
    clear = _stands(land, done[: wished["clear"]], "clear", names)
    past = [f"{rng.integers(2015, 2019)}-{rng.integers(5, 12):02d}-{rng.integers(1, 29):02d}" for _ in clear.index]
    clear["cleared"] = [date if rng.random() < 0.7 else None for date in past]
    spare = slice(-layout.controls, None)
    controls = [("need", unit) for unit in due[spare]] + [("clear", unit) for unit in done[spare]]
    return Inventory(need, clear, _boxes(rng, objects), _controls(land, controls))


def _judged(
    rng: np.random.Generator, land: Land, units: Units, wanted: Need, objects: list[ClearingObject]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ids of due and of done stands, in random order."""
    unit = np.where(land.cover == FOREST, land.unit, -1)
    taken = {int(value) for item in objects for value in np.unique(unit[item.window])}
    edge = set(np.concatenate([unit[0], unit[-1], unit[:, 0], unit[:, -1]]).tolist())
    places = ndimage.find_objects(unit + 1)
    due, done = [], []
    for stand in rng.permutation(land.stands):
        place = places[stand] if stand < len(places) else None
        if place is None or stand in taken or stand in edge or not units.young[stand]:
            continue
        mine = unit[place] == stand
        if max(mine.shape) > _LARGEST or mine.sum() < _SMALLEST:
            continue
        impression = float(np.nanmean(wanted.degree[place][mine])) + _JUDGEMENT * rng.standard_normal()
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
    mine = (land.unit == stand) & (land.cover == FOREST)
    place = ndimage.find_objects(mine.astype(int))[0]
    grid = transform(row=place[0].start, column=place[1].start)
    shapes = features.shapes(mine[place].astype(np.uint8), mine[place], connectivity=4, transform=grid)
    largest = max((shape(found) for found, _ in shapes), key=lambda polygon: polygon.area)
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
