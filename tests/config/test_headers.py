"""The header of an experiment says what it is, its command, its cost and its score, that of the kept results."""

import json
import re

import pytest

from rojsat.config import compose

METRICS = {"accuracy": "accuracy", "macro F1": "f1_macro", "R2": "r2", "IoU": "iou"}

FOLDERS = {"quick": "reports/quick/{}", "full, from scratch": "results/full/{}_scratch_full"}

SCORES = re.compile(r"^Size (?P<size>quick|full, from scratch): (?P<scores>[^;]*); (?P<cost>.*core\.)$", re.MULTILINE)

UNSCORED = {
    "beetle_unet": "its data are not in the repository; docs/results.md",
    "beetle_pixel_net": "its data are not in the repository; docs/results.md",
    "beetle_pixel_net_crops": "its data are not in the repository; docs/results.md",
    "beetle_pixel_net_context": "its data are not in the repository; docs/results.md",
    "pixel_net": "its folds are evaluated together; docs/evaluation.md",
    "temporal": "its folds are evaluated together; docs/results.md",
    "temporal_pixel_net": "its folds are evaluated together; docs/results.md",
    "beetle_unet_crops": "its data are not in the repository; docs/results.md",
    "beetle_unet_regularised": "its data are not in the repository; docs/results.md",
    "unet": "its folds are evaluated together; docs/evaluation.md",
    "unet_regularised": "its folds are evaluated together; docs/evaluation.md",
    "demo": "a first look, on data of its own; not in the pipeline",
    "demo_map": "made with its map by `make demo-map`; not in the pipeline",
    "beetle_boosting_context": "its data are not in the repository; docs/results.md",
    "baseline_gbm": "its data are not in the repository; docs/results.md",
    "deeplab50_roi6": "not in the pipeline",
    "resnet152_tci": "too large for the pipeline at size quick, and not trained at full length",
    "resnet152_s2": "too large for the pipeline at size quick, and not trained at full length",
}
"""Experiments whose results are not kept in the repository."""

EXPERIMENTS = [name for name in compose.names() if name not in UNSCORED]


@pytest.mark.parametrize("name", compose.names())
def test_a_header_says_what_the_command_and_the_cost(name):
    lines = compose.header(name).splitlines()
    assert lines[0].endswith((".", ")", ").")) or "." in lines[0]
    assert lines[1].startswith(f"python -m rojsat.run exp={name}")
    assert "core" in compose.header(name), "cost"


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_score_in_a_header_is_that_of_the_kept_results(name):
    stated = list(SCORES.finditer(compose.header(name)))
    assert stated, f"no score in the header of {name}"
    for match in stated:
        metrics = json.loads((compose.ROOT / FOLDERS[match["size"]].format(name) / "metrics.json").read_text())["test"]
        scores = re.findall(r"([A-Za-z][A-Za-z0-9 ]*?) (-?\d+\.\d\d)", match["scores"])
        assert scores
        assert dict(scores) == {label: f"{metrics[METRICS[label]]:.2f}" for label, _ in scores}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_no_kept_score_is_left_out(name):
    kept = {size for size, folder in FOLDERS.items() if (compose.ROOT / folder.format(name) / "metrics.json").exists()}
    assert {match["size"] for match in SCORES.finditer(compose.header(name))} == kept
