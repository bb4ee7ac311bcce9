"""Spread of the spectra of pure covers, from real pixels: `python -m bench.pure_spread FOLDER`.

FOLDER is that of the data set beetle (`data.root`): Sentinel-2 composites of September 2020 with a forest map. For
conifers and for broadleaves, each share is a variance relative to that of all pixels of the class of all sites, as
`rojsat/geo/sources/simulated/data/spectra.csv` has it; mean over the 12 bands.

Pure: pixels 3 pixels off the edge of their class, and of these the quarter that differs least from its neighbours.
* between sites: variance of the means of sites, pure pixels;
* unit: of pure pixels, within sites but between neighbourhoods of 60 m;
* near, pixel: within 60 m, of larger and smaller structure than 3 x 3 pixels. Twice: of the pure pixels, which were
  chosen for being quiet (a lower bound), and of all pixels off the edge, which hold gaps (an upper bound).
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from scipy import ndimage

from bench import tables

CLASSES = {"conifer": 2, "broadleaf": 1}
"""Codes of the forest map."""
AROUND = 9  # pixels of 6.5 m on the ground: 60 m
FEWEST = 50  # pixels of a class in a site

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Site:
    """Pixels of one class in one site.

    Attributes:
        pixels: (N, 12) reflectance.
        around: (N, 12) mean of the class's pixels within 60 m.
        close: (N, 12) mean of 3 x 3 pixels.
        inner: (N,) True 3 pixels off the edge of the class.
        roughness: (N,) relative deviation among 3 x 3 pixels, mean over bands.
    """

    pixels: Array
    around: Array
    close: Array
    inner: NDArray[np.bool_]
    roughness: Array


def sites(folder: Path, code: int) -> Iterator[Site]:
    """The sites with enough undamaged pixels of a class."""
    for path in sorted((folder / "scenes").glob("*_2020-09.tif")):
        name = path.name.split("_")[0]
        with (
            rasterio.open(path) as scene,
            rasterio.open(folder / "masks" / f"{name}.tif") as damage,
            rasterio.open(folder / "forest" / f"{name}.tif") as forest,
        ):
            bands = scene.read().astype(float) / 10_000
            member = (forest.read(1) == code) & (damage.read(1) == 0) & (bands > 0).all(0)
        if member.sum() >= FEWEST:
            yield _site(bands, member)


def _site(bands: Array, member: NDArray[np.bool_]) -> Site:
    share = ndimage.uniform_filter(member.astype(float), AROUND, mode="constant") + 1e-9
    around = np.stack([ndimage.uniform_filter(band * member, AROUND, mode="constant") / share for band in bands])
    close = np.stack([ndimage.uniform_filter(band, 3) for band in bands])
    square = np.stack([ndimage.uniform_filter(band**2, 3) for band in bands])
    roughness = (np.sqrt(np.maximum(square - close**2, 0)) / close).mean(0)
    inner = ndimage.binary_erosion(member, np.ones((5, 5)))
    return Site(bands[:, member].T, around[:, member].T, close[:, member].T, inner[member], roughness[member])


def shares(members: list[Site]) -> dict[str, float]:
    """The variances of the module's docstring, relative to that of all pixels, mean over bands."""
    inner = np.concatenate([site.inner for site in members])
    roughness = np.concatenate([site.roughness for site in members])
    pure = inner & (roughness < np.quantile(roughness[inner], 0.25))
    pixels, around, close = (
        np.concatenate([getattr(site, name) for site in members]) for name in ("pixels", "around", "close")
    )
    number = np.repeat(np.arange(len(members)), [len(site.pixels) for site in members])
    total = pixels.var(0)
    count = np.bincount(number[pure], minlength=len(members))
    sums = np.stack([np.bincount(number[pure], band, minlength=len(members)) for band in pixels[pure].T], 1)
    means = (sums / np.maximum(count, 1)[:, None])[number[pure]]
    within, near = (pixels[pure] - means).var(0), (pixels - around).var(0, where=pure[:, None])
    result = {"between sites": means.var(0), "unit": within - near}
    for name, chosen in (("of pure", pure), ("off the edge", inner)):
        single = (pixels - close).var(0, where=chosen[:, None])
        result |= {f"near, {name}": (pixels - around).var(0, where=chosen[:, None]) - single, f"pixel, {name}": single}
    return {name: float((variance / total).mean()) for name, variance in result.items()}


def main(folder: Path, path: Path) -> None:
    """Measure both classes, print the table, write the JSON."""
    rows: list[dict[str, Any]] = [{"class": name} | shares(list(sites(folder, code))) for name, code in CLASSES.items()]
    rows.append(
        {"class": "mean"} | {key: float(np.mean([row[key] for row in rows])) for key in rows[0] if key != "class"}
    )
    tables.show("Variance of pure covers, relative to that of their class", rows)
    tables.write(path, {"shares": rows})


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("name the folder of the data set beetle: python -m bench.pure_spread FOLDER [JSON]")
    main(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "reports/bench/pure_spread.json"))
