"""Dates that are darker than any ground are named: per cent, or a picture, read as reflectance."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from rojsat.chips import dark_dates
from rojsat.chips.chip import Chip


def store(*rows):
    """What `sentences` reads of a store; `rows` are a date and the stored numbers of its chip, by kind."""
    index = pd.DataFrame([{"chip": str(number), "date": date} for number, (date, _) in enumerate(rows)])
    row = {"scale": 1e-4, "offset": 0.0, "toa_scale": 1e-4, "toa_offset": 0.0}
    chips = {}
    for number, (_, stored) in enumerate(rows):
        arrays = {kind: np.full((2, 2, 2), value, np.uint16) for kind, value in stored.items()}
        bands = dict.fromkeys(("boa", "toa"), ("B04", "B08"))  # of the store, whatever a chip has
        chips[str(number)] = Chip(row, arrays, bands, np.zeros((2, 2), np.float32))
    return SimpleNamespace(index=index, read=chips.__getitem__)


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([("2019-08-02", {"boa": 255})], "2019-08-02 (0.0255)"),
        ([("2019-08-02", {"boa": 60}), ("2019-08-12", {"boa": 2600})], "2019-08-02 (0.0060); no land"),
        ([("2019-08-02", {"toa": 60, "tci": 200})], "2019-08-02 (0.0060)"),
        ([("2019-08-02", {"boa": 60}), ("2019-08-02", {"boa": 900})], ""),
        ([("2019-08-02", {"boa": 0})], ""),
        ([("2019-08-02", {"boa": 256})], ""),
    ],
)
def test_only_dates_without_a_pixel_brighter_than_a_picture_are_named(rows, named):
    text = " ".join(dark_dates.sentences(store(*rows)))
    assert named in text and bool(text) == bool(named)
