"""Regions are made when they are asked for: memory grows by some bytes a region and a date, not by objects."""

import pickle
import tracemalloc

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine

from rojsat.geo.cutting import overpasses
from rojsat.geo.cutting.regions import RegionRows, region_facts
from rojsat.geo.scenes.catalog import Asset, Scene
from rojsat.geo.scenes.grid import region_grids

CRS, EAST, NORTH, DATES = "EPSG:32633", 500000, 6400000, 10


def planned(count):
    """Visits of so many regions of 20 x 20 pixels, each shown by all scenes, and the bytes that they hold."""
    row, col = np.divmod(np.arange(count), 50)
    left, top = EAST + 300 * col, NORTH - 300 * row
    columns = {"region": [f"s{n}" for n in range(count)], "role": "stand", "label": None, "cleared": None}
    table = gpd.GeoDataFrame(columns, geometry=shapely.box(left, top - 200, left + 200, top), crs=CRS)
    asset = Asset("a.tif", (30 * (count // 50 + 1), 1500), Affine(10, 0, EAST, 0, -10, NORTH), "uint16")
    days = pd.date_range("2019-07-01", periods=DATES, tz="UTC")
    scenes = [Scene(f"{day:%d}", day, 65, CRS, {"B02": asset}) for day in days]
    tracemalloc.start()
    rows = RegionRows(table, region_grids(scenes, table))
    visits = overpasses.plan(scenes, rows, region_facts(rows))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return visits, held


def test_visits_of_many_regions_on_many_dates_take_few_bytes_each():
    (few, held_by_few), (many, held_by_many) = planned(100), planned(700)
    assert [len(visits) for visits in few] == [100] * DATES and [len(visits) for visits in many] == [700] * DATES
    bytes_a_region = (held_by_many - held_by_few) / 600
    assert bytes_a_region < 450  # a region as an object takes 2,000, its visits on ten dates 2,000 more


def test_visits_that_are_sent_elsewhere_are_their_own_regions_alone():
    visits, _ = planned(120)
    sent = pickle.loads(pickle.dumps(visits[0]))
    assert sent == tuple(visits[0]) and visits[0][-1] == sent[-1] and visits[0][2:4] == [*sent[2:4]]
