import json

import pytest

from rojsat.config import compose
from rojsat.evaluation import sufficiency


def keep(folder, name, regions, half, **content):
    (folder / name).mkdir(parents=True)
    gain = {"low": 0.1 - half, "high": 0.1 + half}
    values = {"task": "segmentation", "leak": False, "claims_unseen": True, "regions": regions, "gain": gain}
    (folder / name / "evaluation.json").write_text(json.dumps(values | content))


def test_the_narrowest_interval_without_a_leak_counts(tmp_path):
    keep(tmp_path, "a", 9, 0.3)
    keep(tmp_path, "b", 9, 0.2)
    keep(tmp_path, "leak", 9, 0.01, leak=True)
    keep(tmp_path, "stands", 9, 0.02, task="classification")
    keep(tmp_path, "none", 3, 0, gain={"low": None})
    keep(tmp_path, "c", 27, 0.1)
    assert sufficiency.half_widths(tmp_path, "segmentation") == pytest.approx({9: 0.2, 27: 0.1})


@pytest.mark.parametrize(
    "regions, part",
    [
        (0, "nothing to train on for segmentation"),
        (2, "no split by regions, which needs 3, fewer than 5: no interval"),
        (4, "leave-one-region-out yes, 4 folds yes, fewer than 5: no interval"),
        (7, "5 folds yes, an interval in R²: kept evaluations have ±0.20 with 9 at best; of fewer regions it is wider"),
        (9, "leave-one-region-out yes, 5 folds yes, an interval of ±0.20 in R² at best"),
        (12, "kept evaluations have ±0.20 with 9 and ±0.10 with 27 at best"),
        (100, "kept evaluations have ±0.10 with 27 at best"),
    ],
)
def test_words_say_what_so_many_regions_are_enough_for(regions, part):
    assert part in sufficiency.words("segmentation", regions, regions, 4, {9: 0.2, 27: 0.1})[0]


@pytest.mark.parametrize("dates, part", [(1, "1 date: no split"), (2, "2 dates: no split"), (3, "3 dates: a split")])
def test_words_say_whether_dates_can_be_split(dates, part):
    assert sufficiency.words("classification", 6, 2, dates, {})[1].startswith(part)


@pytest.mark.parametrize(
    "rarest, part", [(0, "all with the same label"), (2, "folds no"), (4, "4 folds yes"), (30, "5 folds yes")]
)
def test_every_fold_needs_a_stand_of_each_label(rarest, part):
    assert part in sufficiency.words("classification", 60, rarest, 4, {})[0]


def test_the_evaluations_of_the_repository_narrow_with_regions():
    kept = list(sufficiency.half_widths(compose.ROOT / "results" / "evaluations", "segmentation").values())
    assert len(kept) >= 3
    assert kept == sorted(kept, reverse=True)
