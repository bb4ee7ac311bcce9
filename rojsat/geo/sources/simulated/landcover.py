"""The map: terrain, lakes, parcels of fields, town, roads and forest stands with natural outlines."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from rojsat.geo.sources.simulated.layout import WorldLayout
from rojsat.geo.sources.simulated.noise import Field, fractal, layered, smooth, stream
from rojsat.geo.sources.simulated.roads import draw_roads

FOREST, FIELD, WATER, BUILT, SPORTS = 1, 2, 3, 4, 5
"""Codes of `Land.cover`; roads are a fraction of their own."""

_LAKES, _FARMLAND = 0.05, 0.24  # shares of the map, as around Linköping
_PARCEL = (17, 30)  # sides of a field, pixels
_SPORTS_GROUND = (14, 22)  # pixels: pitches and a hall


@dataclass(frozen=True)
class Land:
    """What lies where; every array (H, W).

    Attributes:
        elevation: metres.
        cover: uint8, one of the codes above.
        unit: int32 id of the stand or parcel a pixel belongs to, from 0; stands come first.
        stands: how many of the units are forest stands.
        road: share of the pixel that is road, [0, 1].
        density: how closely built up, [0, 1]; 0 outside BUILT.
    """

    elevation: Field
    cover: NDArray[np.uint8]
    unit: NDArray[np.int32]
    stands: int
    road: Field
    density: Field

    @property
    def units(self) -> int:
        """Number of units."""
        return int(self.unit.max()) + 1


def build(layout: WorldLayout, seed: int) -> Land:
    """Draw the map.

    Args:
        layout: extent and contents.
        seed: of the world.

    Returns:
        The land without its clearing objects (`clearing_objects.insert` adds them).
    """
    shape = layout.shape
    rng = stream(seed, "landcover")
    elevation = 90 + 14 * fractal(rng, shape, slope=3.6, longest=180) + 0.6 * smooth(rng, shape, 3)
    parcel = _parcels(rng, shape)
    low = ((90 - elevation) / 14).astype(np.float32)
    farmed = layered(rng, shape, (45, 16, 5), (0.6, 0.3, 0.1)) + np.float32(0.35) * low
    cover = _farm_or_forest(farmed, parcel)
    lake = _lakes(rng, shape, elevation)
    density = _town(rng, layout, farmed, lake)
    cover[density > 0] = BUILT
    cover[lake] = WATER
    _sports_ground(cover, density)
    stand = _stands(rng, shape, layout.stand_area)
    stands = int(stand.max()) + 1
    unit = np.where(cover == FOREST, stand, parcel + stands).astype(np.int32)
    road = draw_roads(rng, shape, cover == WATER)
    return Land(elevation.astype(np.float32), cover, unit, stands, road, density)


def _coordinates(shape: tuple[int, int]) -> tuple[Field, Field]:
    rows, columns = np.indices(shape, np.float32)
    return rows, columns


def _stands(rng: np.random.Generator, shape: tuple[int, int], area: int) -> NDArray[np.int64]:
    """Nearest seed after the plane was warped: winding outlines, sizes that vary as real ones do."""
    rows, columns = _coordinates(shape)
    side = np.sqrt(area)
    for length, size in ((0.45 * side, 0.22 * side), (0.12 * side, 0.05 * side)):
        rows = rows + size * smooth(rng, shape, length)
        columns = columns + size * smooth(rng, shape, length)
    reach = 2 * side
    count = int((shape[0] + 2 * reach) * (shape[1] + 2 * reach) / area)
    seeds = rng.uniform((-reach, -reach), (shape[0] + reach, shape[1] + reach), (count, 2))
    nearest = cKDTree(seeds).query(np.stack([rows, columns], -1).reshape(-1, 2))[1]
    return np.unique(nearest, return_inverse=True)[1].reshape(shape)


def _parcels(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.int64]:
    """Fields: blocks with straight sides, turned with the valley, no two alike."""
    rows, columns = _coordinates(shape)
    angle = rng.uniform(-0.6, 0.6)
    rows, columns = rows + 5 * smooth(rng, shape, 40), columns + 5 * smooth(rng, shape, 40)
    across = (rows * np.cos(angle) + columns * np.sin(angle)) / _PARCEL[0]
    along = (columns * np.cos(angle) - rows * np.sin(angle)) / _PARCEL[1]
    plane = np.stack([across, along], -1).reshape(-1, 2)
    low, high = plane.min(0) - 1, plane.max(0) + 1
    seeds = rng.uniform(low, high, (int(np.prod(high - low)), 2))
    nearest = cKDTree(seeds).query(plane, p=np.inf)[1]
    return np.unique(nearest, return_inverse=True)[1].reshape(shape)


def _farm_or_forest(farmed: Field, parcel: NDArray[np.int64]) -> NDArray[np.uint8]:
    """All of a parcel is farmed or none, so that the edge of the forest follows its sides."""
    mean = np.bincount(parcel.ravel(), farmed.ravel()) / np.bincount(parcel.ravel())
    share = mean[parcel] + 0.25 * farmed  # the second term rounds some corners
    return np.where(share > np.quantile(share, 1 - _FARMLAND), FIELD, FOREST).astype(np.uint8)


def _lakes(rng: np.random.Generator, shape: tuple[int, int], elevation: Field) -> NDArray[np.bool_]:
    wet = fractal(rng, shape, slope=4.3, longest=70) - 0.5 * (elevation - 90) / 14
    lake = ndimage.binary_opening(wet > np.quantile(wet, 1 - _LAKES), iterations=1)
    labels, count = ndimage.label(lake)
    size = np.bincount(labels.ravel(), minlength=count + 1)
    size[0] = 0
    return (size > 60)[labels]  # no pond below 0.6 ha


def _town(rng: np.random.Generator, layout: WorldLayout, farmed: Field, lake: NDArray[np.bool_]) -> Field:
    """Density of buildings: one town amid the fields, hamlets around."""
    rows, columns = _coordinates(layout.shape)
    rough = layered(rng, layout.shape, (12, 4), (0.7, 0.3))
    margin = min(layout.town + 4, min(layout.shape) // 3)
    inside = ndimage.gaussian_filter(farmed, layout.town / 2)[margin:-margin, margin:-margin]
    centre = np.array(np.unravel_index(np.argmax(inside), inside.shape)) + margin
    distance = np.hypot(rows - centre[0], columns - centre[1])
    density = np.clip(1.25 - distance / layout.town + 0.22 * rough, 0, 1)
    for _ in range(max(2, layout.height * layout.width // 40_000)):
        hamlet = rng.uniform((8, 8), (layout.height - 8, layout.width - 8))
        radius = rng.uniform(2.5, 6)
        near = 1.0 - np.hypot(rows - hamlet[0], columns - hamlet[1]) / radius + 0.3 * rough
        if farmed[int(hamlet[0]), int(hamlet[1])] > 0.3:
            density = np.maximum(density, 0.55 * np.clip(near, 0, 1))
    density = np.where(lake | (density < 0.15), 0, density)
    return density.astype(np.float32)


def _sports_ground(cover: NDArray[np.uint8], density: Field) -> None:
    """Write one sports ground into `cover`, where the town is about half built up."""
    height, width = _SPORTS_GROUND
    built = ndimage.uniform_filter((cover == BUILT).astype(np.float32), (height, width))
    cost = ndimage.uniform_filter(np.abs(density - 0.5), (height, width)) + 3 * (1 - built)
    cost[:height] = cost[-height:] = cost[:, :width] = cost[:, -width:] = np.inf
    row, column = np.unravel_index(np.argmin(cost), cost.shape)
    cover[row - height // 2 : row + height // 2, column - width // 2 : column + width // 2] = SPORTS
