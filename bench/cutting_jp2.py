"""Cutting chips from ESA's own products: `python -m bench.cutting_jp2 FOLDER [JSON]`.

L2A products of 10,980 x 10,980 pixels (`bench.esa_series`), read from their `.SAFE` folders: lossless JPEG 2000 in
tiles of 1024, 640 and 192 pixels. 250 regions of 20 to 70 pixels in the north-western quarter, two dates. The same ways
as in `bench.cutting`, each a process of its own, the slow ones on a sample; rojsat and merely decoding by turns.
Compares processor time, which other work on the machine changes little. FOLDER keeps the first product (0.8 GB), which
takes four minutes of processor time to make.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from shapely.geometry import box

from bench import cutting, esa_series, tables

REGIONS, DATES, TURNS = 250, 2, 2
SAMPLES = {"study": 1, "odc_stac": 10, "torchgeo": 20}
BARS = {"study": 5.0, "odc_stac": 3.0, "torchgeo": 3.0}
"""Times as fast that rojsat must be at least, by processor time a chip."""

MOST_DECODING = 1.5
"""Processor time of rojsat as a multiple of that of merely decoding."""


def regions(count: int, side: int) -> gpd.GeoDataFrame:
    """Boxes of 20 to 70 pixels anywhere in the north-western quarter of a tile of so many pixels a side."""
    rng, (east, north) = np.random.default_rng(1), esa_series.CORNER
    sizes, corners = rng.integers(20, 71, (count, 2)), rng.integers(0, side // 2 - 80, (count, 2))
    boxes = [
        box(east + 10 * col, north - 10 * (row + height), east + 10 * (col + width), north - 10 * row)
        for (height, width), (row, col) in zip(sizes.tolist(), corners.tolist(), strict=True)
    ]
    columns = {"region": [str(n) for n in range(count)], "role": "control", "label": None, "cleared": None}
    return gpd.GeoDataFrame(columns, geometry=boxes, crs=esa_series.CRS)


def build(folder: Path, *, side: int = esa_series.SIDE, count: int = REGIONS) -> float:
    """Write products, raw data and links; megabytes of the images of one product."""
    for name in ("raw", "masks", "dates"):
        shutil.rmtree(folder / name, ignore_errors=True)
    products = esa_series.build(folder, side=side, dates=DATES)
    esa_series.deliver(folder, regions(count, side))
    esa_series.flat(folder, products)
    return sum(path.stat().st_size for path in products[0].rglob("*.jp2")) / 1e6


def ratios(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Processor time a chip of each way as a multiple of rojsat's, mean of turns; rojsat's as one of decoding."""
    cost: dict[str, list[float]] = {}
    for row in rows:
        cost.setdefault(row["way"], []).append(row["processor_seconds"] / row["chips"])
    mean = {way: float(np.mean(seconds)) for way, seconds in cost.items()}
    others = {way: mean[way] / mean["rojsat"] for way in BARS}
    return {"decoding": mean["rojsat"] / mean["decoding"]} | others


def main(folder: Path, path: Path, *, side: int = esa_series.SIDE, count: int = REGIONS) -> None:
    """Measure all ways, print a table, write JSON; fails beyond the bars."""
    megabytes = build(folder, side=side, count=count)
    turns = [("bench.cutting", way) for _ in range(TURNS) for way in ("decoding", "rojsat")]
    ways = [*turns, ("bench.cutting", "study"), ("bench.rivals", "odc_stac"), ("bench.rivals", "torchgeo")]
    rows = [cutting.measure(module, way, folder, SAMPLES.get(way)) for module, way in ways]
    tables.show(f"Cutting {count} regions, {DATES} dates, from products of {megabytes:.0f} MB", rows)
    against = ratios(rows)
    print({way: round(ratio, 2) for way, ratio in against.items()})
    series = {"side": side, "dates": DATES, "regions": count, "megabytes": megabytes}
    tables.write(path, {"series": series, "bars": BARS | {"decoding": MOST_DECODING}, "ratios": against, "ways": rows})
    short = [way for way, bar in BARS.items() if against[way] < bar]
    if short or against["decoding"] > MOST_DECODING:
        sys.exit(f"beyond the bars {BARS}, decoding {MOST_DECODING}: {against}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "reports/bench/cutting_jp2.json"))
