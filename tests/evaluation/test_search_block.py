"""The block that a search ends with, from made-up files: golden words."""

import textwrap

from rojsat.evaluation import search_block

TEST = {"rmse": 0.24, "spearman": 0.5, "iou": 0.7, "f1": 0.8, "prevalence": 0.6}


def content(*values, **changes):
    """Of a search whose best reaches these R² with the seeds 0, 1, ..."""
    without_image = {"position": TEST | {"r2": 0.1}, "all_need": {"iou": 0.6, "prevalence": 0.6, "r2": -8.0}}
    again = [
        {"seed": seed, "report": f"unet-{seed}", "test": TEST | {"r2": value}, "without_image": without_image}
        for seed, value in enumerate(values)
    ]
    return {
        "again": again,
        "best": {
            "trial": 2,
            "value": 0.07,
            "values": {"optimizer.lr": 0.000489713531663473, "loss.name": "masked_mse"},
        },
        "frame": "box",
        "metric": "val/loss",
        "regions": 1,
        "states": {"complete": 3, "pruned": 1},
        "task": "segmentation",
        "trials": 4,
    } | changes


def test_the_block_of_a_search_has_the_spread_of_the_seeds_on_the_test_part():
    block = search_block.searched(content(0.05, 0.15, 0.1, -0.02), folder="reports/searches/unet", then="rojsat x")
    assert block == textwrap.dedent(
        """\
        search unet: 4 trials (3 complete, 1 pruned)
        best: trial 2, optimizer.lr=0.0004897, loss.name=masked_mse, val/loss 0.07 (validation)
        R² of 4 seeds: -0.020 to 0.150, standard deviation 0.073: 1 of 4 seeds above the best
        predictor without an image (position in the box, 0.100).
        1 test region: too few to say that these values are better than others.
        The best was trained again; the search did not use the test part.

        test                 RMSE   Spearman  IoU    F1     prevalence  R²
        seed 0               0.240  0.500     0.700  0.800  0.600       0.050
        seed 1               0.240  0.500     0.700  0.800  0.600       0.150
        seed 2               0.240  0.500     0.700  0.800  0.600       0.100
        seed 3               0.240  0.500     0.700  0.800  0.600       -0.020 worse than the mean
        mean of the seeds    0.240  0.500     0.700  0.800  0.600       0.070
        position in the box  0.240  0.500     0.700  0.800  0.600       0.100
        need everywhere      n/a    n/a       0.600  n/a    0.600       -8.000 worse than the mean

        folder:  reports/searches/unet
        next:    rojsat x"""
    )


def test_one_seed_has_no_spread_and_many_regions_no_words_on_few():
    block = search_block.searched(content(0.2, regions=9), folder="reports/searches/unet").replace("\n", " ")
    assert "R² 0.200 with one seed, whose spread is not known: 1 of 1 seed above the best predictor" in block
    assert "too few" not in block and "mean of the seeds" not in block


def test_without_seeds_or_without_predictors_no_test_metric_is_shown():
    assert "the test part was not evaluated" in search_block.searched(content(), folder="reports/searches/unet")
    before = content(0.2)
    del before["again"][0]["without_image"]
    block = search_block.searched(before, folder="reports/searches/unet")
    assert "see the reports unet-0" in block and "0.200" not in block
