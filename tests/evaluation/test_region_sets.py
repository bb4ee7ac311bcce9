import json

import numpy as np
import pandas as pd
import pytest

from rojsat.evaluation import region_sets
from rojsat.evaluation.report_files import Predictions


def fold(regions, seed=0, skill=2.0, chips=4):
    """Chips of stands in need or not, whose scores share an offset a stand."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(rng.integers(0, 2, regions), chips)
    scores = skill * (2 * labels - 1) + np.repeat(rng.normal(0, 1, regions), chips) + rng.normal(0, 0.5, len(labels))
    need = (1 / (1 + np.exp(-scores))).astype(np.float32)
    rows, known = pd.DataFrame({"region": np.repeat(np.arange(regions), chips)}), np.ones(len(labels), bool)
    return Predictions(rows, np.stack([1 - need, need], axis=1), labels, known, known)


def test_sets_of_stands_left_out_hold_the_true_class_as_promised():
    covered = [region_sets.summarise({"one": fold(40, seed, skill=1.0)}, 0.9)["coverage"] for seed in range(60)]
    assert 0.9 - 0.01 < np.mean(covered) < 0.9 + 1 / 40 + 0.01


def test_a_summary_is_json_and_a_skilled_network_names_one_class():
    content = region_sets.summarise({"first": fold(20), "second": fold(20, seed=1)}, 0.9)
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert content["regions"] == 20 and content["by_region"]["7"]["count"] == 8  # a region of both folds
    assert content["single"] > 0.8 and content["without_image"]["single"] == 0
    assert "0% without an image" in content["text"]


def test_a_label_does_not_enter_the_set_of_its_own_region_and_unknown_chips_count_nowhere():
    stands = fold(20, skill=0.5)
    regions, labels = stands.rows["region"].to_numpy(), stands.target.copy()
    before = region_sets.sets(regions, stands.prediction, labels, 0.9)
    labels[regions == 3] = 1 - labels[regions == 3]
    after = region_sets.sets(regions, stands.prediction, labels, 0.9)
    assert np.array_equal(before[regions == 3], after[regions == 3])
    stands.known[regions == 5] = False
    assert "5" not in region_sets.summarise({"one": stands}, 0.9)["by_region"]


def test_too_few_stands_get_all_classes_and_none_known_is_refused():
    content = region_sets.summarise({"one": fold(9)}, 0.9)
    assert content["size"] == 2 and "9 regions are too few" in content["text"]
    stands = fold(9)
    stands.known[:] = False
    with pytest.raises(ValueError, match="no chip of any fold is known"):
        region_sets.summarise({"one": stands}, 0.9)
