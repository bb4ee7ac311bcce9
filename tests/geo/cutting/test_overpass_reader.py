import numpy as np

from rojsat.geo.cutting import overpass_reader


def test_toa_that_only_the_second_scene_of_an_overpass_has_is_copied_in_full():
    boa, toa = np.array([[[3, 0]]], np.uint16), np.array([[[7, 8]]], np.uint16)  # (1, 1, 2)
    arrays = {"boa": boa.copy(), "scl": np.array([[4, 0]], np.uint8)}
    overpass_reader._merge(arrays, {"boa": boa + 5, "toa": toa, "scl": np.array([[5, 6]], np.uint8)})
    assert arrays["boa"].tolist() == [[[3, 5]]]
    assert arrays["scl"].tolist() == [[4, 6]]
    assert arrays["toa"].tolist() == [[[7, 8]]]


def test_what_the_first_scene_has_stays():
    toa = np.array([[[7, 0]]], np.uint16)
    arrays = {"toa": toa.copy()}
    overpass_reader._merge(arrays, {"toa": toa + 2})
    assert arrays["toa"].tolist() == [[[7, 2]]]
