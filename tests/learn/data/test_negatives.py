import dataclasses

import numpy as np
import pandas as pd
import pytest

from rojsat.learn.data import negatives
from tests.support.fakes import store


def near_and_far(gaps, doubtful=()):
    """A store of chips labelled clear, and a table of test chips, `gaps` metres to the left of each of the first."""
    fake = store(regions=len(gaps), dates=2)
    index = fake.index.assign(label="clear", role="stand", width=8, height=9, row=0, col=0)
    index["easting"] = [1e4 * int(region[1:]) for region in index["region"]]
    held = pd.concat(
        [
            index.iloc[[2 * place]].assign(easting=lambda r, g=gap: r["easting"] - 80 - g)
            for place, gap in enumerate(gaps)
        ]
    ).assign(part="test")
    others = [index.iloc[[0]].assign(label=None, role="clearing", region="x", **one) for one in doubtful]
    return dataclasses.replace(fake, index=pd.concat([index, *others], ignore_index=True)), index, held


def test_what_comes_near_validation_or_test_is_left_out():
    fake, rows, held = near_and_far([0, 119, 120, 5000])
    found = negatives.planes(fake, rows, ["c0", "c1", "c2"], held, dates=None)
    assert sorted(found.rows["region"].unique()) == ["r2", "r3"]
    found = negatives.planes(fake, rows, ["c0", "c1", "c2"], held.assign(part="train"), dates=None)
    assert sorted(found.rows["region"].unique()) == ["r0", "r1", "r2", "r3"]


def test_where_all_are_near_it_says_so():
    fake, rows, held = near_and_far([0, 10])
    with pytest.raises(ValueError, match="no chip labelled clear is 120 m away .* 2 regions are too near"):
        negatives.planes(fake, rows, ["c0", "c1", "c2"], held, dates=None)


def test_all_that_is_seen_is_known_to_be_0_but_where_another_region_may_hold_need():
    corner = {"easting": 45.0, "northing": -35.0, "height": 2, "width": 100}
    fake, rows, held = near_and_far([5000], [corner])
    found = negatives.planes(fake, rows, ["c0", "c1", "c2"], held, dates=None)
    free = np.ones((9, 8), bool)
    free[3:6, 4:] = False  # rows 3.5 to 5.5, columns from 4.5
    np.testing.assert_array_equal(found.known, found.seen & free)
    assert (found.targets == 0).all()
