"""Dates that a person would not have taken are named: copies of another one, and snow."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from rojsat.chips import odd_dates


def store(*rows):
    """What `sentences` reads of a store; `rows` are region, date, hash and the class of all pixels, 0 for no SCL."""
    index = pd.DataFrame(
        [
            {
                "chip": f"{region}_{date}",
                "region": region,
                "date": date,
                "hash": digest,
                "kinds": "boa,scl" if value else "boa",
            }
            for region, date, digest, value in rows
        ]
    )
    classes = {f"{region}_{date}": np.full((4, 4), value, np.uint8) for region, date, _, value in rows}
    return SimpleNamespace(index=index, read=lambda chip: SimpleNamespace(arrays={"scl": classes[chip]}))


def test_copies_under_another_date_are_named():
    (sentence,) = odd_dates.sentences(
        store(("1", "2019-08-02", "a", 4), ("1", "2019-08-12", "a", 4), ("2", "2019-08-02", "b", 4))
    )
    assert "2019-08-02 and 2019-08-12; one of them is a copy" in sentence


def test_the_same_pixels_of_two_regions_are_no_copy_of_a_date():
    assert odd_dates.sentences(store(("1", "2019-08-02", "a", 4), ("2", "2019-08-12", "a", 4))) == []


def test_dates_under_snow_are_named_with_their_share():
    rows = (
        ("1", "2020-01-15", "a", 11),
        ("2", "2020-01-15", "b", 11),
        ("3", "2020-01-15", "c", 4),
        ("1", "2019-08-02", "d", 4),
    )
    (sentence,) = odd_dates.sentences(store(*rows, ("2", "2019-03-01", "e", 0)))
    assert "2020-01-15 (67%)" in sentence and "2019" not in sentence.split(";")[0]
