"""Predicts cells of a scene in overlapping tiles and blends them, as `rojsat.learn.data.tiles` does, to the same bits.

A tile that reaches into the next cell is predicted once: what the model gives for it is kept until that cell comes.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rojsat.learn.data import tiles
from rojsat.maps import map_cells
from rojsat.maps.map_cells import MapCell

BATCH = tiles.TILES
"""Tiles that the model gets together by default: more are slower on a CPU."""

LEAST = 2
"""Tiles that it gets at least: networks round a tile by itself otherwise than one among others."""

KEPT = 64 * 2**20
"""Bytes of predictions that are kept for the next cells."""

PredictTiles = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""(T, C, h, w) in the channels' own units, NaN where unknown, to degrees (T, h, w)."""


class TileBlending:
    """A model of windows on cells of any size, whose tiles lie on the pixel grid of the scenes.

    Args:
        predict_tiles: the model; what it gives for a tile follows from this tile alone.
        window: height and width of a tile.
        batch: tiles together.
    """

    def __init__(self, predict_tiles: PredictTiles, window: int, batch: int = BATCH) -> None:
        self._predict_tiles, self._window, self._batch = predict_tiles, window, batch
        self._weights = tiles.weights(window).numpy()
        self._kept: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()

    def __call__(self, image: NDArray[np.float32], needed: NDArray[np.bool_], cell: MapCell) -> NDArray[np.float32]:
        """See `rojsat.maps.cell_prediction.PredictImage`."""
        window = self._window
        firsts = tiles.firsts_on_grid(*map_cells.tile_phase(cell), window)
        places = [(row + window, col + window) for row, col in tiles.corners(needed, firsts, window)]
        padded = np.pad(image, [(0, 0), (window, window), (window, window)], constant_values=np.nan)
        total, weight_sum = (np.zeros(padded.shape[1:], np.float32) for _ in range(2))
        for (row, col), prediction in zip(places, self._predictions(padded, places, cell), strict=True):
            tile_pixels = (slice(row, row + window), slice(col, col + window))
            total[tile_pixels] += prediction
            weight_sum[tile_pixels] += self._weights
        total[weight_sum == 0] = np.nan
        merged = np.divide(total, weight_sum, out=total, where=weight_sum > 0)
        return merged[window:-window, window:-window]

    def _predictions(
        self, padded: NDArray[np.float32], places: list[tuple[int, int]], cell: MapCell
    ) -> NDArray[np.float32]:
        """Weighted predictions of tiles, (T, h, w)."""
        window, (rows, cols) = self._window, cell.own
        predictions = np.empty((len(places), window, window), np.float32)
        new: list[int] = []
        keys: dict[int, bytes] = {}
        for number, (row, col) in enumerate(places):
            top, left = row - window, col - window
            if not (rows.start <= top <= rows.stop - window and cols.start <= left <= cols.stop - window):
                key = self._key(padded[:, row : row + window, col : col + window])
                if key in self._kept:
                    predictions[number] = self._kept[key]
                    continue
                keys[number] = key
            new.append(number)
        for start in range(0, len(new), self._batch):
            some = new[start : start + self._batch]
            batch = np.zeros((max(len(some), LEAST), len(padded), window, window), np.float32)
            for tile, number in zip(batch, some, strict=False):
                row, col = places[number]
                tile[:] = padded[:, row : row + window, col : col + window]
            predictions[some] = self._predict_tiles(batch)[: len(some)] * self._weights
        self._keep({key: predictions[number].copy() for number, key in keys.items()})
        return predictions

    @staticmethod
    def _key(tile: NDArray[np.float32]) -> bytes:
        return hashlib.blake2b(tile.tobytes()).digest()

    def _keep(self, predictions: dict[bytes, NDArray[np.float32]]) -> None:
        self._kept.update(predictions)
        while len(self._kept) * self._window**2 * 4 > KEPT:
            self._kept.popitem(last=False)
