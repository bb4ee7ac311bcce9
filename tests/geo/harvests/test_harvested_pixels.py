"""Days since harvest on a grid of four by four pixels of 10 m, by the centres of the pixels."""

from datetime import date

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from shapely.geometry import box

from rojsat.geo.harvests import harvested_pixels
from rojsat.geo.harvests.harvested_pixels import HarvestedPixels

CRS = "EPSG:3006"
GRID = GeoBox((4, 4), Affine(10, 0, 0, 0, -10, 40), CRS)
ALL = np.ones((4, 4), bool)


def harvests(*rows):
    """Rows of a day, and left, top, right, bottom in pixels."""
    outlines = [box(10 * left, 40 - 10 * bottom, 10 * right, 40 - 10 * top) for _, left, top, right, bottom in rows]
    return gpd.GeoDataFrame({"date": [row[0] for row in rows]}, geometry=outlines, crs=CRS)


def test_the_latest_harvest_before_a_day_wins_and_a_later_one_is_not_seen():
    pixels = harvested_pixels.on_grid(
        harvests(("2010-06-01", 0, 0, 4, 2), ("2018-06-01", 0, 0, 2, 2), ("2020-06-01", 0, 0, 4, 4)), GRID, ALL
    )
    assert pixels.before("2010-06-01").max() == 0  # a harvest on the very day is not seen
    ten_days = pixels.before("2010-06-11")
    assert ten_days[:2].tolist() == [[10] * 4] * 2 and ten_days[2:].max() == 0
    after_two = pixels.before("2018-06-02")
    assert after_two[0].tolist() == [1, 1, 2923, 2923] and after_two[3].max() == 0
    assert (pixels.before("2020-06-02") == 1).all()


def test_a_pixel_is_harvested_where_its_centre_is():
    pixels = harvested_pixels.on_grid(harvests(("2010-06-01", 0.6, 0, 2.4, 1)), GRID, ALL)
    assert (pixels.before("2011-01-01") > 0)[0].tolist() == [False, True, False, False]


@pytest.mark.parametrize(("columns", "years"), [(4, 365 / 365.25), (2, 365 / 365.25), (1, float("nan"))])
def test_a_region_has_years_where_a_harvest_of_half_of_it_is_known(columns, years):
    pixels = harvested_pixels.on_grid(harvests(("2010-06-01", 0, 0, columns, 4)), GRID, ALL)
    assert pixels.years("2011-06-01") == pytest.approx(years, nan_ok=True)
    inside = np.zeros((4, 4), bool)
    inside[:, 0] = True  # of the region itself all pixels are harvested
    own = harvested_pixels.on_grid(harvests(("2010-06-01", 0, 0, columns, 4)), GRID, inside)
    assert own.years("2011-06-01") == pytest.approx(365 / 365.25)


def test_no_harvest_near_leaves_everything_unknown():
    for table in (harvests(), harvests(("2010-06-01", 90, 90, 91, 91))):
        pixels = harvested_pixels.on_grid(table, GRID, ALL)
        assert pixels.before("2020-01-01").max() == 0 and np.isnan(pixels.years("2020-01-01"))


DAYS = st.dates(date(1950, 1, 1), date(2050, 1, 1)).map(str)


@given(days=st.lists(DAYS, max_size=6, unique=True), day=DAYS, seed=st.integers(0, 9))
def test_harvests_on_the_day_and_later_change_nothing(days, day, seed):
    days, pixels = sorted(days), np.random.default_rng(seed).random((len(days), 4, 4)) < 0.6
    known = [harvest < day for harvest in days]
    within = HarvestedPixels(tuple(days), pixels, ALL)
    without = HarvestedPixels(tuple(np.array(days)[known].tolist()), pixels[np.array(known, bool)], ALL)
    assert np.array_equal(without.before(day), within.before(day))
    assert without.years(day) == pytest.approx(within.years(day), nan_ok=True)
