"""What the rule for stands that look cleared catches and misses: `python -m bench.canopy_changes BEETLE [RAW ...]`.

BEETLE is the folder of the data set beetle (`data.root`): composites of September 2019 and 2020 with masks of what was
felled in between. Stands are its felled patches of at least `FEWEST` pixels (of 6.5 m on the ground), and squares of
standing forest, all of them one map, so that the felled ones widen the spread that the rule measures.

RAW are folders of raw data sets with regions and scenes where nothing is felled: what is taken for cleared is an error,
and the newest value of one stand at a time is lowered to see which falls are found.
"""

import sys
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from scipy import ndimage

from bench import tables
from rojsat.chips import channels
from rojsat.geo.scenes import catalog
from rojsat.geo.vectors import region_files
from rojsat.maps import canopy_change, canopy_signal

DATES = ("2019-09", "2020-09")
FEWEST = 40  # pixels of a felled patch
SIDE, FOREST = 9, 60  # pixels: side of a square of standing forest, and how many of it must be forest
SIZES = (FEWEST, 100, 300, np.inf)  # pixels: classes of felled patches
FALLS = (0.1, 0.15, 0.2, 0.3, 0.4)
BANDS = {"B08": 8, "B12": 12}


def _index(path: Path) -> NDArray[np.float64]:
    """(H, W) normalized burn ratio of a composite, NaN where it has no data."""
    with rasterio.open(path) as scene:
        bands = {name: scene.read(number) / 10_000 for name, number in BANDS.items()}
    bands = {name: np.where(band > 0, band, np.nan) for name, band in bands.items()}
    return np.asarray(channels.compute(["nbr"], bands)[0], float)


def _stands(folder: Path) -> Iterator[tuple[str, int, float, float]]:
    """Id, pixels and the index before and after of every stand of every site; ids of felled ones begin with felled."""
    for path in sorted((folder / "masks").glob("*.tif")):
        before, after = (_index(folder / "scenes" / f"{path.stem}_{date}.tif") for date in DATES)
        with rasterio.open(path) as mask, rasterio.open(folder / "forest" / path.name) as forest:
            valid = np.isfinite(before) & np.isfinite(after)
            damage = (mask.read(1) == 1) & valid
            standing = ~damage & (mask.read(1) == 0) & (forest.read(1) > 0) & valid
        patches = ndimage.label(damage)[0]
        rows, cols = np.indices(standing.shape) // SIDE
        squares = np.where(standing, rows * (cols.max() + 1) + cols + 1, 0)
        for kind, numbered, fewest in (("felled", patches, FEWEST), ("standing", squares, FOREST)):
            sizes = np.bincount(numbered.ravel())
            for number in np.flatnonzero(sizes >= fewest):
                if number:
                    member = numbered == number
                    yield (
                        f"{kind} {path.stem} {number}",
                        int(sizes[number]),
                        float(np.median(before[member])),
                        float(np.median(after[member])),
                    )


def beetle(folder: Path) -> list[dict[str, Any]]:
    """The rule on real felling: one row a class of stands."""
    stands = pd.DataFrame(_stands(folder), columns=["region", "pixels", *DATES])
    signals = stands.melt(["region", "pixels"], list(DATES), "date").assign(clear=1.0)
    changes = canopy_change.changes(signals.assign(date=signals["date"] + "-15"))
    cleared = stands["region"].map(lambda region: changes[region].cleared)
    felled = stands["region"].str.startswith("felled")
    classes = {"standing squares": ~felled, "felled, all": felled}
    for least, most in pairwise(SIZES):
        classes[f"felled, {least:g} to {most:g} pixels"] = felled & stands["pixels"].between(least, most, "left")
    threshold = next(iter(changes.values())).threshold
    return [
        {
            "stands": name,
            "how many": int(members.sum()),
            "taken for cleared": float(cleared[members].mean()),
            "median fall": float(np.median([changes[region].drop for region in stands["region"][members]])),
            "threshold": threshold,
        }
        for name, members in classes.items()
    ]


def planted(raw: Path) -> list[dict[str, Any]]:
    """The rule on scenes where nothing is felled, and on falls planted in one stand at a time: one row a fall."""
    regions, scenes = region_files.load_regions(raw / "regions.gpkg"), catalog.read(raw)
    with tempfile.TemporaryDirectory() as folder:
        signals = canopy_signal.read(scenes, regions, "bilinear", 0, Path(folder))
    changes, rows = canopy_change.changes(signals), []
    for fall in (0, *FALLS):
        caught = []
        for region, change in changes.items():
            lowered = (signals["region"] == region) & (signals["date"] == change.after)
            fallen = signals.assign(value=signals["value"] - fall * lowered)
            caught.append(canopy_change.changes(fallen)[region].cleared)
        rows.append({"fall": fall, "stands": len(caught), "taken for cleared": float(np.mean(caught))})
    return rows


if __name__ == "__main__":
    tables.show("beetle", beetle(Path(sys.argv[1])))
    for path in map(Path, sys.argv[2:]):
        tables.show(path.name, planted(path))
