import numpy as np
import pytest

from rojsat.chips import splits
from rojsat.chips.reader import Chips
from rojsat.learn.data.preparation import Source, prepare
from rojsat.learn.data.sample_arrays import channel_statistics
from tests.support import stores

HELD_OUT = {"1": "val", "3": "test"}


@pytest.fixture
def source(tmp_path, monkeypatch):
    """Clearing objects of which those held out are far brighter than the others."""
    plain = Chips.channels

    def bright(chips, chip, names):
        return plain(chips, chip, names) + (5 if chip.partition("_")[0] in HELD_OUT else 0)

    monkeypatch.setattr(Chips, "channels", bright)
    chips = Chips(stores.write_small(tmp_path, dates=2))
    return Source(chips, "clearing", ("B04", "B08"), None, "segmentation")


def test_channels_are_standardised_by_training_alone(source):
    prepared = prepare(source, split=lambda rows: splits.regions(rows, val=["1"], test=["3"]))
    arrays = source.read("clearing")
    expected = channel_statistics(arrays[~arrays.rows["region"].isin(HELD_OUT).to_numpy()])
    np.testing.assert_array_equal(prepared.statistics.mean, expected.mean)
    np.testing.assert_array_equal(prepared.statistics.std, expected.std)
    assert (prepared.statistics.mean < 1).all()  # reflectance; 5 and more where held out
    by_part = {part: samples.images.numpy() for part, samples in prepared.samples.items()}
    assert abs(by_part["train"].mean()) < 0.1
    assert by_part["val"].mean() > 3 and by_part["test"].mean() > 3
