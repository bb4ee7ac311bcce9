import json

import numpy as np
import pytest

from rojsat.chips import plane_distribution
from rojsat.chips.reader import Chips
from tests.support import stores

PLANES = ("B02", "B08", "tci.r")


def test_percentiles_and_ratios_are_those_of_the_pixels():
    values = np.linspace(0, 1, 1001, dtype=np.float32)
    content = plane_distribution.describe({"B02": values, "B08": 2 * values})
    assert json.loads(json.dumps(content)) == content
    assert content["planes"]["B08"] == pytest.approx([0.002, 0.02, 0.1, 0.5, 1, 1.5, 1.9, 1.98, 1.998], abs=1e-4)
    ((first, second, median, spread),) = content["ratios"]
    assert (first, second) == ("B02", "B08") and median == pytest.approx(np.log(0.5)) and spread < 1e-3


def test_unknown_pixels_count_nowhere_and_none_at_all_are_refused():
    known = np.full(100, 0.3, np.float32)
    with_unknown = np.concatenate([known, np.full(50, np.nan, np.float32)])
    assert (
        plane_distribution.describe({"B02": with_unknown})["planes"]
        == plane_distribution.describe({"B02": known})["planes"]
    )
    with pytest.raises(ValueError, match="no pixel of B02 is seen"):
        plane_distribution.describe({"B02": with_unknown[100:]})


def test_seen_pixels_in_the_boxes_of_regions_alone_are_sampled(tmp_path):
    stores.write(tmp_path, [("clearing", "1", None)], ["2019-07-11"], size=6, margin=4, hidden=True)
    chips = Chips(tmp_path)
    pixels = plane_distribution.sample(chips, chips.index, PLANES)
    assert list(pixels) == list(PLANES) and {len(values) for values in pixels.values()} == {36 - 1 - 3}
    images = chips.channels(0, PLANES)[:, 4:10, 4:10]
    for plane, values in zip(images, pixels.values(), strict=True):
        assert np.isin(values, plane).all()


def test_few_pixels_are_taken_at_even_distances():
    assert plane_distribution.even(np.arange(100, dtype=np.float32)[None], 5).tolist() == [[0, 24, 49, 74, 99]]
