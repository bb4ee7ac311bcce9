"""The block that a run ends with, from made-up files: golden words."""

import textwrap

import pytest

from rojsat.evaluation import run_block

MADE_BY = {"seconds": 39.04, "machine": "2 CPU cores (x86_64)"}

CLEAN = "clean: no region shared; training and test are at least 360 m apart"


def summary(**changes):
    """Of a network that is tested on one region, where the place in the box alone is better."""
    position = {"rmse": 0.226, "r2": 0.245, "spearman": 0.593, "iou": 0.770, "f1": 0.870, "prevalence": 0.637}
    need = {"rmse": 0.808, "r2": -8.646, "iou": 0.637, "f1": 0.779, "prevalence": 0.637, "false_positive_rate": 1.0}
    test = {"rmse": 0.235, "r2": 0.181, "spearman": 0.589, "iou": 0.761, "f1": 0.864, "prevalence": 0.637}
    return {
        "beats": None,
        "best_epoch": 10,
        "best_without_image": "position",
        "epochs": 12,
        "frame": "box",
        "gain": {"metric": "r2", "against": "position", "value": -0.064, "regions": 1},
        "leak": False,
        "seed": 0,
        "split": "regions",
        "task": "segmentation",
        "test": test | {"false_positive_rate": 0.374},
        "tested": {"regions": ["6"], "images": 6, "all_regions": 9, "distance": 360.0, "audit": CLEAN, "warnings": []},
        "without_image": {"all_need": need, "position": position | {"false_positive_rate": 0.334}},
    } | changes


def classified(**changes):
    """Of a network that tells stands of many regions apart, and beats the best predictor without an image."""
    values = {"accuracy": 0.85, "f1_macro": 0.84, "precision_need": 0.9, "recall_need": 0.8, "prevalence": 0.6}
    majority = {"accuracy": 0.6, "f1_macro": 0.375, "precision_need": 0.6, "recall_need": 1.0, "prevalence": 0.6}
    regions = [f"s{number}" for number in range(40)]
    tested = {"regions": regions, "images": 80, "all_regions": 200, "distance": None, "audit": "clean", "warnings": []}
    gain = {"metric": "accuracy", "against": "constant", "value": 0.25, "low": 0.2, "high": 0.3, "regions": 40}
    return (
        summary(
            task="classification",
            test=values,
            without_image={"constant": majority},
            best_without_image="constant",
            beats=True,
            tested=tested,
            gain=gain,
        )
        | changes
    )


def test_the_block_of_a_run_on_one_region():
    content = summary(controls={"false_positive_rate": 0.807})
    block = run_block.ended(content, MADE_BY, folder="reports/quick/unet_roi6", about=["U-Net."], then="rojsat x")
    assert block == textwrap.dedent(
        """\
        unet_roi6: tested on region 6 (6 images); split by regions, clean: no region shared;
        training and test are at least 360 m apart
        R² 0.181; the best predictor without an image (position in the box) has 0.245: this run
        does not beat it (gain -0.064, 1 region, too few for an interval).

        seed 0, epoch 10 of 12 kept, 39 s of training on 2 CPU cores (x86_64)
        U-Net.

                             RMSE   Spearman  IoU    F1     prevalence  R²
        this run             0.235  0.589     0.761  0.864  0.637       0.181
        position in the box  0.226  0.593     0.770  0.870  0.637       0.245
        need everywhere      0.808  n/a       0.637  0.779  0.637       -8.646 worse than the mean

        One test region, 6 images: too few to say that one run is better than another.
        False positives: 37% of the test pixels without need (position in the box: 33%) and 81% of
        the control areas without need; need everywhere has 100%.

        folder:  reports/quick/unet_roi6 (metrics, predictions, figures)
        next:    rojsat x"""
    )


@pytest.mark.parametrize(
    ("kept", "words"),
    [("last", "the last of 12 epochs"), ("ema", "moving average of 12"), ("average", "mean of the last")],
)
def test_the_block_says_which_weights_were_kept(kept, words):
    assert words in run_block.ended(summary(kept=kept), MADE_BY, folder="reports/quick/unet_roi6")


def test_the_block_of_a_classifier_on_many_regions_has_the_interval_and_no_words_on_few():
    block = run_block.ended(classified(), MADE_BY, folder="reports/quick/resnet18_s2")
    assert "tested on 40 regions (80 images)" in block
    assert "              accuracy  F1 (macro)  precision of need  recall of need  prevalence" in block
    assert "the majority  0.600     0.375       0.600              1.000           0.600" in block
    beats = "this run beats it (gain 0.250, 95 % interval 0.200 to 0.300 over 40 regions)"
    assert beats in block.replace("\n", " ")
    assert "too few" not in block and "next:" not in block and "False positives" not in block


def test_no_line_is_wider_than_a_screen_whatever_the_predictor_is_called():
    content = summary(frame="window", test=summary()["test"] | {"r2": -0.5})
    content["without_image"]["box_position"] = content["without_image"]["position"]
    lines = run_block.ended(content, MADE_BY, folder="reports/quick/unet").splitlines()
    assert max(map(len, lines)) <= 100
    assert any(line.startswith("this run") and line.endswith("-0.500 worse than the mean") for line in lines)
    assert any(line.startswith("position in the window") for line in lines)


def test_a_leak_and_what_a_reader_must_know_stand_in_it():
    tested = summary()["tested"] | {"audit": "leak: same regions (6) in training and test", "warnings": ["size tells"]}
    block = run_block.ended(summary(leak=True, tested=tested), MADE_BY, folder="reports/quick/unet_dates")
    assert "split by regions, leak: same regions (6)" in block
    assert "Mind that size tells." in block
    assert "It leaks: its metrics say little of regions that are not trained on." in block


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (summary(), "rojsat evaluate exp=a folds=leave_one_region_out seeds=0,1,2"),
        (summary(leak=True, beats=True), "rojsat evaluate exp=a folds=leave_one_region_out seeds=0,1,2"),
        (classified(beats=None), "rojsat evaluate exp=a folds=k_fold_regions seeds=0,1,2"),
        (classified(), "rojsat promote exp=a"),
    ],
)
def test_the_next_command_promotes_only_what_beats_without_a_leak(content, words):
    assert run_block.next_command(content, ["exp=a"]) == words


def test_what_is_not_defined_is_not_shown_as_a_number():
    test = {key: value for key, value in summary()["test"].items() if key not in ("r2", "false_positive_rate")}
    content = summary(test=test, gain={"metric": "iou", "against": "position", "value": -0.01, "regions": 1})
    block = run_block.ended(content, MADE_BY, folder="reports/quick/unet_roi6_discrete")
    assert "R²" not in block and "False positives" not in block
    assert "IoU 0.761; the best predictor without an image (position in the box) has 0.770" in block
