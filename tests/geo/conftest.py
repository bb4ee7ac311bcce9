"""A small world with known numbers: 600 m of ground, three scenes, bands at 10, 20 and 60 m."""

import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
from affine import Affine
from shapely.geometry import box

from rojsat.geo.gps import cleaning, tracks
from rojsat.geo.gps.points import Points
from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.cog import write_cog
from rojsat.geo.vectors import region_files

CRS = "EPSG:32633"
EAST, NORTH = 500000, 6400000  # upper-left corner
NODATA = 65535
CLOUDY, HALF = "2019-08-02", "2019-08-03"


def ground(left, top, right, bottom):
    """A box in 10 m pixels from the upper-left corner."""
    return box(EAST + 10 * left, NORTH - 10 * bottom, EAST + 10 * right, NORTH - 10 * top)


REGIONS = gpd.GeoDataFrame(
    [
        ("1", "clearing", None, ground(10, 20, 25, 30)),  # 10 rows, 15 columns
        ("2", "clearing", None, ground(30.4, 30.4, 41.6, 45.6)),  # edges inside pixels: 16 rows, 12 columns
        ("4", "clearing", None, ground(50, 50, 55, 55)),  # nobody walked here
        ("far", "control", "housing", ground(900, 900, 910, 910)),
        ("n", "stand", "need", ground(12, 22, 18, 28)),
        ("c", "stand", "clear", ground(16, 22, 24, 28)),  # overlaps n by two columns
    ],
    columns=["region", "role", "label", "geometry"],
    crs=CRS,
).assign(cleared=None)


def planes(day):
    """Stored numbers of each asset; a 10 m pixel of B02 encodes its row and column."""
    row, col = np.mgrid[:60, :60]
    blue = (1000 + 60 * row + col + day).astype(np.uint16)
    red = np.full((60, 60), 3000, np.uint16)
    edge = (2000 + 100 * np.mgrid[:30, :30][1]).astype(np.uint16)  # grows by 100 each 20 m to the east
    coast = np.full((10, 10), 1500, np.uint16)
    coast[5, 5] = NODATA  # 10 m pixels 30 to 35
    red[0, 0], red[20, 10] = 0, 0  # a reflectance, not nodata
    scl = np.full((30, 30), 4, np.uint8)
    if day == 2:
        scl[:] = 9
    scl[10, 5] = 8  # upper-left corner of region 1
    if day == 3:
        blue[:, 17:] = NODATA
    tci = np.stack([row, col, row + col]).astype(np.uint8) + 1
    cirrus = np.full((10, 10), 7, np.uint16)
    return {"B01": coast, "B02": blue, "B04": red, "B05": edge, "SCL": scl, "TCI": tci, "TOA-B10": cirrus}


def write_scene(raw, day):
    name, assets = f"s{day}", {}
    for key, array in planes(day).items():
        step = 600 // array.shape[-1]
        transform = Affine(step, 0, EAST, 0, -step, NORTH)
        optical = array.dtype == np.uint16
        nodata, scale, offset = (NODATA, 1e-4, -0.1) if optical else (0, 1.0, 0.0)
        path = raw / name / f"{key}.tif"
        write_cog(path, array, transform=transform, crs=CRS, nodata=nodata)
        assets[key] = catalog.Asset(str(path), array.shape[-2:], transform, str(array.dtype), nodata, scale, offset)
    time = pd.Timestamp(f"2019-08-0{day}T10:00", tz="UTC")
    return catalog.Scene(name, time, 65, CRS, assets)


def points(counts):
    """GPS points: so many in each 10 m pixel (row, column), each of a track of its own."""
    xy = [(EAST + 10 * c + 5, NORTH - 10 * r - 5) for (r, c), n in counts.items() for _ in range(n)]
    x, y = np.array(xy, float).T
    time, track = np.full(len(x), "2019-08-05", "datetime64[ms]"), np.arange(len(x), dtype=np.int32)
    clearing = REGIONS[REGIONS["role"] == "clearing"]
    names = tuple(clearing["region"]), tuple(map(str, track))
    return Points(x, y, time, cleaning.assign(x, y, clearing), track, *names, pyproj.CRS(CRS), {"points": len(x)})


POINTS = {(20, 10): 60, (21, 11): 30, (29, 24): 20, (35, 35): 200, (51, 51): 3}


@pytest.fixture
def world(pristine, tmp_path):
    """A raw data set of its own for each test."""
    return shutil.copytree(pristine, tmp_path / "raw")


@pytest.fixture(scope="session")
def pristine(tmp_path_factory):
    """The raw data set, written once."""
    raw = tmp_path_factory.mktemp("world") / "raw"
    catalog.write(raw, [write_scene(raw, day) for day in (1, 2, 3)], description="small world")
    region_files.write_regions(REGIONS, raw / "regions.gpkg")
    tracks.write_tracks(points(POINTS), raw / "gps.parquet")
    return raw
