from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from rojsat.evaluation import denied_labels, region_moments
from rojsat.evaluation.kept_evaluations import KeptEvaluation


def evaluation(name, wrong, without_image=None):
    """One whose regions 0, 1 and so on have a share of wrong pixels each, of 100."""

    def tables(shares):
        columns = {"count": 100.0, "false_positives": 40 * pd.Series(shares), "false_negatives": 60 * pd.Series(shares)}
        columns |= {"hits": 30.0, "true_negatives": 10.0}
        table = pd.DataFrame(columns)
        return [table.set_axis([str(number) for number in range(len(shares))]).rename_axis("region")] * 2

    return SimpleNamespace(
        name=name, moments=tables(wrong), moments_without_image=tables(without_image) if without_image else []
    )


QUIET = [0.05] * 17


def test_a_region_is_listed_that_is_wrong_for_every_evaluation_and_the_most_denied_comes_first():
    first = evaluation("first", [0.5, 0.4, 0.1, *QUIET], [0.6, 0.3, 0.2, *QUIET])
    second = evaluation("second", [0.3, 0.9, 0.2, *QUIET])
    worse, denied = denied_labels.content([first, second])
    assert (worse["region"], denied["region"]) == ("1", "0")
    assert worse["wrong"] == pytest.approx({"first": 0.4, "second": 0.9})
    assert worse["without_image"] == pytest.approx({"first": 0.3})
    assert worse["known"] == 100


def test_what_one_evaluation_gets_right_is_not_listed_nor_what_nothing_gets_wrong():
    first, second = evaluation("one", [0.5, 0.4, *QUIET]), evaluation("other", [0.01, 0.4, *QUIET])
    assert [entry["region"] for entry in denied_labels.content([first, second])] == ["1"]
    assert denied_labels.content([evaluation("a", [0.0] * 9), evaluation("b", [0.0] * 9)]) == []


def test_stands_are_wrong_by_their_class(tmp_path: Path):
    moments = pd.DataFrame(
        {"confusion_0_0": [3.0, 0], "confusion_0_1": [1.0, 2], "confusion_1_0": [0.0, 0], "confusion_1_1": [0.0, 2]},
        index=pd.Index(["a", "b"], name="region"),
    )
    assert denied_labels.shares([moments]).tolist() == [0.25, 0.5]
    region_moments.write(tmp_path / "moments.csv", {0: moments})
    kept = KeptEvaluation(tmp_path, {"name": "kept", "best_without_image": "constant"})
    (entry,) = denied_labels.content([kept])
    assert (entry["region"], entry["known"], entry["prevalence"]) == ("b", 4, 0.5)
