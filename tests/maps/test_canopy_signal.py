import numpy as np
import pytest

from rojsat.maps import canopy_change, canopy_signal
from tests.support import map_scenes

BEFORE, AFTER = "2019-07-11", "2019-08-05"


@pytest.fixture
def stands():
    """Ten of 6 x 6 pixels."""
    return map_scenes.stands(*((4 + 14 * (number % 5), 5 + 20 * (number // 5), 6, 6) for number in range(10)))


def scenes(folder, stands, bands=None):
    """Two scenes; on the second stand c is felled: dry slash; of stand d half is under cloud and the rest felled."""
    before, after = map_scenes.spectra((60, 80)), map_scenes.spectra((60, 80), seed=1)
    scl = np.full((60, 80), 4)
    for col in (32, 46):
        felled = slice(5, 11), slice(col, col + 6)
        for band, value in (("B04", 0.12), ("B08", 0.24), ("B12", 0.18)):
            after[band][felled] = value
    scl[5:9, 46:52] = 9
    return [
        map_scenes.write_scene(folder, day, reflectance={band: values[band] for band in bands or values}, scl=classes)
        for day, values, classes in ((BEFORE, before, 4), (AFTER, after, scl))
    ]


@pytest.mark.parametrize(("bands", "index"), [(None, "nbr"), (["B02", "B04", "B08"], "ndvi"), (["B02", "B04"], None)])
def test_a_stand_that_is_felled_between_two_dates_is_found(tmp_path, stands, bands, index):
    shown = scenes(tmp_path, stands, bands)
    assert canopy_signal.index(shown) == index
    signals = canopy_signal.read(shown, stands, "bilinear", 0, tmp_path)
    cleared = {name: change.cleared for name, change in canopy_change.changes(signals).items()}
    assert cleared == ({} if index is None else {name: name == "c" for name in "abcefghij"})  # d: two thirds cloud


def test_one_date_tells_nothing(tmp_path, stands):
    assert canopy_signal.read(scenes(tmp_path, stands)[:1], stands, "bilinear", 0, tmp_path).empty


def test_reading_goes_on_where_it_was_killed_and_ends_with_the_same_signals(tmp_path, stands, monkeypatch):
    shown = scenes(tmp_path, stands)
    signals = canopy_signal.read(shown, stands, "bilinear", 0, tmp_path / "once")
    right, calls = canopy_signal._of_scene, []

    def killed(visits, *rest):
        calls.append(visits[0].scenes[0].id)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return right(visits, *rest)

    monkeypatch.setattr(canopy_signal, "_of_scene", killed)
    with pytest.raises(KeyboardInterrupt):
        canopy_signal.read(shown, stands, "bilinear", 0, tmp_path / "twice")
    again = canopy_signal.read(shown, stands, "bilinear", 0, tmp_path / "twice")
    assert again.equals(signals) and len(calls) == 3
