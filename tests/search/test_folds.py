import pytest

from rojsat.chips.reader import Chips
from rojsat.config import compose
from rojsat.search import folds
from tests.support import stores


@pytest.fixture(scope="module")
def chips(tmp_path_factory):
    """Six stands, need where odd, and six clearing objects."""
    return Chips(stores.write_small(tmp_path_factory.mktemp("chips"), dates=1))


def counted(chips, exp, *words):
    return folds.count(compose.load(exp, [*words, "inputs.channels=[B04]"]), chips)


def test_all_folds_need_stands_of_both_classes_to_train_on(chips):
    assert counted(chips, "resnet18_tci", "evaluate.folds=leave_one_region_out") == 6
    options = "evaluate.fold_options={folds: 3}"
    assert counted(chips, "resnet18_tci", "evaluate.folds=stratified", options) == 3
    few = Chips(chips.path)
    few.index = few.index[few.index["region"].isin(["100", "102", "103", "104"])]
    with pytest.raises(
        ValueError, match="the training part of fold 0 of leave_one_region_out has no stand labelled need"
    ):
        counted(few, "resnet18_tci", "evaluate.folds=leave_one_region_out")


def test_parts_of_a_stand_are_one_fold(chips):
    parted = Chips(chips.path)
    parted.index = parted.index.assign(part_of=parted.index["region"].replace({"0": "a", "1": "a", "2": "a"}))
    assert counted(parted, "unet_roi6", "evaluate.folds=leave_one_region_out") == 4
    assert counted(chips, "unet_roi6", "evaluate.folds=leave_one_region_out") == 6


def test_all_dates_of_a_region_are_one_row_of_the_split(tmp_path):
    several = Chips(stores.write_small(tmp_path / "chips", dates=3))
    words = ["variant=boosting", "inputs.channels=[B04]", "evaluate.folds=leave_one_region_out"]
    rows = folds.samples(compose.load("unet_roi6", [*words, "inputs.dates=[all]"]), several)
    assert list(rows["region"]) == [str(region) for region in range(6)]
    assert set(rows["date"]) == {"2019-08-03"}
