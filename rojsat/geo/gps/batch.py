"""Some points of a file, as all readers give them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyproj
from numpy.typing import NDArray

WGS84 = pyproj.CRS("EPSG:4326")


@dataclass(frozen=True)
class Batch:
    """Some points of a file.

    Attributes:
        crs: coordinate system of `x` and `y`.
        x: (N,) east or longitude, NaN where missing.
        y: (N,) north or latitude.
        time: (N,) as the file states it, of any type; None where it holds no times.
        track: (N,) text; None where it names no tracks.
    """

    crs: pyproj.CRS
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    time: pa.Array | None
    track: pa.Array | None
