"""Decoding a band as archives keep it: `python -m bench.decoding [JSON]`.

The same numbers (ground blurred over 200 m, noise of 0.003 of reflectance) as JPEG 2000, lossless in tiles of 1,024
pixels as in ESA's products, and as GeoTIFF, DEFLATE in blocks of 512. Read by turns; seconds are processor time, so
that other work on the machine counts little.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from scipy.ndimage import zoom

from bench import tables

SIDE, TURNS = 5490, 3
"""Rows and columns: a band of 20 m."""

FORMATS: dict[str, dict[str, Any]] = {
    "JPEG 2000": {"driver": "JP2OpenJPEG", "QUALITY": 100, "REVERSIBLE": "YES", "BLOCKXSIZE": 1024, "BLOCKYSIZE": 1024},
    "DEFLATE": {
        "driver": "GTiff",
        "tiled": True,
        "blockxsize": 512,
        "blockysize": 512,
        "compress": "DEFLATE",
        "predictor": 2,
    },
}


def band() -> NDArray[np.uint16]:
    """(SIDE, SIDE) as a product stores it: (reflectance + 0.1) x 10000."""
    rng = np.random.default_rng(0)
    smooth = zoom(rng.random((SIDE // 20 + 2,) * 2, np.float32), 20, order=1)[:SIDE, :SIDE]
    reflectance = 0.05 + 0.3 * smooth + 0.003 * rng.standard_normal(smooth.shape, np.float32)
    return (1e4 * (reflectance.clip(0.001) + 0.1)).astype(np.uint16)


def write(folder: Path, values: NDArray[np.uint16]) -> dict[str, Path]:
    """A file of each format."""
    files = {}
    for name, options in FORMATS.items():
        files[name] = folder / f"band.{'jp2' if options['driver'] == 'JP2OpenJPEG' else 'tif'}"
        georeference = {"crs": "EPSG:32633", "transform": Affine(20, 0, 6e5, 0, -20, 65e5)}
        with rasterio.open(
            files[name], "w", height=SIDE, width=SIDE, count=1, dtype="uint16", **georeference, **options
        ) as raster:
            raster.write(values, 1)
    return files


def decode(path: Path, values: NDArray[np.uint16]) -> float:
    """Seconds of CPU.

    Raises:
        ValueError: if other numbers come out than went in.
    """
    start = time.process_time()
    with rasterio.open(path) as raster:
        decoded = raster.read(1)
    seconds = time.process_time() - start
    if not np.array_equal(decoded, values):
        raise ValueError(f"{path} does not hold what was written")
    return seconds


def main(path: Path) -> None:
    """Measure both, print the table, write the JSON."""
    with tempfile.TemporaryDirectory() as name:
        values = band()
        files = write(Path(name), values)
        seconds: dict[str, list[float]] = {kind: [] for kind in files}
        for _ in range(TURNS):
            for kind, file in files.items():
                seconds[kind].append(decode(file, values))
        rows = [
            {
                "format": kind,
                "bytes a sample": file.stat().st_size / SIDE**2,
                "ns a sample": 1e9 * min(seconds[kind]) / SIDE**2,
                "beside DEFLATE": min(seconds[kind]) / min(seconds["DEFLATE"]),
            }
            for kind, file in files.items()
        ]
    tables.show(f"a band of {SIDE} x {SIDE} pixels, CPU time, the quickest of {TURNS}", rows)
    tables.write(path, {"rows": rows})


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "reports/bench/decoding.json"))
