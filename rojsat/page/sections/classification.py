"""Image classification: figures 4 to 7, tables 1 and 2."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sklearn.metrics import classification_report

from rojsat.config import metric_names
from rojsat.evaluation import metrics
from rojsat.evaluation.report_files import Predictions
from rojsat.figures import confusion_matrices, loss_curves
from rojsat.figures.loss_curves import LossCurve
from rojsat.page import alt_texts, beside_metrics, published
from rojsat.page.cells import head, picture
from rojsat.page.html import Cell, Item, Table
from rojsat.page.needs import NeededFiles
from rojsat.page.page_inputs import PageInputs
from rojsat.page.plan import SectionPlan
from rojsat.page.references import Number
from rojsat.page.run_report import RunReport

NETWORKS = {"resnet18": "ResNet18", "resnet152": "ResNet152"}

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


@dataclass(frozen=True)
class ChannelSet:
    """What the classifiers of one section are trained on.

    Attributes:
        key: at the end of their experiments' names.
        words: what it is.
        losses: the figure of their losses.
        report: the table of their classification reports.
        confusion: the figure of their confusion.
    """

    key: str
    words: str
    losses: Number
    report: Number
    confusion: Number

    def reports(self, inputs: PageInputs) -> dict[str, RunReport]:
        """The reports of the networks that the page has, by the networks' names."""
        names = {title: f"{network}_{self.key}" for network, title in NETWORKS.items()}
        return {title: inputs.report(name) for title, name in names.items() if name in inputs.pipeline.experiments}

    def needs(self, inputs: PageInputs) -> list[NeededFiles]:
        """The files that the section reads."""
        return [report.need("test") for report in self.reports(inputs).values()]

    def items(self, inputs: PageInputs) -> list[Item]:
        """Losses, classification reports and confusion matrices of each network."""
        reports = self.reports(inputs)
        predictions = {network: report.predictions("test") for network, report in reports.items()}
        return [_losses(self, reports), _report(self, reports, predictions), _confusion(self, reports, predictions)]


TRUE_COLOUR_SET = ChannelSet(
    "tci",
    "true colour images (TCI, 3 channels)",
    losses=Number("Fig.", "4"),
    report=Number("Table", "1"),
    confusion=Number("Fig.", "5"),
)
INDEX_SET = ChannelSet(
    "s2",
    "spectral indices (S2, 10 channels)",
    losses=Number("Fig.", "6"),
    report=Number("Table", "2"),
    confusion=Number("Fig.", "7"),
)


def _losses(channels: ChannelSet, reports: Mapping[str, RunReport]) -> Item:
    named, first = " and ".join(reports), next(iter(reports.values()))
    curves = [LossCurve(name, report.history, int(report.summary["best_epoch"])) for name, report in reports.items()]
    wide, narrow = (
        loss_curves.losses_beside(curves, metric_names.axis(first.experiment.loss.name), is_stacked=is_stacked)
        for is_stacked in (False, True)
    )
    return Item(
        [channels.losses],
        f"Cross entropy of training and validation on {channels.words}: {named}.",
        [report.command for report in reports.values()],
        [picture(wide, alt_texts.losses(curves), 450 * len(reports), narrow if len(reports) > 1 else None)],
    )


def _report(channels: ChannelSet, reports: Mapping[str, RunReport], predictions: Mapping[str, Predictions]) -> Item:
    published_rows = {network: published.classification_report(reports[network].experiment.exp) for network in reports}
    accuracies = [f"{network} {report.summary['test']['accuracy']:.2f}" for network, report in reports.items()]
    published_accuracies = [f"{network} {rows['accuracy']['f1']:.2f}" for network, rows in published_rows.items()]
    split = next(iter(reports.values())).experiment.split.name
    own_rows = {network: rows(predictions[network], report.summary["classes"]) for network, report in reports.items()}
    return Item(
        [channels.report],
        f"Classification report of the test part, {channels.words}; below each number that of the study. Support is "
        "the number of samples that a row rests on.",
        [report.command for report in reports.values()],
        table=_table(own_rows, published_rows),
        note=f"Accuracy here: {', '.join(accuracies)}. In the study: {', '.join(published_accuracies)}. The test part "
        f"holds other dates of the same stands (split by {split}), as in the study. {without_image_note(reports)}",
    )


def without_image_note(reports: Mapping[str, RunReport]) -> str:
    """What predictors without an image reach on the test part, whose prevalence of need is named."""
    summary = next(iter(reports.values())).summary
    prevalence = f"Prevalence of need {beside_metrics.prevalence(summary['test']):.2f}."
    accuracies = [
        f"{metric_names.without_image(name, 'classification')} {metrics['accuracy']:.2f}"
        for name, metrics in summary.get("without_image", {}).items()
    ]
    if not accuracies:
        return f"{prevalence} What predictors without an image reach was not evaluated when this result was kept."
    return f"{prevalence} Accuracy without an image: {', '.join(accuracies)}."


def _confusion(channels: ChannelSet, reports: Mapping[str, RunReport], predictions: Mapping[str, Predictions]) -> Item:
    matrices = []
    for network, report in reports.items():
        test = predictions[network]
        counts = metrics.confusion(test.prediction, test.target, test.known, report.summary["classes"])
        matrices.append((f"{network} ({len(test.rows)} chips)", counts))
    classes = next(iter(reports.values())).summary["classes"]
    wide, narrow = (
        confusion_matrices.confusions(matrices, classes, is_stacked=is_stacked) for is_stacked in (False, True)
    )
    alt = alt_texts.confusions(matrices, classes)
    return Item(
        [channels.confusion],
        f"Confusion on the test part, {channels.words}: every row divided by its number of true labels, counts in "
        "brackets.",
        [report.command for report in reports.values()],
        [picture(wide, alt, 400 * len(reports), narrow if len(reports) > 1 else None)],
    )


def rows(predictions: Predictions, classes: list[str]) -> dict[str, dict[str, float]]:
    """The classification report of scikit-learn by the names of `ROWS` and `COLUMNS`."""
    true = predictions.target[predictions.known]
    predicted = predictions.prediction.argmax(axis=1)[predictions.known]
    report: dict[str, Any] = classification_report(
        true, predicted, labels=range(len(classes)), target_names=classes, zero_division=0, output_dict=True
    )
    table = {
        name: {
            column: report[_SKLEARN.get(name, name)][f"{column}-score" if column == "f1" else column]
            for column in COLUMNS
        }
        for name in ROWS
        if name != "accuracy"
    }
    return table | {"accuracy": {"f1": report["accuracy"], "support": table["macro"]["support"]}}


def _table(
    own_rows: Mapping[str, dict[str, dict[str, float]]], published_rows: Mapping[str, dict[str, dict[str, float]]]
) -> Table:
    """The reports of all networks beside each other, each number above the study's."""
    lines = [
        [
            head(title),
            *(
                _cell(own_rows[network][row], published_rows[network][row], column)
                for network in own_rows
                for column in COLUMNS
            ),
        ]
        for row, title in ROWS.items()
    ]
    columns = ["", *("precision", "recall", "F1", "support") * len(own_rows)]
    return Table(columns, lines, [("", 1), *((network, len(COLUMNS)) for network in own_rows)])


def _cell(own: dict[str, float], published_row: dict[str, float], column: str) -> Cell:
    if column not in own:
        return Cell("")
    digits = 0 if column == "support" else 2
    return Cell(f"{own[column]:.{digits}f}", f"study {published_row[column]:.{digits}f}")


INTRODUCTION = SectionPlan(
    "Image classification",
    [
        "Is a stand in need of clearing? ResNet18 and ResNet152 look at images cropped to the bounding boxes of "
        "labelled stands. The first layer takes as many channels as there are, the last has two classes; stochastic "
        "gradient descent with momentum 0.9, the learning rate divided by ten every seven epochs.",
    ],
)
TRUE_COLOUR = SectionPlan(
    "Classification of true colour images",
    ["Loss in [Fig. 4], the report of the test part in [Table 1], confusion in [Fig. 5]."],
    items=TRUE_COLOUR_SET.items,
    needs=TRUE_COLOUR_SET.needs,
    level=3,
)
INDICES = SectionPlan(
    "Classification of indices",
    ["The same on ten spectral indices instead of true colour: [Fig. 6], [Table 2] and [Fig. 7]."],
    items=INDEX_SET.items,
    needs=INDEX_SET.needs,
    level=3,
)
