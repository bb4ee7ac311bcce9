import numpy as np
import pandas as pd
import pytest

from rojsat.chips import part_labels
from rojsat.chips.findings import finding
from rojsat.chips.roles import CLASSES

EVERYWHERE = {"train": "need clear", "val": "need clear", "test": "need clear"}


def stands(**labels):
    """Rows, classes and what is known of stands, a region each: labels by part, `-` for none."""
    rows = [(part, word) for part, words in {**EVERYWHERE, **labels}.items() for word in words.split()]
    table = pd.DataFrame({"region": [f"s{n}" for n in range(len(rows))], "part": [part for part, _ in rows]})
    known = np.array([word != "-" for _, word in rows])
    return table, np.array([CLASSES.index(word) if word != "-" else -1 for _, word in rows]), known


def pixels(train, val=(0, 1), test=(0, 1)):
    """Rows, degrees and what is known of one object a part, a pixel a value; None is unknown."""
    parts = {"train": train, "val": val, "test": test}
    width = max(map(len, parts.values()))
    degrees = np.array([[[*row, *[None] * (width - len(row))]] for row in parts.values()], float)
    rows = pd.DataFrame({"region": ["a", "b", "c"], "part": list(parts)})
    return rows, np.nan_to_num(degrees, nan=-1), np.isfinite(degrees)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (
            {"train": "need"},
            "no stand labelled clear .*clear: 0 in training, 1 in validation, 1 in test; need: 1 in tr",
        ),
        ({"train": "clear clear -"}, r"no stand labelled need .*there are too few labelled need .* needs 3 of each"),
        (
            {"train": "need need", "val": "clear clear need", "test": "clear"},
            "split.name=stratified puts stands of each label",
        ),
        ({"train": "need", "val": "need", "test": "need"}, "The data set has no chip of a stand labelled clear"),
        ({"train": "-"}, "no stand labelled clear and need"),
    ],
)
def test_a_training_part_with_one_class_is_refused_with_what_to_do(labels, message):
    with pytest.raises(ValueError, match=f"(?i){message}"):
        part_labels.check(*stands(**labels))


@pytest.mark.parametrize(
    ("train", "message"),
    [((0, 0, None), "every known pixel of it has degree 0"), ((None,), "no pixel of it has a known degree")],
)
def test_a_training_part_of_one_degree_is_refused(train, message):
    with pytest.raises(ValueError, match=message):
        part_labels.check(*pixels(train))


@pytest.mark.parametrize("samples", [stands(), pixels((0, 0.5)), stands(train="need clear -", test="need")])
def test_a_training_part_with_two_labels_may_train(samples):
    part_labels.check(*samples)


@pytest.mark.parametrize(
    ("samples", "found"),
    [
        (stands(), []),
        (stands(val="need"), [finding("classes", ["clear"], ["val"])]),
        (stands(val="need", test="need"), [finding("classes", ["clear"], ["val", "test"])]),
        (stands(test="-"), [finding("classes", [label], ["test"]) for label in CLASSES]),
        (pixels((0, 1)), []),
        (pixels((0, 1), val=(0.5, 0.5, None)), [finding("one_degree", ["b"], ["val"], value=0.5)]),
    ],
)
def test_what_validation_and_test_lack_is_a_warning(samples, found):
    assert list(part_labels.findings(*samples)) == found
    assert {each.severity for each in found} <= {"warning"}
    assert all(each.names[0] in str(each) for each in found)
