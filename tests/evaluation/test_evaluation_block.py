"""The blocks that an evaluation over folds and a comparison end with, from made-up files: golden words."""

import textwrap

import pytest

from rojsat.evaluation import evaluation_block, kept_evaluations, paired_differences
from tests.support import made_evaluations

MADE_BY = {"seconds": 1203.4, "machines": ["2 CPU cores"]}


def estimate(value, low=None, high=None, **more):
    return {"value": value} | ({} if low is None else {"low": low, "high": high}) | more


def evaluation(**changes):
    """Of a U-Net on 27 regions, three seeds, better than the best predictor without an image beyond doubt."""
    gain = {"metric": "r2", "against": "box_position", "value": 0.147, "low": 0.041, "high": 0.25, "regions": 27}
    need = {"iou": estimate(0.33, 0.3, 0.36), "prevalence": estimate(0.33), "r2": estimate(-6.8, -8.9, -5.1)}
    box = {"iou": estimate(0.42, 0.38, 0.46), "prevalence": estimate(0.33), "r2": estimate(0.055, 0.02, 0.09)}
    box["false_positive_rate"] = estimate(0.334)
    own = {
        "false_positive_rate": estimate(0.3),
        "iou": estimate(0.5, 0.45, 0.55),
        "prevalence": estimate(0.33),
        "rmse": estimate(0.25),
    }
    return {
        "name": "unet_k_fold_regions",
        "beats": True,
        "best_without_image": "box_position",
        "claims_unseen": True,
        "controls": {"false_positive_rate": 0.61},
        "distance": 120.0,
        "fold_count": 5,
        "folds": "k_fold_regions",
        "frame": "window",
        "gain": gain,
        "leak": False,
        "metrics": own | {"r2": estimate(0.202, 0.109, 0.29, seed_spread=0.012)},
        "model": "unet",
        "regions": 27,
        "seeds": [0, 1, 2],
        "task": "segmentation",
        "without_image": {"all_need": need, "box_position": box},
    } | changes


def test_the_block_of_an_evaluation_has_intervals_beside_predictors_without_an_image():
    block = evaluation_block.evaluated(
        evaluation(), MADE_BY, folder="reports/evaluations/unet_k_fold_regions", about=["U-Net."], then="rojsat x"
    )
    assert block == textwrap.dedent(
        """\
        unet_k_fold_regions: On 27 regions that were not trained on (k_fold_regions, 5 folds, 3
        seeds), no leak, training and test at least 120 m apart
        R² 0.202; the best predictor without an image (position in the box) has 0.055: this run
        beats it (gain 0.147, 95 % interval 0.041 to 0.250 over 27 regions).

        1203 s of training on 2 CPU cores
        U-Net.

        [95 % interval]      IoU                   prevalence  R²
        unet                 0.500 [0.450, 0.550]  0.330       0.202 [0.109, 0.290]
        position in the box  0.420 [0.380, 0.460]  0.330       0.055 [0.020, 0.090]
        need everywhere      0.330 [0.300, 0.360]  0.330       -6.800 [-8.900, -5.100] worse than the mean

        Standard deviation of R² over 3 seeds: 0.012.
        False positives: 30% of the test pixels without need (position in the box: 33%) and 61% of
        the control areas without need; need everywhere has 100%.

        folder:  reports/evaluations/unet_k_fold_regions
        next:    rojsat x"""
    )


def test_few_regions_one_seed_and_a_leak_stand_in_it():
    gain = {"metric": "r2", "against": "box_position", "value": 0.1, "regions": 3}
    metrics = evaluation()["metrics"] | {"r2": estimate(0.155)}
    content = evaluation(regions=3, seeds=[0], leak=True, claims_unseen=False, gain=gain, beats=None, metrics=metrics)
    block = evaluation_block.evaluated(content, MADE_BY, folder="f").replace("\n", " ")
    assert "On 3 regions that were trained on too (k_fold_regions, 5 folds, 1 seed), leak" in block
    assert "It leaks: its metrics say little of regions that are not trained on." in block
    assert "3 regions: too few to say that one evaluation is better than another." in block
    assert "One seed: how much another one would change is not known." in block
    assert "is not shown to beat it" in block


@pytest.mark.slow
def test_a_comparison_ends_with_each_beside_its_best_predictor_and_the_differences_in_words(tmp_path):
    for name, skill in (("good", 0.6), ("useless", -0.1)):
        made_evaluations.leave(tmp_path, name, skill)
    kept = [kept_evaluations.read(folder) for folder in kept_evaluations.folders(tmp_path).values()]
    content = paired_differences.content(kept)
    block = evaluation_block.compared(content, ["NOT THE SAME DATA"], page="c/comparison.html", then="rojsat x")
    lines = block.splitlines()
    assert lines[0] == "NOT THE SAME DATA"
    table = [line.split("  ")[0] for line in lines[2:7]]
    assert table == ["[95 % interval]", "good", "", "useless", ""]
    assert [line.strip().startswith("the mean of training") for line in lines[3:7]] == [False, True, False, True]
    assert lines[5].endswith("worse than the mean")
    assert "good is better than useless by" in lines[8]
    assert "useless: R² -" in block and "does not beat it" in block.replace("\n", " ")
    assert lines[-2:] == ["page:    c/comparison.html", "next:    rojsat x"]


@pytest.mark.parametrize(
    ("others", "words", "then"),
    [
        (["unet_ridge"], ["exp=unet"], "rojsat compare exp=unet_k_fold_regions,unet_ridge"),
        ([], ["exp=unet", "model.options.depth=2", "folds=f"], "rojsat evaluate exp=unet folds=f variant=ridge"),
        ([], ["exp=unet", "variant=ridge"], "rojsat evaluate exp=unet variant=boosting"),
    ],
)
def test_the_next_command_compares_with_another_one_or_makes_a_yardstick(others, words, then):
    assert evaluation_block.next_command(evaluation(), words, others) == then
