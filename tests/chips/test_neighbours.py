import numpy as np
import pandas as pd
import pytest

from rojsat.chips.neighbours import distance, drop_near, neighbours


def table(*lefts, crs="EPSG:32633", northing=0.0):
    """One chip a region, 10 x 10 pixels of 10 m, from west to east."""
    return pd.DataFrame(
        {
            "region": [str(number) for number in range(len(lefts))],
            "crs": crs,
            "transform": [[10.0, 0.0, left, 0.0, -10.0, northing] for left in lefts],
            "easting": lefts,
            "northing": northing,
            "height": 10,
            "width": 10,
        }
    )


def test_web_mercator_is_corrected_to_the_ground():
    sixty_north = 8399737.89  # metres; cos(60 degrees) = 0.5
    west, east = (table(left, crs="EPSG:3857", northing=sixty_north) for left in (0.0, 1100.0))
    assert distance(west, east) == pytest.approx(500, rel=1e-4)


def test_neighbours_are_pairs_of_different_parts():
    pairs = neighbours(table(0.0, 150.0, 400.0), pd.Series(["train", "train", "test"]))
    assert list(zip(pairs["region"], pairs["other"], pairs["gap"], strict=True)) == [("0", "2", 300), ("1", "2", 150)]
    assert not len(neighbours(table(0.0, 150.0), pd.Series(["train", "unused"])))


def test_near_regions_of_validation_are_left_out_before_those_of_training():
    rows = table(0.0, 150.0, 300.0, 1000.0, 2000.0)
    split = drop_near(rows, pd.Series(["train", "val", "test", "val", "train"]), 120)
    assert list(split) == ["train", "unused", "test", "val", "train"]


def test_all_regions_too_near_is_an_error():
    with pytest.raises(ValueError, match=r"every region of train is nearer than 120 m.*split.distance"):
        drop_near(table(0.0, 150.0, 1000.0), pd.Series(["train", "test", "val"]), 120)


def test_distances_agree_with_a_slow_count():
    rng = np.random.default_rng(0)
    rows = table(*(10.0 * rng.integers(0, 200, 12)))
    split = pd.Series(rng.choice(["train", "val", "test"], 12))
    pairs = neighbours(rows, split).set_index(["region", "other"])["gap"]
    for first, second in pairs.index:
        apart = abs(rows["easting"][int(first)] - rows["easting"][int(second)])
        assert pairs[first, second] == max(0, apart - 100)
