"""The comparison of metrics with those in git."""

import json
import subprocess

import pytest

from rojsat.repro import differences

MADE = {"unet": {"test.r2": 0.25, "test.rmse": 0.2}, "resnet": {"test.accuracy": 0.7}, "new": {"test.r2": 0.1}}
COMMITTED = {"unet": {"test.r2": 0.2, "test.rmse": 0.2}, "resnet": {"test.accuracy": 0.7}, "old": {"test.r2": 0.0}}


def test_every_metric_is_the_same_or_shows_by_how_much_it_differs():
    segmenters, classifiers, summary = differences.text(MADE, COMMITTED, "HEAD").split("\n\n")
    assert segmenters.splitlines()[0].split() == ["run", "test.r2", "test.rmse"]
    assert segmenters.splitlines()[1].split() == ["unet", "0.2500", "+0.05", "0.2000", "="]
    assert classifiers.splitlines()[1].split() == ["resnet", "0.7000", "="]
    assert summary.splitlines() == [
        "2 of 3 metrics are the same as in HEAD",
        "others, behind each by how much it is larger: unet",
        "another kind of CPU adds in another order: its numbers differ, after many epochs in any digit",
        "not in HEAD: new",
        "not made here: old",
    ]


def test_nothing_but_the_count_is_printed_where_all_are_the_same():
    assert differences.text(COMMITTED, COMMITTED, "v1").endswith("\n\n4 of 4 metrics are the same as in v1")


def test_a_metric_that_the_commit_does_not_have_is_new():
    assert "0.5000 new" in differences.text({"unet": {"test.f1": 0.5}}, {"unet": {"test.r2": 0.2}}, "HEAD")


def test_reports_are_read_from_the_folder_and_from_git(tmp_path):
    def git(*words):
        names = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", "-C", str(tmp_path), *names, *words], check=True, capture_output=True)

    for name in ("unet", "unet-0a1b2c"):
        (tmp_path / "reports/quick" / name).mkdir(parents=True)
        (tmp_path / "reports/quick" / name / "metrics.json").write_text(json.dumps({"test": {"r2": 0.5}}))
    git("init", "-q")
    git("add", "reports/quick/unet")
    git("commit", "-qm", "Reports")
    assert differences.table(tmp_path).endswith("1 of 1 metrics are the same as in HEAD")
    (tmp_path / "reports/quick/unet/metrics.json").write_text(json.dumps({"test": {"r2": 0.5000001}}))
    assert "is larger: unet" in differences.table(tmp_path)
    with pytest.raises(ValueError, match="nowhere"):
        differences.table(tmp_path, "nowhere")
