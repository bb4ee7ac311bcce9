"""The leak of stands: both splits of a classifier beside each other."""

from types import SimpleNamespace

from rojsat.config.pipeline import ListedEvaluation
from rojsat.page import evaluation_report
from rojsat.page.sections import leak_of_stands
from tests.support import evaluation_reports

LABEL = "ResNet18 on indices"


def reports(folder, accuracies):
    """Evaluations of `accuracies` by split; None for one that does not exist."""
    for split, accuracy in accuracies.items():
        words = ("exp=resnet18_s2", f"folds={split}")
        listed = ListedEvaluation(words, "objects_27", LABEL, task="classification")
        if accuracy is not None:
            content = evaluation_reports.content(split, listed, accuracy, task="classification", regions=120)
            evaluation_reports.leave(folder / "results/evaluations" / split, **content)
        yield evaluation_report.read(split, listed, folder)


def test_the_two_splits_stand_beside_each_other_and_beside_predictors_without_an_image(tmp_path):
    inputs = SimpleNamespace(evaluations=list(reports(tmp_path, {"dates": 0.9, "stratified": 0.62})))
    assert leak_of_stands.findings(inputs) == [
        f"{LABEL}: accuracy 0.90 (0.86 to 0.94) on other dates of the same stands, 0.62 (0.58 to 0.66) on stands not "
        "trained on."
    ]
    rows = [[cell.text for cell in row] for row in leak_of_stands.items(inputs)[0].table.rows]
    assert rows[0][2:] == ["0.90", "0.90", "0.60", "1.00", "-0.10"]
    assert rows[1][2:] == ["0.62", "0.62", "0.60", "0.60", "+0.02"]


def test_what_is_not_evaluated_names_its_command_and_nothing_is_compared(tmp_path):
    inputs = SimpleNamespace(evaluations=list(reports(tmp_path, {"dates": 0.9, "stratified": None})))
    assert leak_of_stands.findings(inputs) == []
    missing = leak_of_stands.items(inputs)[0].table.rows[1][2]
    assert (missing.text, missing.hint) == (
        "not evaluated",
        "rojsat evaluate exp=resnet18_s2 folds=stratified",
    )
