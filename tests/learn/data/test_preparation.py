from functools import partial

import numpy as np
import pytest
import torch

from rojsat.chips import splits
from rojsat.chips.reader import Chips
from rojsat.learn.data.preparation import prepare
from rojsat.learn.data.sample_arrays import channel_statistics
from rojsat.learn.data.sample_source import Source
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


DENSE = {"1": 10.0, "3": 10.0, "5": 2.0}
"""Regions with more heat than the others, whose masks are 0 or 1."""


def heated(folder, **options):
    """Samples of clearing objects whose masks hold heat."""
    chips = Chips(stores.write_small(folder, heat=DENSE, **options))
    return Source(chips, "clearing", ("B04", "B08"), None, "segmentation")


def values(samples):
    return {*samples.targets.numpy()[samples.known.numpy()].astype(float).round(6).tolist()}


@pytest.mark.parametrize(
    ("val", "test", "factor", "trained", "tested"),
    [
        ("1", "3", 2, {0, 0.5, 1}, {0, 1}),  # regions of 1 and 2 train; 10 times is cut
        ("3", "0", 10, {0, 0.1, 0.2, 1}, {0, 0.1}),
    ],
)
def test_the_training_regions_alone_scale_the_degree(tmp_path, val, test, factor, trained, tested):
    source = heated(tmp_path)
    prepared = prepare(source, split=lambda rows: splits.regions(rows, val=[val], test=[test]))
    others = [source.chips.region_mask(str(n)) for n in range(6) if str(n) not in (val, test)]
    assert prepared.scale.factor == np.percentile(others, 97) == factor
    assert prepared.scale.regions == tuple(str(n) for n in range(6) if str(n) not in (val, test))
    assert values(prepared.samples["train"]) == trained
    assert values(prepared.samples["test"]) == tested
    assert "threshold" not in {finding.kind for finding in prepared.audit.findings}


def test_a_loss_of_heat_takes_it_uncut_and_everything_else_takes_degrees(tmp_path):
    split = partial(splits.regions, val=["1"], test=["3"])
    degrees, heat = (prepare(heated(tmp_path), split=split, of_heat=of_heat) for of_heat in (False, True))
    for part, most in (("train", 1), ("val", 5)):  # the factor is 2: 10 times is 5
        samples = heat.samples[part]
        assert torch.equal(samples.targets, degrees.samples[part].targets)
        assert degrees.samples[part].fitted.max() == 1
        assert (
            samples.batch(0, 99)[1].max() == most == max(samples[1, number][1].max() for number in range(len(samples)))
        )
        assert torch.equal(samples.fitted.clamp(max=1), samples.targets)


def test_heat_cannot_be_learned_from_masks_of_degrees(source):
    with pytest.raises(ValueError, match="data.labels.options.scale=training_regions"):
        prepare(source, split=partial(splits.regions, val=["1"], test=["3"]), of_heat=True)


def test_the_scale_counts_pixels_once_whatever_dates_and_clouds_there_are(tmp_path):
    few, many = heated(tmp_path / "few"), heated(tmp_path / "many")
    many.chips.index = many.chips.index.drop(
        index=many.chips.index.index[many.chips.index["chip"] == "0_2019-08-01_065"]
    )
    scales = [
        prepare(source, split=lambda rows: splits.regions(rows, val=["1"], test=["3"])).scale for source in (few, many)
    ]
    assert scales[0] == scales[1]


def test_regions_that_are_trained_on_and_tested_are_still_told(tmp_path):
    prepared = prepare(heated(tmp_path), split=lambda rows: splits.dates(rows))
    (finding,) = [each for each in prepared.audit.findings if each.kind == "threshold"]
    assert finding.names == tuple("012345") and "test" in finding.parts


def test_the_way_of_the_study_stays_and_is_told(source, tmp_path):
    source.chips.recipe = {"labels": {"source": "gps"}}
    degrees = prepare(source, split=lambda rows: splits.regions(rows, val=["1"], test=["3"]))
    assert degrees.scale is None
    (finding,) = [each for each in degrees.audit.findings if each.kind == "threshold"]
    assert finding.parts == ("val", "test")
    heat = Chips(stores.write_small(tmp_path / "heat", dates=2, heat={}))
    for chip in heat.index["chip"]:
        assert heat.mask(chip).tobytes() == source.chips.mask(chip).tobytes()


def split_stands(folder, train, val, test):
    """Samples of stands, prepared; the others validate where nothing is said."""
    source = Source(Chips(stores.write_small(folder, dates=1)), "stand", ("B04", "B08"), None, "classification")
    parts = dict.fromkeys(train, "train") | dict.fromkeys(val, "val") | dict.fromkeys(test, "test")
    return prepare(source, split=lambda rows: rows["region"].map(parts))


def test_stands_of_one_class_are_not_trained_on(tmp_path):
    with pytest.raises(ValueError, match="no stand labelled need .*need: 0 in training, 2 in validation, 1 in test"):
        split_stands(tmp_path, ["100", "102"], ["101", "103"], ["104", "105"])


def test_a_class_that_validation_lacks_is_among_the_warnings(tmp_path):
    report = split_stands(tmp_path, ["100", "101"], ["102", "104"], ["103", "105"]).audit
    missing = {(each.names, each.parts) for each in report.warnings if each.kind == "classes"}
    assert missing == {(("need",), ("val",)), (("clear",), ("test",))}
