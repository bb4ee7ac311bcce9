"""Which pixels count as seen, by what scene classification and computed mask say of them."""

import numpy as np
import pytest

from rojsat.chips.bands import CLOUD, CSMASK, CSMASK_AS_SCL, INVALID, SCL
from rojsat.chips.seen import cloudy, measured


def pixels(**values):
    """One row of pixels; `boa` has two bands."""
    arrays = {kind: np.array([row], np.uint8) for kind, row in values.items() if kind != "boa"}
    length = len(next(iter(values.values())))
    boa = np.full((2, 1, length), 900, np.uint16)
    boa[:, 0] = values.get("boa", boa[:, 0])
    return {"boa": boa, **arrays}


ALL = [scl.value for scl in SCL]


@pytest.mark.parametrize(
    ("values", "data", "cloud"),
    [
        ({"scl": ALL}, [value not in INVALID for value in ALL], [value in CLOUD for value in ALL]),
        ({"scl": [0, 0, 0]}, [True] * 3, [False] * 3),  # no classification at all
        ({"csmask": [0, 1, 2, 3]}, [True] * 4, [False, False, True, False]),
        ({"scl": [4, 0, 0, 1], "csmask": [0, 1, 2, 2]}, [True, True, True, False], [False, False, True, True]),
        ({"scl": [4, 4], "boa": [[0, 900], [900, 900]]}, [False, True], [False, False]),  # saturated, or no data
        ({"csmask": [1, 1], "cloud": [0, 1]}, [True, True], [False, True]),  # near one
    ],
)
def test_pixels_are_seen_where_they_have_data_and_no_cloud(values, data, cloud):
    arrays = pixels(**values)
    assert measured(arrays)[0].tolist() == data
    assert (measured(arrays) & cloudy(arrays, CLOUD))[0].tolist() == [d and c for d, c in zip(data, cloud, strict=True)]


def test_shadows_of_a_computed_mask_count_where_those_of_the_scl_do():
    shadow = (3,)
    assert cloudy(pixels(scl=[3, 4, 9]), shadow)[0].tolist() == [True, False, False]
    assert cloudy(pixels(csmask=[3, 1, 2]), shadow)[0].tolist() == [True, False, False]
    assert len(CSMASK) == len(CSMASK_AS_SCL)
