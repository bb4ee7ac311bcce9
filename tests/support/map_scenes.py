"""Scenes of a young forest made of numbers, as files on the pixels of a UTM zone, and cards of models for them."""

import time
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from affine import Affine
from shapely.geometry import box

from rojsat.chips import plane_distribution
from rojsat.geo.scenes.catalog import Asset, Scene
from rojsat.geo.scenes.cog import write_cog
from rojsat.maps import map_making
from rojsat.maps.model_card import ModelCard

CRS = "EPSG:32633"
EAST, NORTH = 500000, 6400000

FOREST = {"B02": 0.022, "B03": 0.042, "B04": 0.027, "B05": 0.075, "B08": 0.26, "B11": 0.13, "B12": 0.062}
"""Typical reflectance of spruce in summer."""


def spectra(shape, seed=0):
    """Reflectance of a forest by band: pixels brighter or darker as one, a little noise of each band."""
    rng = np.random.default_rng(seed)
    light = np.exp(rng.normal(0, 0.15, shape))
    return {
        band: (value * light * np.exp(rng.normal(0, 0.08, shape))).astype(np.float32) for band, value in FOREST.items()
    }


def write_scene(folder, day, *, shape=(60, 80), scl=4, reflectance=None, scale=1e-4, offset=-0.1, crs=CRS):
    """A scene whose rasters hold `reflectance` (that of `spectra` by default), `scl` a class or an array of classes."""
    name, values = (
        f"S2A_{day.replace('-', '')}_022",
        spectra(shape, seed=int(day[-2:])) if reflectance is None else reflectance,
    )
    grid = {"transform": Affine(10, 0, EAST, 0, -10, NORTH), "crs": crs, "nodata": 0}
    arrays = {
        band: np.clip(np.rint((plane - offset) / scale), 1, 65534).astype(np.uint16) for band, plane in values.items()
    }
    arrays["SCL"] = np.broadcast_to(np.asarray(scl, np.uint8), shape).copy()
    assets = {}
    for asset, array in arrays.items():
        path = write_cog(folder / name / f"{asset}.tif", array, **grid)
        units = (1.0, 0.0) if asset == "SCL" else (scale, offset)
        assets[asset] = Asset(str(path), shape, grid["transform"], str(array.dtype), 0, *units)
    return Scene(name, pd.Timestamp(f"{day}T10:20:31Z"), 22, crs, assets)


def stands(*boxes, crs=CRS):
    """Rectangles by column, row, width and height in pixels, with ids from a."""
    shapes = [
        box(EAST + 10 * col, NORTH - 10 * (row + height), EAST + 10 * (col + width), NORTH - 10 * row)
        for col, row, width, height in boxes
    ]
    return gpd.GeoDataFrame({"region": [chr(97 + n) for n in range(len(boxes))]}, geometry=shapes, crs=CRS).to_crs(crs)


def card(**changes):
    """A model of windows of 8 pixels on B04 and B08, trained on this forest."""
    pixels = {band: values.ravel() for band, values in spectra((100, 100), seed=99).items() if band in ("B04", "B08")}
    made = ModelCard(
        names=("B04", "B08"),
        dates=(),
        window=8,
        outputs=1,
        threshold=0.5,
        target="degree of need",
        shape=(8, 8),
        boa=tuple(FOREST),
        toa=(),
        resampling="bilinear",
        cloud_margin=0,
        months=(7, 8),
        distribution=plane_distribution.describe(pixels),
        calibration=None,
        verdict="R² 0.2; the best predictor without an image has 0.1",
        leak=False,
        run="made",
    )
    return replace(made, **changes)


def predict_group(group, folder, seconds):
    """Predict a group of cells as a worker does, by three times B08, each taking some seconds."""

    def predict_image(image, needed, cell):
        time.sleep(seconds)
        return 3 * image[1]

    for _ in map_making.predict_groups([group], card(), predict_image, Path(folder)):
        pass
