import json
import re
import signal
import sys

import mlflow
import pytest

from rojsat import compare
from rojsat.config import command, compose
from rojsat.config.keys import ConfigError
from rojsat.evaluation import paired_differences
from rojsat.page import comparison_page
from rojsat.tracking import recorder
from tests.support import made_evaluations

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """A repository with evaluations: a good model, one as good but for noise, and a bad one with two seeds."""
    root = tmp_path_factory.mktemp("ground")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.setattr(compose, "ROOT", root)
        patch.setattr(recorder, "STORE", root / "mlruns")
        made_evaluations.leave(root, "good", 0.6)
        made_evaluations.leave(root, "bad", 0.2, seeds=(0, 1))
        made_evaluations.leave(root, "equal", 0.6, seeds=(3,), predictions=False, kept="results")
        made_evaluations.leave(root, "useless", -0.1)
        made_evaluations.leave(root, "fewer", 0.6, regions=7, data_digest="d2", split_digest="s2")
        yield root
    mlflow.set_tracking_uri(None)


def compared(*words):
    """The exit status of `rojsat.compare` with these words."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["rojsat.compare", *words])
        patch.setattr(signal, "signal", lambda *more: None)  # this process keeps its own
        try:
            command.start(compare.run, compare.COMMAND)
        except SystemExit as end:
            return end.code
    return 0


def content(ground, name):
    return json.loads((ground / "reports" / "comparisons" / name / "comparison.json").read_text())


def test_a_planted_better_model_is_better_and_everything_says_so(ground, capsys):
    assert compared("exp=good,bad") == 0
    printed = capsys.readouterr().out.replace("\n", " ")
    sentence = re.search(r"good is better than bad by (\d\.\d+) \[(\d\.\d+), (\d\.\d+)\] in R², 12 regions", printed)
    value, low, high = (float(number) for number in sentence.groups())
    assert 0 < low < value < high
    report = content(ground, "good_vs_bad")
    (r2,) = [each for each in report["differences"] if each["metric"] == "r2"]
    assert r2["value"] == pytest.approx(
        report["values"]["good"]["r2"]["value"] - report["values"]["bad"]["r2"]["value"]
    )
    assert "good is better than bad by" in next(e["words"] for e in report["differences"] if e["metric"] == "rmse")
    page = (ground / "reports" / "comparisons" / "good_vs_bad" / "comparison.html").read_text()
    assert sentence.group() in page
    assert "seed" in page and "±" in page and "prevalence" in page
    assert "it beats it" in page
    assert "src=" not in page


def test_equal_models_are_undecided(ground, capsys):
    assert compared("exp=good,equal") == 0
    printed = capsys.readouterr().out.replace("\n", " ")
    assert "good against equal in R²: undecided" in printed
    assert "next:    rojsat evaluate exp=unet_roi6 data=ground folds=leave_one_region_out seeds=0,1,2" in printed
    assert content(ground, "good_vs_equal")["differences"][0]["is_better"] is None


def test_a_model_that_does_not_beat_the_best_without_an_image_is_marked(ground, capsys):
    assert compared("exp=good,useless") == 0
    printed = capsys.readouterr().out.replace("\n", " ")
    assert "useless: R² -" in printed and "it does not beat it" in printed
    assert "worse than the mean" in printed


def test_other_data_are_refused_unless_allowed_and_marked_then(ground, capsys):
    assert compared("exp=bad,fewer") == 2
    assert "do not have the same data and split" in capsys.readouterr().err
    assert compared("exp=bad,fewer", "allow_different=true") == 0
    assert "7 regions that both have; NOT THE SAME DATA AND SPLIT" in capsys.readouterr().out.replace("\n", " ")
    page = (ground / "reports" / "comparisons" / "bad_vs_fewer" / "comparison.html").read_text()
    assert "NOT THE SAME DATA AND SPLIT" in page
    assert content(ground, "bad_vs_fewer")["unlike"] == ["data", "split"]


def test_the_worst_regions_come_first_and_groups_have_every_known_pixel(ground):
    compared("exp=bad,good")
    report = content(ground, "bad_vs_good")
    errors = [(row["bad"] + row["good"]) / 2 for row in report["regions"]]
    assert errors == sorted(errors, reverse=True)
    known = sum(row["known"] for row in report["regions"])
    subjects = {entry["subject"] for entry in report["groups"]}
    assert subjects == {"date", "cloud", "distance to the edge", "size"}
    for subject in subjects:
        entries = [entry for entry in report["groups"] if entry["subject"] == subject]
        assert sum(entry["known"] for entry in entries) == pytest.approx(known)
        squares = sum(entry["known"] * entry["errors"]["good"] ** 2 for entry in entries) / known
        assert squares**0.5 == pytest.approx(report["values"]["good"]["rmse"]["value"])
        assert all(entry["without_image"]["good"] > entry["errors"]["good"] for entry in entries)


def test_errors_near_label_borders_and_regions_that_no_model_believes_stand_in_report_page_and_terminal(ground, capsys):
    compared("exp=bad,good")
    report, printed = content(ground, "bad_vs_good"), capsys.readouterr().out
    page = (ground / "reports" / "comparisons" / "bad_vs_good" / "comparison.html").read_text()
    assert set(report["label_borders"]) == {"bad", "good"}
    for name in ("bad", "good"):
        shares = [group["errors"] for group in report["label_borders"][name]["model"]["groups"].values()]
        assert sum(shares) == pytest.approx(1)
    assert report["label_borders"]["good"]["model"]["iou"] > report["label_borders"]["bad"]["model"]["iou"]
    title = "By distance to the nearest label border"
    assert title in printed and title in page and "Near and off the label borders" in page
    denied = [entry["region"] for entry in report["denied"]]
    assert ("Labels that no evaluation believes" in page) == bool(denied) == ("to look at, not to drop" in printed)
    assert set(denied) <= {row["region"] for row in report["regions"]}


def test_the_run_has_metrics_with_their_intervals_and_the_page(ground, capsys):
    compared("exp=good,bad")
    recorder.connect("segmentation")
    run = next(each for each in recorder.runs("segmentation") if each["name"] == "compare good, bad")
    metrics = run["metrics"]
    assert metrics["good/r2_low"] < metrics["good/r2"] < metrics["good/r2_high"]
    assert 0 < metrics["good over bad/r2_low"] < metrics["good over bad/r2"]
    assert [file.path for file in mlflow.MlflowClient().list_artifacts(run["id"], "comparison")] == [
        "comparison/comparison.html",
        "comparison/comparison.json",
    ]
    assert compared("exp=good", f"exp={run['id']}", "dry=true") == 2
    assert "is of no evaluation" in capsys.readouterr().err


def test_a_run_id_is_the_evaluation_of_its_study(ground):
    run = recorder.start("ground segmentation", "evaluate good", {"study": "good-folds"}, {})
    recorder.finish(run)
    assert compare.find(run.id).name == "good"


def test_a_dry_run_says_what_would_be_compared(ground, capsys):
    assert compared("exp=good,equal", "dry=true") == 0
    printed = capsys.readouterr().out
    assert str(ground / "results" / "evaluations" / "equal") in printed
    assert "compare -> " in printed


def test_what_is_not_there_is_an_error_that_says_what_is(ground):
    with pytest.raises(ConfigError, match="two or more"):
        compare.run(["exp=good"])
    with pytest.raises(ValueError, match="Did you mean 'useless'"):
        compare.run(["exp=good,usless"])
    with pytest.raises(ValueError, match="needs two evaluations"):
        compare.run(["exp=good,good"])
    with pytest.raises(ValueError, match="rojsat.evaluate exp=unet_roi6 folds=hashed` makes it"):
        compare.run(["exp=good,unet_roi6", "folds=hashed"])


def test_one_experiment_by_two_splits_shows_its_leak_everywhere(ground, capsys):
    later = {"dates": made_evaluations.DATES[1:], "folds": "dates", "claims_unseen": False, "split_digest": "s2"}
    made_evaluations.leave(ground, "unet_roi6_dates", 0.8, **later)
    made_evaluations.leave(ground, "unet_roi6_leave_one_region_out", 0.4)
    assert compared("exp=unet_roi6", "folds=leave_one_region_out,dates") == 0
    printed = capsys.readouterr().out
    assert "The leak: trained on other dates of the same regions (dates): R² 0.9" in printed
    folder = ground / "reports" / "comparisons" / "unet_roi6_leave_one_region_out_vs_unet_roi6_dates"
    (kept,) = json.loads((folder / "leak.json").read_text())["leaks"]
    assert kept["words"] in printed
    assert "The leak of unet_roi6, on the same 12 samples of 12 regions" in (folder / "comparison.html").read_text()
    run = max(recorder.runs("segmentation"), key=lambda each: "leak of unet_roi6/r2" in each["metrics"])
    assert run["metrics"]["leak of unet_roi6/r2_low"] == pytest.approx(kept["difference"]["r2"]["low"])


def test_a_leak_without_predictions_is_refused_before_anything_is_written(ground, capsys):
    part = {"folds": "dates", "claims_unseen": False, "split_digest": "s2", "predictions": False}
    made_evaluations.leave(ground, "gone", 0.8, **part)
    assert compared("exp=good,gone") == 2
    assert "gone has the predictions of 0 of its 12 trainings here" in capsys.readouterr().err
    assert compared("exp=good,gone", "allow_different=true") == 0
    assert "is not known: gone has the predictions" in capsys.readouterr().out
    assert not (ground / "reports" / "comparisons" / "good_vs_gone" / "leak.json").exists()


def test_a_model_fitted_elsewhere_stands_beside_others_and_says_so(ground, capsys):
    words = "fitted elsewhere: may have been trained on these regions"
    made_evaluations.leave(ground, "theirs", 0.5, fitted=words, claims_unseen=None, leak=None)
    evaluations = [compare.find(name) for name in ("good", "theirs")]
    values = paired_differences.content(evaluations)
    assert comparison_page.marks(values) == [f"theirs was {words}."]
    assert values["evaluations"][1]["regions"] == f"12, {words}"
    assert values["leaks"] == values["unknown_leaks"] == []
