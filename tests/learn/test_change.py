"""Classification of two dates: the task `change` from chips to metrics."""

import numpy as np
import pytest

from rojsat.chips.reader import Chips
from rojsat.config import compose
from rojsat.learn import assembly
from rojsat.search import folds
from tests.support import stores, tended_stands


@pytest.fixture(scope="module")
def chips(tmp_path_factory):
    return tended_stands.write(tmp_path_factory.mktemp("tended"))


SPLIT = ("split.name=k_fold_regions", "split.options.folds=4", "split.options.fold=0", "split.allow_leaks=true")
RULE = ("variant=index_rule", "inputs.dates=[difference]")


def composed(*words):
    return compose.load("resnet18_s2", ["task=change", *SPLIT, *words])


@pytest.mark.slow
def test_one_threshold_on_a_difference_tells_tended_stands_and_the_prevalence_stands_beside_it(chips, tmp_path):
    assembled = assembly.assemble(composed(*RULE), chips)
    list(assembled.train(tmp_path))
    test, beside = assembled.evaluate("test"), assembled.without_image("test")
    assert test.metrics["accuracy"] == 1 and set(beside) == {"constant", "box_size"}
    assert beside["constant"].metrics["accuracy"] < 0.8
    assert assembled.data.source.inputs[0] == "bndvi difference"


@pytest.mark.slow
def test_a_difference_is_after_minus_before_and_a_pair_holds_both(chips):
    pair, difference = (assembly.prepared(composed(*words), chips).source.read("stand") for words in ((), RULE[1:]))
    assert pair.rows["chip"].tolist() == difference.rows["chip"].tolist() and len(pair.rows) == 24
    count = difference.images.shape[1]
    assert pair.images.shape[1] == 2 * count
    np.testing.assert_allclose(difference.images, pair.images[:, count:] - pair.images[:, :count])
    labels = dict(zip(pair.rows["region"], pair.targets.tolist(), strict=True))
    assert labels == {chr(97 + number): int(tended_stands.is_tended(number)) for number in range(24)}
    experiment = compose.load("resnet18_s2", ["task=change", "split.name=k_fold_regions", "split.options.folds=4"])
    rows = folds.samples(experiment, chips)
    assert sorted(rows["chip"]) == sorted(pair.rows["chip"])
    assert dict(zip(rows["region"], rows["label"] == "need", strict=True)) == {k: bool(v) for k, v in labels.items()}


def test_chips_that_know_no_changes_are_refused(tmp_path):
    with pytest.raises(ValueError, match="completed_tendings"):
        assembly.prepared(composed(), Chips(stores.write_small(tmp_path / "chips")))
