import numpy as np
import pandas as pd

from rojsat.chips import boxes

PLAIN = pd.DataFrame({"height": [4, 5], "width": [6, 7], "easting": [500000.0, 600000.0], "northing": 6.4e6})
PLAIN["transform"] = [[10.0, 0.0, easting, 0.0, -10.0, 6.4e6] for easting in PLAIN["easting"]]
WIDE = PLAIN.assign(box_row=1, box_col=[2, 0], box_height=[2, 3], box_width=3)


def test_without_surroundings_the_box_is_the_chip():
    rows = boxes.with_boxes(PLAIN)
    assert rows[boxes.COLUMNS].to_numpy().tolist() == [[0, 0, 4, 6], [0, 0, 5, 7]]
    assert not boxes.has_surroundings(PLAIN) and not boxes.has_surroundings(rows)
    assert boxes.own(PLAIN).equals(rows)


def test_a_box_has_its_own_size_and_place_on_the_ground():
    assert boxes.has_surroundings(WIDE)
    own = boxes.own(WIDE)
    assert own[["height", "width", "easting", "northing"]].to_numpy().tolist() == [
        [2, 3, 500020.0, 6399990.0],
        [3, 3, 600000.0, 6399990.0],
    ]
    assert own["transform"][0] == [10.0, 0.0, 500020.0, 0.0, -10.0, 6399990.0]
    assert not boxes.has_surroundings(own)
    assert boxes.own(own).equals(own)


def test_a_mask_holds_the_pixels_of_each_box():
    pixels = boxes.mask(WIDE, 5, 7)
    assert pixels.sum(axis=(1, 2)).tolist() == [6, 9]
    assert np.argwhere(pixels[0]).min(axis=0).tolist() == [1, 2]
