import numpy as np
import pandas as pd
import pytest

from rojsat.evaluation.report_files import Predictions
from rojsat.page import split_comparisons
from rojsat.page.split_comparisons import SplitComparison


def predictions(chips, prediction, target=0.5):
    """Chips named `<region>_<date>` of 2 x 2 pixels, one of them unknown."""
    rows = pd.DataFrame({"chip": chips, "region": [chip.partition("_")[0] for chip in chips]})
    shape = (len(chips), 2, 2)
    known = np.ones(shape, bool)
    known[:, 0, 0] = False
    level = np.broadcast_to(np.reshape(prediction, (-1, 1, 1)), shape).astype(np.float32)
    return Predictions(rows, level, np.full(shape, target, np.float32), known, known)


def test_only_chips_of_the_region_that_both_predict_are_compared():
    date_split = predictions(["5_a", "6_a", "6_b"], [0.0, 0.1, 0.2])
    region_split = predictions(["6_c", "6_b", "6_a"], [0.3, 0.4, 0.5])
    shared = split_comparisons.shared_chips(date_split, region_split, "6")
    assert date_split.rows["chip"][shared.date_rows].tolist() == ["6_a", "6_b"]
    assert region_split.rows["chip"][shared.region_rows].tolist() == ["6_a", "6_b"]
    assert split_comparisons.evaluated(date_split, shared.date_rows, 0.1)["mae"] == pytest.approx(0.35)
    assert split_comparisons.evaluated(region_split, shared.region_rows, 0.1)["mae"] == pytest.approx(0.05)


def test_unknown_pixels_are_not_compared():
    date_split, region_split = predictions(["6_a"], [0.5]), predictions(["6_a"], [0.5])
    date_split.target[0, 0, 0] = 9e9
    shared = split_comparisons.shared_chips(date_split, region_split, "6")
    assert split_comparisons.evaluated(date_split, shared.date_rows, 0.1)["mae"] == 0


def test_reports_of_different_masks_are_not_compared():
    with pytest.raises(ValueError, match=r"different masks of region 6; .*rojsat run"):
        split_comparisons.shared_chips(predictions(["6_a"], [0.5]), predictions(["6_a"], [0.5], target=0.6), "6")


def test_no_chip_in_common_gives_no_number():
    date_split = predictions(["6_a"], [0.5])
    shared = split_comparisons.shared_chips(date_split, predictions(["6_b"], [0.5]), "6")
    assert (len(shared.date_rows), len(shared.region_rows)) == (0, 0)
    assert np.isnan(split_comparisons.evaluated(date_split, shared.date_rows, 0.1)["rmse"])


def test_comparisons_are_read_as_they_were_written_and_say_where_the_region_is_worse(tmp_path):
    good, bad = {"rmse": 0.2, "r2": 0.3}, {"rmse": 0.3, "r2": -0.1}
    comparisons = [SplitComparison("U-Net", region, 2, 9, good, bad) for region in ("6", "7")]
    comparisons.append(SplitComparison("U-Net", "8", 0, 0, {}, {}))
    split_comparisons.write(tmp_path, comparisons)
    assert split_comparisons.read(tmp_path) == comparisons
    comparable = split_comparisons.comparable(comparisons)
    assert [comparison.is_worse for comparison in comparable] == [True, True]
    assert not SplitComparison("U-Net", "6", 2, 9, bad, good).is_worse
