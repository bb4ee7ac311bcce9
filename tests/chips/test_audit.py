import json
from dataclasses import asdict

import pandas as pd
import pytest

from rojsat.chips.audit import Leak, audit, distance


def table(*lefts, regions=None, hashes=None, crs="EPSG:32633", northing=0.0):
    """Chips of 10 x 10 pixels of 10 m, in a row from west to east."""
    count = len(lefts)
    return pd.DataFrame(
        {
            "region": regions or [str(number) for number in range(count)],
            "hash": hashes or [f"h{number}" for number in range(count)],
            "crs": crs,
            "transform": [[10.0, 0.0, left, 0.0, -10.0, northing] for left in lefts],
            "easting": lefts,
            "northing": northing,
            "height": 10,
            "width": 10,
        }
    )


def parts(*names):
    return pd.Series(names)


def test_regions_apart_are_clean_and_their_distance_is_from_edge_to_edge():
    report = audit(table(0.0, 400.0, 1000.0), parts("train", "val", "test"))
    assert report.distance == pytest.approx(900)
    assert not report.leaks and str(report).startswith("clean")
    assert report.chips == {"train": 1, "val": 1, "test": 1}
    json.dumps(asdict(report))


def test_same_regions_on_other_dates_are_a_leak():
    report = audit(table(0.0, 0.0, regions=["6", "6"]), parts("train", "test"))
    assert report.leaks == (Leak("regions", ("6",)),)
    assert str(report).startswith("leak: same regions (6)")


def test_equal_chips_are_a_leak():
    report = audit(table(0.0, 1000.0, hashes=["a", "a"]), parts("train", "test"))
    assert report.leaks == (Leak("chips", ("a",)),)
    assert str(report).startswith("leak: 1 test chips")


def test_chips_that_touch_are_a_leak():
    report = audit(table(0.0, 100.0), parts("train", "test"))
    assert report.leaks == (Leak("ground"),)
    assert str(report).startswith("leak: chips")


def test_no_common_system_has_no_distance():
    both = pd.concat([table(0.0), table(0.0, regions=["9"], hashes=["z"], crs="EPSG:32634")], ignore_index=True)
    report = audit(both, parts("train", "test"))
    assert report.distance is None
    assert not report.leaks and str(report).startswith("clean")


def test_web_mercator_is_corrected_to_the_ground():
    sixty_north = 8399737.89  # metres; cos(60 degrees) = 0.5
    west, east = (table(left, crs="EPSG:3857", northing=sixty_north) for left in (0.0, 1100.0))
    assert distance(west, east) == pytest.approx(500, rel=1e-4)
