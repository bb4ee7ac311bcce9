"""Image classification: figures 4 to 7, tables 1 and 2."""

from collections.abc import Mapping
from typing import Any

from sklearn.metrics import classification_report

from rojsat.evaluation import metrics
from rojsat.evaluation.report_files import Predictions
from rojsat.figures import training
from rojsat.page import published
from rojsat.page.cells import loss_name, picture
from rojsat.page.html import Cell, Grid, Item
from rojsat.page.inputs import Report, Study

DEPTHS = {"resnet18": "ResNet18", "resnet152": "ResNet152"}

ROWS = {
    "clear": "clear",
    "need": "need clearing",
    "accuracy": "accuracy",
    "macro": "macro avg",
    "weighted": "weighted avg",
}
"""Rows of a classification report, as `published.yaml` and as the page calls them."""

_SKLEARN = {"macro": "macro avg", "weighted": "weighted avg"}

COLUMNS = ("precision", "recall", "f1", "support")


NUMBERS = {"tci": ("Fig. 4", "Table 1", "Fig. 5"), "s2": ("Fig. 6", "Table 2", "Fig. 7")}
"""Of the figure of the losses, the table and the figure of the confusion, by set of channels."""

WORDS = {"tci": "true colour images (TCI, 3 channels)", "s2": "spectral indices (S2, 10 channels)"}


def of(study: Study, channels: str) -> list[Item]:
    """Losses, classification reports and confusion matrices of each depth that there is on one set of channels.

    Args:
        study: where the reports lie.
        channels: tci or s2, as the experiments are called.
    """
    numbers, words = NUMBERS[channels], WORDS[channels]
    depths = {model: name for model, name in DEPTHS.items() if f"{model}_{channels}" in study.pipeline.experiments}
    reports = {name: study.report(f"{model}_{channels}") for model, name in depths.items()}
    named = " and ".join(depths.values())
    commands = [one.command for one in reports.values()]
    found = {name: report.predictions("test") for name, report in reports.items()}
    first = next(iter(reports.values()))
    runs = [(name, report.history, int(report.summary["best_epoch"])) for name, report in reports.items()]
    losses = training.losses_beside(runs, loss_name(str(first.experiment.loss.name)))
    counts = [
        (
            f"{name} ({len(one.rows)} chips)",
            metrics.confusion(one.prediction, one.target, one.known, reports[name].summary["classes"]),
        )
        for name, one in found.items()
    ]
    matrices = training.confusions(counts, first.summary["classes"])
    theirs = [
        f"{name} {published.report(f'{model}_{channels}')['accuracy']['f1']:.2f}" for model, name in depths.items()
    ]
    ours = [f"{name} {one.summary['test']['accuracy']:.2f}" for name, one in reports.items()]
    return [
        Item(
            [numbers[0]],
            f"Cross entropy of training and validation on {words}: {named}.",
            commands,
            [picture(losses, f"Loss curves of {named} on {words}", 450 * len(depths))],
        ),
        Item(
            [numbers[1]],
            f"Classification report of the test part, {words}; below each number that of the study. Support is the "
            "number of samples that a row rests on.",
            commands,
            grid=_reports(channels, depths, found, reports),
            note=f"Accuracy here: {', '.join(ours)}. In the study: {', '.join(theirs)}. The test part holds other "
            f"dates of the same stands (split by {first.experiment.split.name}), as in the study.",
        ),
        Item(
            [numbers[2]],
            f"Confusion on the test part, {words}: every row divided by its number of true labels, counts in brackets.",
            commands,
            [picture(matrices, f"Confusion matrices of {named} on {words}", 400 * len(depths))],
        ),
    ]


def rows(found: Predictions, classes: list[str]) -> dict[str, dict[str, float]]:
    """The classification report of scikit-learn by our names of rows and columns."""
    true, predicted = found.target[found.known], found.prediction.argmax(axis=1)[found.known]
    said: dict[str, Any] = classification_report(
        true, predicted, labels=range(len(classes)), target_names=classes, zero_division=0, output_dict=True
    )
    table = {
        name: {
            column: said[_SKLEARN.get(name, name)][f"{column}-score" if column == "f1" else column]
            for column in COLUMNS
        }
        for name in ROWS
        if name != "accuracy"
    }
    return table | {"accuracy": {"f1": said["accuracy"], "support": table["macro"]["support"]}}


def _reports(
    channels: str, depths: Mapping[str, str], found: Mapping[str, Predictions], reports: Mapping[str, Report]
) -> Grid:
    """The reports of all depths beside each other, each number above the study's."""
    ours = {name: rows(one, reports[name].summary["classes"]) for name, one in found.items()}
    theirs = {name: published.report(f"{model}_{channels}") for model, name in depths.items()}
    lines = []
    for key, title in ROWS.items():
        line = [Cell(title, heads=True)]
        for name in depths.values():
            line += [_cell(ours[name][key], theirs[name][key], column) for column in COLUMNS]
        lines.append(line)
    columns = ["", *("precision", "recall", "F1", "support") * len(depths)]
    return Grid(columns, lines, [("", 1), *((name, len(COLUMNS)) for name in depths.values())])


def _cell(ours: dict[str, float], theirs: dict[str, float], column: str) -> Cell:
    if column not in ours:
        return Cell("")
    digits = 0 if column == "support" else 2
    return Cell(f"{ours[column]:.{digits}f}", f"study {theirs[column]:.{digits}f}")
