"""Predicts one cell of a map from all scenes that show it; the model is a function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from rojsat.chips import channels
from rojsat.chips.chip import Chip
from rojsat.geo.cutting.overpass_reader import OverpassReader
from rojsat.geo.cutting.overpasses import Visit
from rojsat.maps import pixel_faults
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


class CellMeans:
    """Means over the overpasses of a cell, each weighing by how clear it is around a pixel."""

    def __init__(self, cell: MapCell) -> None:
        """Nothing is seen yet."""
        self._cell, self._needed = cell, cell.needed
        shape = self._needed.shape
        self._degree, self._weight, self._outside = (np.zeros(shape, np.float32) for _ in range(3))
        self._dates, self._newest = np.zeros(shape, np.uint8), np.zeros(shape, np.int32)

    def add(self, view: View, card: ModelCard, predict_image: PredictImage) -> None:
        """Predict the cell on one overpass, and let it count.

        Args:
            view: of the overpass; of a model that compares dates, of these together.
            card: of the model.
            predict_image: the model.
        """
        own = self._cell.own
        seen = view.seen[own] & self._needed
        if not seen.any():
            return
        needed = np.zeros(view.seen.shape, bool)
        needed[own] = seen
        image = np.where(view.seen, view.image, np.float32(np.nan))
        degree = np.clip(predict_image(image, needed, self._cell)[own], 0, 1)
        seen &= np.isfinite(degree)
        clear = np.where(seen, _clearness(view.seen)[own], np.float32(0))
        self._weight += clear
        share = np.divide(clear, self._weight, out=np.zeros_like(clear), where=self._weight > 0)
        self._degree += np.where(seen, degree - self._degree, np.float32(0)) * share
        flags = _outside(view, card, own)
        self._outside += (flags - self._outside) * share
        self._dates += seen
        self._newest = np.where(seen, np.maximum(self._newest, view.day), self._newest).astype(np.int32)

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


def stacked(cell: MapCell, views: Sequence[tuple[str, View]], card: ModelCard) -> View | None:
    """The view of a model that compares dates: of each date the overpass that sees most; None where a date lacks.

    Args:
        cell: the cell.
        views: of all dates, each with its date.
        card: of the model.
    """
    by_date: dict[str, list[View]] = {}
    for date, view in views:
        by_date.setdefault(date, []).append(view)
    if len(by_date) < len(card.dates):
        return None
    clearest = [max(views, key=lambda view: int(view.seen[cell.own].sum())) for _, views in sorted(by_date.items())]
    seen = np.all([view.seen for view in clearest], axis=0)
    planes, image = clearest[-1].planes, np.concatenate([view.image for view in clearest])
    return View(planes, image, seen, clearest[-1].day)


def _clearness(seen: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(H, W) float32 share of the pixels around that are seen, above 0 wherever the pixel itself is."""
    share: NDArray[np.float32] = uniform_filter(seen.astype(np.float32), AROUND, mode="nearest")
    return np.maximum(share, np.float32(1 / AROUND**2))


def _outside(view: View, card: ModelCard, own: tuple[slice, slice]) -> NDArray[np.float32]:
    planes = zip(card.planes, view.planes, strict=True)
    by_name = {name: plane[own] for name, plane in planes if name != channels.OUTLINE}
    return pixel_faults.outside(by_name, card.distribution).astype(np.float32)
