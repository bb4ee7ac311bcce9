import pytest
from affine import Affine
from odc.geo.geobox import GeoBox

from rojsat.geo.cutting import padding
from rojsat.geo.cutting.regions import Region, region_facts


def regions(*shapes, role="stand"):
    """A region of each height and width, pixels."""
    grids = [GeoBox(shape, Affine(10, 0, 500000, 0, -10, 6400000), "EPSG:32633") for shape in shapes]
    return [Region(f"s{number}", role, None, None, grid, ()) for number, grid in enumerate(grids)]


@pytest.mark.parametrize(
    ("given", "part"),
    [
        (
            regions((8, 8), (558, 558), (6, 9)),
            "region 's1' makes all 3 stand chips a date 558 x 558 pixels, where the "
            "others need 8 x 9: data.chips.size=9",
        ),
        (regions((8, 8), (15, 15), (6, 9)), None),  # 3.1 times
        (regions((558, 558)), None),  # alone
        (regions((558, 558), (550, 540), (6, 9)), None),  # two
        (regions((558, 558)) + regions((8, 8), role="control"), None),
    ],
)
def test_one_region_that_makes_all_chips_large_is_named(given, part, caplog):
    padding.warn(given, region_facts(given))
    assert (part in caplog.text) if part else not caplog.text
