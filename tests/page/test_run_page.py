"""The page of one run: its result beside predictors without an image, and what must be known with it."""

import json

import pytest
from matplotlib.figure import Figure

from rojsat.config import compose
from rojsat.page import html, needs, run_page
from rojsat.page.needs import OutputFolder
from rojsat.page.run_report import RunReport

VALUES = {"r2": 0.1, "rmse": 0.2, "mae": 0.1, "iou": 0.5, "f1": 0.6, "spearman": 0.4, "prevalence": 0.4}
SUMMARY = {
    "task": "segmentation",
    "frame": "window",
    "leak": False,
    "beats": None,
    "test": VALUES,
    "best_without_image": "box_position",
    "without_image": {"box_position": VALUES | {"r2": -0.25}, "all_need": VALUES | {"r2": -9.5}},
    "gain": {"metric": "r2", "against": "box_position", "value": 0.35, "regions": 3},
}


@pytest.fixture
def report(tmp_path, monkeypatch):
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    folder = tmp_path / "reports" / "quick" / "demo"
    (folder / "figures").mkdir(parents=True)
    (folder / "summary.json").write_text(json.dumps(SUMMARY))
    return RunReport(compose.load("demo"), OutputFolder(folder, "python -m rojsat.run exp=demo"))


def test_a_missing_figure_is_named_with_the_command_that_draws_it(report):
    with pytest.raises(ValueError, match=r"python -m rojsat\.run exp=demo\n.*figures/predictions_test\.png"):
        needs.check(run_page.needs(report))


def test_the_page_says_what_the_number_is_worth(report):
    Figure().savefig(report.output.path / "figures" / "predictions_test.png")
    needs.check(run_page.needs(report))
    text = html.render(run_page.page(report))
    assert "<title>demo: U-Net on 3 regions not trained on</title>" in text
    for words in ("3 regions, too few for an interval", "position in the box", "worse than the mean", "is simulated"):
        assert words in text, words
    assert text.count("<img") == 1
    assert 'alt="Rows of an image in true colour' in text


def test_a_leaking_run_says_so(report):
    (report.output.path / "summary.json").write_text(json.dumps(SUMMARY | {"leak": True}))
    page = run_page.page(report)
    assert page.title == "demo: U-Net on other dates of 3 regions trained on"
    assert any("leaks" in words for words in page.lead)
