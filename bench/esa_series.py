"""A series of ESA's L2A products at real size, made by the tests' builder: JPEG 2000, one tile of 110 km.

Ground of random numbers blurred over 200 m, with noise of 0.003 of reflectance: a band of 10 m takes about as many
bytes as a real one. All dates are links to one set of images.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import zoom

from rojsat.chips.bands import BOA, RESOLUTION
from rojsat.geo import masks
from rojsat.geo.sources.safe import source
from rojsat.geo.vectors import region_files
from tests.support import safe_products

SIDE = 10_980
"""Rows and columns of a tile, 10 m pixels."""

TILE, CRS, CORNER = "33VXG", safe_products.CRS, (600_000, 6_500_040)
FIRST, STEP = pd.Timestamp("2019-07-01T10:10:31"), pd.Timedelta(5, "D")
STRIPES = 1000
"""Rows that noise is added to at a time."""


class Ground(Mapping[str, NDArray[np.float32]]):
    """Reflectance by band, made when it is asked for, always the same."""

    def __init__(self, side: int) -> None:
        self._side = side

    def __iter__(self) -> Iterator[str]:
        return iter(BOA)

    def __len__(self) -> int:
        return len(BOA)

    def __getitem__(self, band: str) -> NDArray[np.float32]:
        rng, side = np.random.default_rng([*BOA].index(band)), self._side * 10 // RESOLUTION[band]
        plane = smooth(rng, side)
        plane *= 0.3
        plane += 0.05
        for start in range(0, side, STRIPES):
            stripe = plane[start : start + STRIPES]
            stripe += 0.003 * rng.standard_normal(stripe.shape, np.float32)
        return plane.clip(0.001)


def smooth(rng: np.random.Generator, side: int) -> NDArray[np.float32]:
    """(side, side) in [0, 1), blurred over 20 pixels."""
    return np.ascontiguousarray(zoom(rng.random((side // 20 + 2,) * 2, np.float32), 20, order=1)[:side, :side])


def build(folder: Path, *, side: int = SIDE, dates: int) -> list[Path]:
    """Write products, `folder/products/*.SAFE`; the images of all but the first are links.

    Args:
        folder: the first product stays where it is there already.
        side: rows and columns of a tile, 10 m pixels, a multiple of 6.
        dates: number of products.

    Returns:
        Their folders.
    """
    home = folder / "products"
    first = next(iter(sorted(home.glob("*.SAFE"))), None)
    if first is None:
        (partial := folder / "partial").mkdir(parents=True, exist_ok=True)
        scl = np.where(smooth(np.random.default_rng(99), side // 2) < 0.1, 9, 4).astype(np.uint8)
        facts = {"tile": TILE, "sensing": stamp(0), "strip": stamp(0), "corner": CORNER, "crs": CRS}
        product = safe_products.write_product(partial, ground=Ground(side), scl=scl, tiled=True, **facts)
        home.mkdir()
        first = product.rename(home / product.name)
    return [first, *(_linked(first, stamp(number)) for number in range(1, dates))]


def stamp(number: int) -> str:
    """Sensing time of a date as names of products have it."""
    return f"{FIRST + number * STEP:%Y%m%dT%H%M%S}"


def _linked(product: Path, sensing: str) -> Path:
    """A product of another day whose images are links to those of the first."""
    texts = {stamp(0): sensing, f"{FIRST:%Y-%m-%dT%H:%M:%S}": f"{pd.Timestamp(sensing):%Y-%m-%dT%H:%M:%S}"}

    def dated(text: str) -> str:
        for before, after in texts.items():
            text = text.replace(before, after)
        return text

    linked = product.with_name(dated(product.name))
    for path in sorted(path for path in product.rglob("*") if path.is_file()):
        other = linked / dated(str(path.relative_to(product)))
        other.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".xml":
            other.write_text(dated(path.read_text()))
        elif not other.is_symlink():
            other.symlink_to(path)
    return linked


def deliver(folder: Path, regions: gpd.GeoDataFrame) -> None:
    """The raw data set of the products in `folder`, read as any user's, with these regions and no masks."""
    (raw := folder / "raw").mkdir()
    source.write(raw, regions, root=folder / "products")
    region_files.write_regions(regions, raw / "regions.gpkg")
    (folder / "masks").mkdir()
    masks.write(raw, folder / "masks", source="unlabelled")


def flat(folder: Path, products: list[Path]) -> None:
    """Links to all images in one folder, `dates/<day>/T33VXG_<day>_<band>.jp2`, for readers that go by such names."""
    for product in products:
        for path in product.rglob("IMG_DATA/R*m/*.jp2"):
            tile, day, band, metres = path.stem.split("_")
            if int(metres.removesuffix("m")) == (20 if band == "SCL" else RESOLUTION.get(band, 10)):
                link = folder / "dates" / day[:8] / f"{tile}_{day[:8]}_{band}.jp2"
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(path)
