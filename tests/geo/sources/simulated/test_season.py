"""The sun stands where almanacs put it, leaves turn in autumn, fields add up."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest

from rojsat.chips.bands import BOA
from rojsat.geo.sources.simulated import orbits, season
from rojsat.geo.sources.simulated.layout import LAYOUTS, SPRING


@pytest.mark.parametrize(
    ("time", "zenith", "azimuth"),
    [  # NOAA solar calculator, 58.42 N 15.6 E, to a degree
        (datetime(2019, 7, 23, 10, 20, tzinfo=UTC), 39.0, 164.0),
        (datetime(2019, 9, 21, 10, 20, tzinfo=UTC), 58.0, 169.0),
        (datetime(2019, 10, 31, 10, 20, tzinfo=UTC), 73.0, 173.0),
    ],
)
def test_the_sun(time, zenith, azimuth):
    sun = season.sun(time)
    assert abs(sun.zenith - zenith) < 1.5 and abs(sun.azimuth - azimuth) < 4


def test_leaves_turn_once_and_late_ones_later():
    days = [season.turned("leaves", day, np.zeros(1, np.float32))[0] for day in range(180, 305)]
    assert np.all(np.diff(days) > 0) and days[0] < 0.01 and days[-1] > 0.99
    assert season.turned("shrub", 262, np.array([8.0]))[0] < season.turned("shrub", 262, np.zeros(1))[0]


def test_overpasses_come_every_five_days_an_orbit():
    for orbit, day in ((22, 23), (65, 26), (108, 29)):  # Sentinel-2A in July 2019
        overpasses = orbits._overpasses(orbit, orbits._SPRING, orbits._END)
        assert {(later[0] - earlier[0]).days for earlier, later in pairwise(overpasses)} == {5}
        assert ((7, day), "sentinel-2a") in [((t.month, t.day), name) for t, name in overpasses]


def test_scenes_are_as_many_as_ordered_and_within_the_season():
    acquisitions = orbits.acquisitions(LAYOUTS["full"], 0)
    assert [sum(item.orbit == orbit for item in acquisitions) for orbit, _ in LAYOUTS["full"].scenes] == [9, 7, 7]
    assert {item.time.month for item in acquisitions} == {7, 8, 9, 10}
    assert len({item.name for item in acquisitions}) == len(acquisitions)


def test_a_year_has_the_scenes_of_the_summer_and_more_before_them():
    summer = orbits.acquisitions(LAYOUTS["quick"], 0)
    year = orbits.acquisitions(replace(LAYOUTS["quick"], spring=SPRING["quick"]), 0)
    assert [item for item in year if item.time.month >= 7] == summer
    assert len(year) == len(summer) + 7 and {item.time.month for item in year} <= set(range(3, 11))


def test_everything_is_green_in_summer_and_bare_before_april():
    lag = np.array([-20, 0, 20], np.float32)
    for kind in ("leaves", "shrub", "grass"):
        assert not season.bare(kind, 182, lag).any()
        assert season.bare(kind, 85, lag).all()
        middle = season.bare(kind, season._OUT[kind], lag)
        assert middle[0] == 0 and 0 < middle[1] < 1 and middle[2] == 1


def test_leaves_that_come_raise_the_infrared_and_lower_the_red():
    look = season.bare_look("leaves")
    assert look[BOA.index("B08")] < 1 < look[BOA.index("B04")]
