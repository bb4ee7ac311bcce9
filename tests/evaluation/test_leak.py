import dataclasses
import shutil

import numpy as np
import pandas as pd
import pytest

from rojsat.evaluation import kept_evaluations, leak, paired_differences, report_files, same_samples
from tests.support import made_evaluations

BY_DATES = {"folds": "dates", "claims_unseen": False, "split_digest": "s2"}
"""Of an evaluation of the last date of regions that were trained on, on the other date."""


@pytest.fixture(scope="module")
def sides(tmp_path_factory):
    """The same experiment by dates, where it is better, and by regions, with two seeds."""
    root = tmp_path_factory.mktemp("ground")
    by_dates = made_evaluations.leave(root, "by_dates", 0.8, dates=made_evaluations.DATES[1:], **BY_DATES)
    by_regions = made_evaluations.leave(root, "by_regions", 0.4, seeds=(0, 1))
    return [kept_evaluations.read(folder) for folder in (by_dates, by_regions)]


def changed(evaluation, tmp_path, change):
    """A copy of an evaluation whose test predictions are passed through a function."""
    shutil.copytree(evaluation.folder, tmp_path / "copy")
    copy = kept_evaluations.KeptEvaluation(tmp_path / "copy", evaluation.content)
    for report in copy.reports:
        part = change(report_files.read_predictions(report, "test"))
        arrays = {name: getattr(part, name) for name in ("prediction", "target", "known", "seen")}
        report_files.write_predictions(report, "test", part.rows, arrays)
    return copy


def pixels(evaluation, chips):
    """Predictions and targets of the known pixels of some chips, the first seed."""
    parts = [report_files.read_predictions(report, "test") for report in evaluation.reports if "seed0" in report.name]
    chosen = [(part, part.rows["chip"].isin(chips).to_numpy()) for part in parts]
    return (
        np.concatenate([getattr(part, name)[rows][part.known[rows]] for part, rows in chosen])
        for name in ("prediction", "target")
    )


def test_both_sides_are_of_the_same_pixels_and_the_difference_is_paired(sides):
    trained_on, not_trained_on = sides
    values = leak.content(trained_on, not_trained_on, ["r2", "iou"])
    assert (values["samples"], values["regions"], values["same_targets"], values["is_positive"]) == (12, 12, True, True)
    for side, evaluation in zip((leak.TRAINED_ON, leak.NOT_TRAINED_ON), sides, strict=True):
        prediction, target = pixels(evaluation, same_samples.tested(trained_on))
        r2 = 1 - np.mean((prediction - target) ** 2) / np.var(target)
        assert values[side]["metrics"]["r2"]["value"] == pytest.approx(r2, abs=0.005)  # of two seeds the mean
        assert values[side]["against"] == {"predictor": "constant", "label": "the mean of training"}
        assert values[side]["without_image"]["r2"]["value"] < 0.01
    difference = values["difference"]["r2"]
    assert 0 < difference["low"] < difference["value"] < difference["high"]
    assert (values[leak.TRAINED_ON]["seeds"], values[leak.NOT_TRAINED_ON]["seeds"]) == (1, 2)


def test_the_words_have_both_values_the_interval_and_what_needs_no_image(sides):
    words = leak.content(*sides, ["r2"])["words"]
    assert words.startswith("trained on other dates of the same regions (dates): R² 0.9")
    assert "not trained on (leave_one_region_out): R² 0.6" in words
    assert words.count("best predictor without an image, the mean of training") == 2
    assert words.endswith("12 regions, 12 samples that both tested")


def test_samples_of_one_side_alone_do_not_count(sides, tmp_path):
    def corrupted(part):
        part.prediction[(part.rows["date"] == made_evaluations.DATES[0]).to_numpy()] = 9
        return part

    other = changed(sides[1], tmp_path, corrupted)
    assert leak.content(sides[0], other, ["r2"]) == leak.content(*sides, ["r2"])


def test_other_degrees_of_the_same_pixels_are_marked(sides, tmp_path):
    halved = changed(sides[1], tmp_path, lambda part: dataclasses.replace(part, target=part.target / 2))
    assert leak.content(sides[0], halved, ["r2"])["words"].endswith("NOT SCALED ALIKE")


def test_a_pair_differs_in_the_split_and_in_nothing_else(sides):
    by_dates, by_regions = sides
    assert leak.pairs([by_regions, by_dates]) == [(by_dates, by_regions)]
    others = [{"model": "other"}, {"data_digest": "d2"}, {"settings_digest": "x"}, {"claims_unseen": False}]
    for other in [*others, {"claims_unseen": None}]:
        assert not leak.is_pair(by_dates, dataclasses.replace(by_regions, content=by_regions.content | other)), other


def test_predictions_that_are_elsewhere_are_named(sides, tmp_path):
    elsewhere = kept_evaluations.KeptEvaluation(tmp_path, sides[1].content | {"name": "elsewhere"})
    with pytest.raises(ValueError, match="elsewhere has the predictions of 0 of its 24 trainings here.*evaluate both"):
        leak.content(sides[0], elsewhere, ["r2"])
    contents = leak.contents([sides[0], elsewhere], ["r2"])
    assert contents["leaks"] == []
    assert "is not known: elsewhere has" in contents["unknown_leaks"][0]


def test_stands_are_compared_on_the_dates_that_both_tested(tmp_path):
    """Two dates of six stands: all right where they were trained on, every other stand wrong where they were not."""
    evaluations = []
    for name, dates, wrong in (("by_dates", ("b",), 0), ("stratified", ("a", "b"), 3)):
        folder = tmp_path / name / "folds" / "0_seed0"
        folder.mkdir(parents=True)
        stands = [(str(stand), date) for stand in range(6) for date in dates]
        rows = pd.DataFrame(stands, columns=["region", "date"]).assign(
            chip=[f"{stand}{date}" for stand, date in stands]
        )
        labels, known = np.array([int(stand) % 2 for stand, _ in stands]), np.ones(len(stands), bool)
        right = np.array([date == "a" or int(stand) >= wrong for stand, date in stands])
        need = np.where(right, labels, 1 - labels)
        arrays = {"target": labels, "known": known, "seen": known}
        for part, scores in (("test", need), ("test_constant", np.ones(len(stands)))):
            prediction = np.stack([1 - scores, scores], axis=1).astype(np.float32)
            report_files.write_predictions(folder, part, rows, arrays | {"prediction": prediction})
        content = {"name": name, "task": "classification", "exp": "resnet18_s2", "folds": name, "seeds": [0]}
        content |= {"fold_count": 1, "threshold": 0.1, "metrics": {"accuracy": {}}, "claims_unseen": bool(wrong)}
        content |= {"without_image": {"constant": {}}, "data_digest": "d", "split_digest": name}
        evaluations.append(kept_evaluations.KeptEvaluation(tmp_path / name, content))
    values = leak.content(*evaluations, ["accuracy"])
    assert values["samples"] == 6
    assert values["difference"]["accuracy"]["value"] == pytest.approx(0.5)
    (difference,) = paired_differences.differences(*evaluations, ["accuracy"])
    assert difference.interval.value == pytest.approx(0.5)
    assert "on the 6 samples that both tested; NOT THE SAME SPLIT" in difference.sentence
