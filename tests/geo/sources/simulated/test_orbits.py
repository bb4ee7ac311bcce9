"""Scenes on dates come from the overpasses nearest to them."""

import pytest

from rojsat.geo.sources.simulated import orbits


def test_each_date_gives_the_nearest_overpass_of_the_orbit_that_sees_everything():
    scenes = orbits.on_dates(["2019-10-03", "2019-05-01"], seed=0)
    assert [f"{scene.time:%Y-%m-%d}" for scene in scenes] == ["2019-05-02", "2019-10-04"]
    assert {scene.orbit for scene in scenes} == {65} and all(0 <= scene.cover <= 0.15 for scene in scenes)


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        (["May"], "'May' is no date; write them as '2019-05-02'"),
        (["2019-01-02"], "2019-01-02 is not between 2019-03-20 and 2019-11-01"),
        (["2019-07-10", "2019-07-12"], "an overpass twice"),
    ],
)
def test_a_date_without_an_overpass_of_its_own_is_refused(dates, message):
    with pytest.raises(ValueError, match=message):
        orbits.on_dates(dates, seed=0)
