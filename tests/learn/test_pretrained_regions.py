import json

import pandas as pd
import pytest

from rojsat.learn import pretrained_regions

SPLIT = pd.DataFrame({"region": ["1", "2", "3", "4"], "part": ["train", "val", "test", "test"]})


@pytest.mark.parametrize(
    ("regions", "data", "expected"),
    [
        (["1"], "simulated", []),
        (["1", "3", "9"], "simulated", ["1 of 2 test regions (3)"]),
        (["2", "3", "4"], "simulated", ["1 of 1 validation regions (2)", "2 of 2 test regions (3, 4)"]),
        (["3"], "another", []),
    ],
)
def test_evaluated_regions_of_whose_images_weights_know_are_named(regions, data, expected, tmp_path):
    weights = tmp_path / "own.pt"
    weights.with_suffix(".json").write_text(json.dumps({"data": data, "regions": regions}))
    sentences = list(pretrained_regions.sentences(str(weights), "simulated", SPLIT))
    assert [sentence.partition("labels, of ")[2] for sentence in sentences] == expected


@pytest.mark.parametrize("weights", [None, "imagenet", "other.pt"])
def test_nothing_is_said_of_other_weights(weights):
    assert not list(pretrained_regions.sentences(weights, "simulated", SPLIT))
