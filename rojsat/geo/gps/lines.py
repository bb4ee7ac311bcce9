"""Vertices of lines, which become points without times, and what the log reports of them."""

import logging
from pathlib import Path

import numpy as np
import pyproj
from numpy.typing import NDArray

from rojsat.geo.gps import cleaning

log = logging.getLogger(__name__)


class Lines:
    """Counts the lines of a file, and how far apart their vertices lie."""

    def __init__(self) -> None:
        self._lines = self._vertices = self._steps = 0
        self._length = self._longest = 0.0

    def add(self, x: NDArray[np.float64], y: NDArray[np.float64], row: NDArray[np.int64], crs: pyproj.CRS) -> None:
        """Count some vertices.

        Args:
            x: (N,) coordinates in `crs`, N above 0.
            y: (N,) coordinates.
            row: (N,) number of the line of each, ascending.
            crs: coordinate system.
        """
        within = row[1:] == row[:-1]
        metres = cleaning.distances(x, y, crs)[within]
        metres = metres[np.isfinite(metres)]
        self._lines += int((~within).sum()) + 1
        self._vertices += len(x)
        self._steps += len(metres)
        self._length += float(metres.sum())
        self._longest = max(self._longest, float(metres.max(initial=0)))

    def say(self, path: Path) -> None:
        """Say that lines have no times, and what that means for the heat; nothing where there was no line."""
        if not self._lines:
            return
        log.warning(
            "%s: %d lines have no times: their %d vertices count as points without time, %.0f m apart on the average "
            "and at most %.0f m. Heat counts points, not metres: export the points of the tracks where there are any",
            *(path, self._lines, self._vertices, self._length / max(self._steps, 1), self._longest),
        )
