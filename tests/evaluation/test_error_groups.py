import numpy as np
import pandas as pd
import pytest

from rojsat.evaluation import error_groups, report_files


def leave(folder, strengths, wrong):
    """A fold of stands in need, some of them predicted clear."""
    number = len(strengths)
    rows = pd.DataFrame({"region": [str(n) for n in range(number)], "date": "2019-07-01", "cloud": 0.0})
    rows = rows.assign(strength=strengths, height=9, width=9, row=0, col=0)
    prediction = np.where(np.array(wrong)[:, None], [[0.9, 0.1]], [[0.1, 0.9]]).astype(np.float32)
    folder.mkdir()
    arrays = {"prediction": prediction, "target": np.ones(number, np.int64)}
    arrays |= dict.fromkeys(("known", "seen"), np.ones(number, bool))
    report_files.write_predictions(folder, "test", rows, arrays)
    return folder


def test_errors_are_told_apart_by_the_strength_of_labels_in_all_folds(tmp_path):
    folds = [
        leave(tmp_path / "0", ["weak", "weak"], [True, False]),
        leave(tmp_path / "1", ["strong", "weak", None], [False, True, False]),
    ]
    table = error_groups.sums(folds, "test", [0, 10, 100, np.inf]).loc["strength of the label"]
    rates = (table["loss"] / table["known"]).set_axis(table["name"])
    assert rates.to_dict() == pytest.approx({"strong": 0, "weak": 2 / 3, "not stated": 0})
