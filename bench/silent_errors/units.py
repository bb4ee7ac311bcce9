"""Mistakes in the numbers of GeoTIFFs, in their dates, and in which mask belongs to which."""

from pathlib import Path

import numpy as np
import pandas as pd
import rasterio
from affine import Affine

from bench.silent_errors import by_hand, ground
from bench.silent_errors.ground import DAY, EAST, NORTH
from bench.silent_errors.sandbox import Sandbox
from bench.silent_errors.trials import Trial, case

RED = ground.BANDS.index("B04") + 1
"""Band of the scenes' files that holds red."""


def _trial(sandbox: Sandbox, raster: Path, *more: str, scale: float = 1e-4) -> Trial:
    """The mean red reflectance of a stand, by both."""
    stands = sandbox.archive / "stands.gpkg"
    ground.stands().to_file(stands)

    def by_rojsat() -> float:
        sandbox.make(ground.tiff_words(sandbox.archive, *more))
        return sandbox.mean("n1")

    return Trial(
        ground.mean("n1"), by_rojsat, lambda: by_hand.stand_mean(raster, stands, "n1", band=RED, scale=scale), 6e-3
    )


@case(names="float32")
def reflectance_as_float32(sandbox: Sandbox) -> Trial:
    """Reflectance is stored as 32-bit floating point numbers from 0 to 1, not as whole numbers to be scaled."""
    planes = [ground.reflectance(band).astype(np.float32) for band in ground.BANDS]
    return _trial(sandbox, ground.write_scene(sandbox.archive, planes=planes))


@case(names="per cent|percent|reflectance above")
def reflectance_in_per_cent(sandbox: Sandbox) -> Trial:
    """Reflectance is stored in per cent, 0 to 100, as whole numbers of 16 bits, and nothing in the file says so."""
    planes = [np.round(100 * ground.reflectance(band)).astype(np.uint16) for band in ground.BANDS]
    return _trial(sandbox, ground.write_scene(sandbox.archive, planes=planes))


@case(names="picture|colour|reflectance above")
def colours_in_sixteen_bits(sandbox: Sandbox) -> Trial:
    """A picture for looking at, 0 to 255, was converted to 16 bits by another program and is given as reflectance."""
    planes = [np.clip(ground.reflectance(band) * 710, 1, 255).astype(np.uint16) for band in ground.BANDS]
    return _trial(sandbox, ground.write_scene(sandbox.archive, planes=planes))


@case(names="no date|date")
def day_first_in_the_names(sandbox: Sandbox) -> Trial:
    """The names of the files say 12102010 for 12 October 2010, the pattern expects the year first."""
    ground.write_scene(sandbox.archive, "12102010")
    ground.stands().to_file(sandbox.archive / "stands.gpkg")

    def by_rojsat() -> str:
        sandbox.make(ground.tiff_words(sandbox.archive))
        return str(sandbox.chips.index["date"].iloc[0])

    def by_script() -> str:
        stem = next(sandbox.archive.glob("a_????????.tif")).stem
        return f"{pd.to_datetime(stem[2:]):%Y-%m-%d}"

    return Trial("2010-10-12", by_rojsat, by_script)


@case(names="pixels|place|grid")
def masks_of_two_sites_swapped(sandbox: Sandbox) -> Trial:
    """The mask rasters of two sites bear each other's names; each states its own place."""
    rasters = {}
    for site, west in (("a", EAST), ("b", EAST + 600)):
        transform = Affine(10, 0, west, 0, -10, NORTH)
        rasters[site] = ground.write_scene(sandbox.archive, site=site, classes=None, transform=transform)
        scl = [np.full((30, 30), 4, np.uint8)]
        ground.write_tiff(sandbox.archive / f"{site}_{DAY}_scl.tif", scl, transform=Affine(20, 0, west, 0, -20, NORTH))
        degrees = np.zeros((60, 60), np.float32)
        corner = 10 if site == "a" else 40
        degrees[corner : corner + 8, corner : corner + 8] = 1
        other = sandbox.archive / "masks" / f"{'b' if site == 'a' else 'a'}.tif"
        ground.write_tiff(other, [degrees], transform=transform)
    labels = (
        "data.labels.source=rasters",
        "data.options.label_rasters='masks/{site}.tif'",
        "data.options.role=clearing",
    )

    def by_rojsat() -> float:
        sandbox.make(ground.tiff_words(sandbox.archive, *labels, regions=()))
        chips = sandbox.chips
        name = str(chips.index.loc[chips.index["region"] == "a", "chip"].iloc[0])
        return float(chips.read(name).plane("B04")[chips.mask(name) > 0.5].mean())

    return Trial(
        ground.mean("n1"),
        by_rojsat,
        lambda: by_hand.masked_mean(rasters["a"], sandbox.archive / "masks" / "a.tif", band=RED),
    )


@case(names="cop(y|ies)|half|resolution|pixel")
def degrees_of_a_coarser_raster(sandbox: Sandbox) -> Trial:
    """The raster of degrees has pixels of 20 m, the scene pixels of 10 m; both begin at the same corner."""
    raster = ground.write_scene(sandbox.archive)
    degrees = np.zeros((30, 30), np.float32)
    degrees[5:9, 5:9] = 1
    mask = ground.write_tiff(sandbox.archive / "masks" / "a.tif", [degrees])
    labels = (
        "data.labels.source=rasters",
        "data.options.label_rasters='masks/{site}.tif'",
        "data.options.role=clearing",
    )

    def by_rojsat() -> float:
        sandbox.make(ground.tiff_words(sandbox.archive, *labels, regions=()))
        chips = sandbox.chips
        name = str(chips.index["chip"].iloc[0])
        return float(chips.read(name).plane("B04")[chips.mask(name) > 0.5].mean())

    def by_script() -> float:
        """Both read from the upper-left corner, as many pixels as the smaller has."""
        with rasterio.open(raster) as source, rasterio.open(mask) as need:
            chosen = need.read(1) > 0.5
            return float((source.read(RED)[: len(chosen), : len(chosen)] * 1e-4)[chosen].mean())

    return Trial(ground.mean("n1"), by_rojsat, by_script)
