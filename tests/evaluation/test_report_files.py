import json

import numpy as np
import pandas as pd
import pytest

from rojsat.evaluation import report_files


def windows():
    return pd.DataFrame({"row": [0, 0, 2], "col": [0, 3, 0], "height": [2, 2, 1], "width": [3, 2, 3]})


def test_stitch_puts_windows_where_they_were_cut():
    planes = np.zeros((3, 4, 4), np.float32) + np.arange(1, 4)[:, None, None]
    region = report_files.stitch(planes, windows(), fill=-1)
    assert region.tolist() == [[1, 1, 1, 2, 2], [1, 1, 1, 2, 2], [3, 3, 3, -1, -1]]


def test_stitch_keeps_leading_axes():
    assert report_files.stitch(np.ones((3, 2, 4, 4), np.float32), windows()).shape == (2, 3, 5)


def test_predictions_come_back_as_written(tmp_path):
    rows = pd.DataFrame({"chip": ["a", "b"], "date": ["2019-07-01", "2019-07-06"]})
    arrays = {
        "prediction": np.random.default_rng(0).random((2, 3, 4), np.float32),
        "target": np.zeros((2, 3, 4), np.float32),
        "known": np.ones((2, 3, 4), bool),
        "seen": np.ones((2, 3, 4), bool),
    }
    report_files.write_predictions(tmp_path, "test", rows, arrays)
    again = report_files.read_predictions(tmp_path, "test")
    assert again.rows.to_dict("list") == rows.to_dict("list")
    for name, array in arrays.items():
        np.testing.assert_array_equal(getattr(again, name), array)
    assert again.lower is None
    report_files.write_predictions(tmp_path, "test", rows, arrays | {"lower": arrays["prediction"] - 1})
    np.testing.assert_array_equal(report_files.read_predictions(tmp_path, "test").lower, arrays["prediction"] - 1)


def test_no_predictions_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        report_files.read_predictions(tmp_path, "test")


def test_json_takes_numpy_numbers(tmp_path):
    report_files.write_json(tmp_path / "a.json", {"b": np.float32(0.5)})
    assert json.loads((tmp_path / "a.json").read_text()) == {"b": 0.5}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_json_leaves_out_what_is_no_number(tmp_path):
    report_files.write_json(
        tmp_path / "summary.json", {"a": float("nan"), "b": {"c": np.float64("inf"), "d": 1}, "e": None}
    )
    assert report_files.read_summary(tmp_path) == {"b": {"d": 1}, "e": None}
