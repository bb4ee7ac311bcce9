import dataclasses

import numpy as np
import pandas as pd
import pytest

from rojsat.learn.data import negatives
from tests.support.learning import CHANNELS
from tests.support.stores import in_memory


def near_and_far(gaps, doubtful=()):
    """A store of chips labelled clear, and a table of test chips, `gaps` metres to the left of each of the first."""
    store = in_memory(regions=len(gaps), dates=2)
    index = store.index.assign(label="clear", role="stand", width=8, height=9, row=0, col=0)
    index["easting"] = [1e4 * int(region[1:]) for region in index["region"]]
    held = pd.concat(
        [
            index.iloc[[2 * number]].assign(easting=lambda r, g=gap: r["easting"] - 80 - g)
            for number, gap in enumerate(gaps)
        ]
    ).assign(part="test")
    others = [index.iloc[[0]].assign(label=None, role="clearing", region="x", **box) for box in doubtful]
    return dataclasses.replace(store, index=pd.concat([index, *others], ignore_index=True)), index, held


def test_what_comes_near_validation_or_test_is_left_out():
    store, rows, held = near_and_far([0, 119, 120, 5000])
    samples = negatives.read(store, rows, CHANNELS, held, dates=None)
    assert sorted(samples.rows["region"].unique()) == ["r2", "r3"]
    samples = negatives.read(store, rows, CHANNELS, held.assign(part="train"), dates=None)
    assert sorted(samples.rows["region"].unique()) == ["r0", "r1", "r2", "r3"]


def test_what_comes_near_a_control_area_is_left_out():
    store, rows, held = near_and_far([5000, 5000])
    control = store.index.iloc[[2]].assign(
        label=None, role="control", region="p1", easting=lambda r: r["easting"] - 100
    )
    store = dataclasses.replace(store, index=pd.concat([store.index, control], ignore_index=True))
    samples = negatives.read(store, rows, CHANNELS, held, dates=None)
    assert samples.rows["region"].unique().tolist() == ["r0"]


def test_where_all_are_near_it_says_so():
    store, rows, held = near_and_far([0, 10])
    with pytest.raises(ValueError, match="no chip labelled clear is 120 m away .* 2 regions are too near"):
        negatives.read(store, rows, CHANNELS, held, dates=None)


def test_all_seen_pixels_are_known_to_be_0_but_where_another_region_may_hold_need():
    corner = {"easting": 45.0, "northing": -35.0, "height": 2, "width": 100}
    store, rows, held = near_and_far([5000], [corner])
    samples = negatives.read(store, rows, CHANNELS, held, dates=None)
    free = np.ones((9, 8), bool)
    free[3:6, 4:] = False  # rows 3.5 to 5.5, columns from 4.5
    np.testing.assert_array_equal(samples.known, samples.seen & free)
    assert (samples.targets == 0).all()
