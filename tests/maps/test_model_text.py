"""The model card of an exported model, from a made-up report: every number beside those without an image."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from rojsat.evaluation import report_files
from rojsat.evaluation.metrics import Segmentation
from rojsat.maps import model_text, portable_texts
from tests.support import map_scenes

THRESHOLD = 0.1
METADATA = {"map": {"data": "beetle_native"}}
BANDS = portable_texts.raster_bands(map_scenes.card(), 0.0001, 0.0)


def metrics(degree, target):
    accumulator = Segmentation(threshold=THRESHOLD)
    accumulator.update(degree, target, np.ones(target.shape, bool))
    return accumulator.compute()


@pytest.fixture
def report(tmp_path):
    """A report tested on seven regions; the threshold of need is 0.1."""
    rng = np.random.default_rng(0)
    target = rng.random((7, 12, 12)).astype(np.float32) * (rng.random((7, 12, 12)) < 0.6)
    degree = (0.8 * target + 0.2 * rng.random(target.shape)).astype(np.float32)
    rows = pd.DataFrame({"region": [f"r{number}" for number in range(7)], "date": "2019-07-11"})
    everywhere = np.ones_like(target)
    for part, prediction in (("test", degree), ("test_all_need", everywhere)):
        shown = np.ones(target.shape, bool)
        arrays = {"prediction": prediction, "target": target, "known": shown, "seen": shown}
        report_files.write_predictions(tmp_path, part, rows, arrays)
    summary = {
        "beats": True,
        "best_without_image": "all_need",
        "gain": {"metric": "r2", "against": "all_need", "value": 1.5, "low": 1.2, "high": 1.8, "regions": 7},
        "leak": False,
        "split": "regions",
        "task": "segmentation",
        "test": metrics(degree, target),
        "tested": {"regions": list(rows["region"]), "images": 7, "all_regions": 9, "audit": "clean", "warnings": ["x"]},
        "without_image": {"all_need": metrics(everywhere, target)},
        "weights": "csmask_l2a, ukis-csmask 1.0.0, Apache-2.0",
    }
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    return tmp_path


def card(report, **changes):
    model = map_scenes.card(threshold=THRESHOLD, **changes)
    return model_text.card(model, METADATA, report, BANDS, parity="equal", file="model.onnx")


def test_every_metric_of_the_model_lies_in_its_interval_beside_that_without_an_image(report):
    text = card(report)
    rows = {line.split("|")[1].strip(): line for line in text.splitlines() if line.startswith("| ")}
    assert {"this model", "need everywhere"} <= set(rows)
    cells = re.findall(r"(-?[\d.]+)[^|\[]*\[(-?[\d.]+), (-?[\d.]+)\]", rows["this model"])
    assert len(cells) == 6
    for value, low, high in (map(float, cell) for cell in cells):
        assert low <= value <= high and low < high
    assert "7 regions (r0, r1, r2, r3, r4, r5, r6); 1 date (2019-07-11)" in text
    assert "Mind that x." in text and "ukis-csmask 1.0.0, Apache-2.0" in text and "author names no licence" in text
    assert text == card(report)


def test_without_a_report_it_says_so_and_keeps_the_verdict():
    text = card(None, dates=("2019-09-15", "2020-09-15"), leak=True)
    assert "No report of its run" in text and "tested on ground that it was trained on" in text
    assert "R² 0.2; the best predictor without an image has 0.1" in text
    assert "Dates by their roles: before, after (trained on 2019-09-15, 2020-09-15)" in text
