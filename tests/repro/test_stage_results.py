"""What came of a stage, in a few words."""

import json

from rojsat.repro import stage_results, stage_times

SUMMARY = {
    "task": "segmentation",
    "frame": "box",
    "leak": False,
    "test": {"r2": 0.1807, "iou": 0.7},
    "regions": {"6": {}},
    "best_without_image": "position",
    "without_image": {"position": {"r2": -0.05}},
    "gain": {"metric": "r2", "regions": 1},
}


def test_a_training_says_its_metric_the_region_and_the_best_predictor_without_an_image():
    expected = "R² 0.18 on region 6 (position in the box: -0.05 (worse than the mean))"
    assert stage_results.trained(SUMMARY) == expected
    leaking = SUMMARY | {"leak": True, "test": {"r2": -1.0}, "gain": {"metric": "r2", "regions": 9}, "regions": {}}
    assert stage_results.trained(leaking).startswith(
        "R² -1.00 (worse than the mean) on other dates of 9 regions trained"
    )


def test_an_evaluation_says_its_interval(tmp_path):
    folder = tmp_path / "reports/evaluations/unet"
    folder.mkdir(parents=True)
    content = {
        "task": "segmentation",
        "frame": "window",
        "regions": 9,
        "metrics": {"r2": {"value": 0.093, "low": 0.016, "high": 0.183}},
        "best_without_image": "box_position",
        "gain": {"metric": "r2"},
        "without_image": {"box_position": {"r2": {"value": 0.018}}},
    }
    (folder / "evaluation.json").write_text(json.dumps(content))
    expected = "R² 0.09 [0.02, 0.18] on 9 regions (position in the box: 0.02)"
    assert stage_results.describe(tmp_path, "evaluate@unet") == expected
    assert stage_results.describe(tmp_path, "page") == ""


def test_times_of_earlier_runs_come_before_typical_ones(tmp_path):
    (tmp_path / "reports").mkdir()
    stage_times.note(tmp_path, "train@a", 12.34)
    before = stage_times.read(tmp_path)
    assert stage_times.expected(before, ["train@a", "train@b"]) == {"train@a": 12.3, "train@b": 50}
    assert "of 1," in stage_times.source(before, ["train@a", "train@b"])
    assert stage_times.source(before, ["train@a"]) == "by their last times here"
    assert stage_times.source({}, ["train@a"]).startswith("by typical times")
