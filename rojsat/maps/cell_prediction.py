"""Predicts one cell of a map from all scenes that show it; the model is a function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from rojsat.chips import channels
from rojsat.chips.chip import Chip
from rojsat.geo.cutting.overpass_reader import OverpassReader
from rojsat.geo.cutting.overpasses import Visit
from rojsat.maps import date_series, pixel_faults
from rojsat.maps.map_cells import MapCell
from rojsat.maps.model_card import ModelCard

AROUND = 21
"""Height and width, pixels, of the surroundings by whose clear share a date counts: edges of clouds are hazy."""

EPOCH = pd.Timestamp("1970-01-01")
"""Days are counted from here; none is 0."""

PredictImage = Callable[[NDArray[np.float32], NDArray[np.bool_], MapCell], NDArray[np.float32]]
"""Channels (C, H, W) of a cell with its surroundings, NaN where unseen, and needed pixels (H, W), to degrees (H, W)."""


@dataclass(frozen=True)
class View:
    """A cell with its surroundings on one overpass.

    Attributes:
        planes: (B, H, W) planes that the channels are computed from.
        image: (C, H, W) channels.
        seen: (H, W) bool.
        day: of the overpass, days since `EPOCH`.
    """

    planes: NDArray[np.float32]
    image: NDArray[np.float32]
    seen: NDArray[np.bool_]
    day: int


@dataclass(frozen=True)
class CellMap:
    """What is predicted of a cell, all (h, w).

    Attributes:
        degree: float32 in [0, 1], NaN where not seen.
        dates: uint8, overpasses that the pixel is seen on.
        newest: int32, the last day that it is seen on, days since `EPOCH`; 0: none.
        outside: float32, share of its overpasses on which it lies far outside the training pixels.
    """

    degree: NDArray[np.float32]
    dates: NDArray[np.uint8]
    newest: NDArray[np.int32]
    outside: NDArray[np.float32]


@dataclass(frozen=True)
class CellSample:
    """What the model is applied to at once: a cell on one overpass, or on several dates.

    Attributes:
        image: (C, H, W) channels of all its dates.
        seen: (H, W) bool, where it predicts.
        dates: (H, W) uint8, how many dates see a pixel; of a model that compares dates they are one.
        newest: (H, W) int32, the last of them, days since `EPOCH`; any value where not seen.
        outside: (H, W) float32, share of them on which a pixel lies far outside the training pixels.
    """

    image: NDArray[np.float32]
    seen: NDArray[np.bool_]
    dates: NDArray[np.uint8]
    newest: NDArray[np.int32]
    outside: NDArray[np.float32]


class CellMeans:
    """Means over the overpasses of a cell, each weighing by how clear it is around a pixel."""

    def __init__(self, cell: MapCell) -> None:
        """Nothing is seen yet."""
        self._cell, self._needed = cell, cell.needed
        shape = self._needed.shape
        self._degree, self._weight, self._outside = (np.zeros(shape, np.float32) for _ in range(3))
        self._dates, self._newest = np.zeros(shape, np.uint8), np.zeros(shape, np.int32)

    def add(self, sample: CellSample, predict_image: PredictImage) -> None:
        """Predict the cell on one overpass, and let it count.

        Args:
            sample: the overpass; of a model that reads several dates at once, these together.
            predict_image: the model.
        """
        own = self._cell.own
        seen = sample.seen[own] & self._needed
        if not seen.any():
            return
        needed = np.zeros(sample.seen.shape, bool)
        needed[own] = seen
        degree = np.clip(predict_image(sample.image, needed, self._cell)[own], 0, 1)
        seen &= np.isfinite(degree)
        clear = np.where(seen, _clearness(sample.seen)[own], np.float32(0))
        self._weight += clear
        share = np.divide(clear, self._weight, out=np.zeros_like(clear), where=self._weight > 0)
        self._degree += np.where(seen, degree - self._degree, np.float32(0)) * share
        self._outside += (sample.outside[own] - self._outside) * share
        self._dates += np.where(seen, sample.dates[own], np.uint8(0))
        self._newest = np.where(seen, np.maximum(self._newest, sample.newest[own]), self._newest)

    def cell_map(self) -> CellMap:
        """What all overpasses that were added say of the cell."""
        degree = np.where(self._dates > 0, self._degree, np.float32(np.nan))
        return CellMap(degree, self._dates, self._newest, self._outside)


def read(cell: MapCell, visit: Visit, card: ModelCard, reader: OverpassReader) -> View:
    """Read a cell on one overpass as chips of training were."""
    scene = visit.scenes[0]
    arrays, units = reader.read(visit)
    if cell.region.outline is not None:
        arrays["outline"] = cell.region.outline
    height, width = cell.region.chip_grid.shape
    row: Mapping[str, Any] = {"height": height, "width": width, **units}
    chip = Chip(row, arrays, {"boa": scene.boa, "toa": scene.toa}, np.full((height, width), -1, np.float32))
    planes = [chip.plane(name) for name in card.planes]
    return View(
        np.stack(planes),
        channels.compute(card.names, dict(zip(card.planes, planes, strict=True))),
        chip.seen(),
        (scene.datetime.tz_localize(None).normalize() - EPOCH).days,
    )


def pixels(cell: MapCell, visit: Visit, card: ModelCard) -> tuple[NDArray[np.float32], int]:
    """(B, P) planes of the needed pixels of a cell that are seen, and how many are needed."""
    with OverpassReader([visit], card.resampling, card.cloud_margin) as reader:
        view, needed = read(cell, visit, card, reader), cell.needed
    return view.planes[:, *cell.own][:, view.seen[cell.own] & needed], int(needed.sum())


def single(view: View, card: ModelCard) -> CellSample:
    """One overpass for a model of single dates."""
    image = np.where(view.seen, view.image, np.float32(np.nan))
    newest = np.full(view.seen.shape, view.day, np.int32)
    return CellSample(image, view.seen, view.seen.astype(np.uint8), newest, _outside(view, card))


def joint(cell: MapCell, views: Sequence[View], card: ModelCard) -> CellSample | None:
    """All overpasses of a cell for a model that reads several dates at once; None where a date lacks."""
    clearest = _clearest(cell, views)
    if card.blocks and clearest:
        return _series(clearest, card)
    if not len(clearest) == len(card.dates) > 0:
        return None
    last, seen = clearest[-1], np.all([view.seen for view in clearest], axis=0)
    hidden = [np.where(seen, view.image, np.float32(np.nan)) for view in clearest]
    return replace(single(replace(last, seen=seen), card), image=np.concatenate(hidden))


def _series(views: Sequence[View], card: ModelCard) -> CellSample:
    """All dates in one image, each pixel with those that see it."""
    assert card.blocks is not None
    seen, days = np.stack([view.seen for view in views]), np.array([view.day for view in views], np.int32)
    dates = [EPOCH + pd.Timedelta(days=view.day) for view in views]
    image = date_series.image(np.stack([view.image for view in views]), seen, dates, card.blocks)
    flags = np.stack([_outside(view, card) for view in views])
    count = seen.sum(axis=0)
    outside = np.where(seen, flags, 0).sum(axis=0) / np.maximum(count, 1)
    newest = np.where(seen, days[:, None, None], 0).max(axis=0)
    return CellSample(image, count > 0, count.astype(np.uint8), newest, outside.astype(np.float32))


def _clearest(cell: MapCell, views: Sequence[View]) -> list[View]:
    """One view a date, the earliest first: of several orbits that which sees most of the cell."""
    by_date: dict[int, View] = {}
    for view in views:
        before = by_date.get(view.day)
        if before is None or view.seen[cell.own].sum() > before.seen[cell.own].sum():
            by_date[view.day] = view
    return [by_date[day] for day in sorted(by_date)]


def _clearness(seen: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(H, W) float32 share of the pixels around that are seen, above 0 wherever the pixel itself is."""
    share: NDArray[np.float32] = uniform_filter(seen.astype(np.float32), AROUND, mode="nearest")
    return np.maximum(share, np.float32(1 / AROUND**2))


def _outside(view: View, card: ModelCard) -> NDArray[np.float32]:
    planes = zip(card.planes, view.planes, strict=True)
    by_name = {name: plane for name, plane in planes if name != channels.OUTLINE}
    return pixel_faults.outside(by_name, card.distribution).astype(np.float32)
