"""Draw the figures of a trained experiment and record them in its MLflow run. Trains nothing."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from sklearn.metrics import classification_report

from rojsat.chips.reader import Chips
from rojsat.config import command, compose, metric_names, progress, recipes
from rojsat.config.command import Command
from rojsat.config.schema import Experiment
from rojsat.evaluation import metrics, reading_table, report_files
from rojsat.evaluation.report_files import Predictions
from rojsat.figures import confusion_matrices, loss_curves, maps, panels, png, reading_bars, true_colour
from rojsat.tracking import recorder

COMMAND = Command("rojsat.stages.figures", __doc__, "exp=unet_roi6")

PARTS = ("val", "test")

ROWS = 5
"""Rows of a side-by-side figure: from the best to the worst prediction."""


DPI = 200
"""Side-by-side figures are narrow enough for a phone, and MLflow shows them large."""


def run(experiment: Experiment) -> None:
    """Draw every figure of the experiment into its report's `figures/`, then record the folder."""
    destination = compose.report_folder(experiment) / "figures"
    progress.doing("draws figures")
    draw(experiment, destination)
    record(experiment, destination)


def record(experiment: Experiment, drawn: Path) -> None:
    """Record the folder `drawn` as `figures` of the MLflow run that the experiment's report names.

    Raises:
        ValueError: if the tracking store has no such run.
    """
    run = json.loads((compose.report_folder(experiment) / "run.json").read_text())["run"]
    recorder.log_files(recorder.find(run), drawn, "figures")


def draw(experiment: Experiment, destination: Path) -> None:
    """Draw every figure of the experiment's report into the folder `destination`; what was in it is deleted."""
    report = compose.report_folder(experiment)
    shutil.rmtree(destination, ignore_errors=True)
    destination.mkdir(parents=True)
    for name, figure in _all(experiment, report):
        (destination / f"{name}.png").write_bytes(png.encode(figure, DPI))
    if experiment.task == "classification":
        _write_reports(experiment, report, destination)


def _all(experiment: Experiment, folder: Path) -> Iterator[tuple[str, Figure]]:
    """Names and figures."""
    summary = report_files.read_summary(folder)
    history = pd.read_csv(folder / "history.csv")
    if len(history) > 1:
        label = "best epoch" if experiment.train.keep == "best" else "kept epoch"
        loss = metric_names.axis(experiment.loss.name)
        yield "loss", loss_curves.losses(history, loss, summary["best_epoch"], label)
    if "reads" in summary:  # metrics.reads=false has none, nor have reports of versions before
        yield "reads", _reads(summary)
    for part in PARTS:
        predictions = report_files.read_predictions(folder, part)
        if experiment.task == "classification":
            classes = summary["classes"]
            title = f"{experiment.exp}, {part} ({len(predictions.rows)} chips)"
            counts = metrics.confusion(predictions.prediction, predictions.target, predictions.known, classes)
            yield f"confusion_{part}", confusion_matrices.confusion(counts, classes, title)
        else:
            yield f"predictions_{part}", _side_by_side(experiment, predictions)


def _reads(summary: Mapping[str, Any]) -> Figure:
    """What the network reads, in its first metric."""
    reads = summary["reads"]
    metric = reading_table.first_metric(reads, summary["task"])
    rows = {
        reading_table.title(name): values.get(metric, np.nan) for name, values in reading_table.by_name(reads).items()
    }
    texts = [reading_table.text(metric, value) for value in rows.values()]
    table = pd.DataFrame({"title": list(rows), "value": list(rows.values()), "text": texts})
    least = reading_table.without_image(reads["intact"], metric)
    return reading_bars.reading_bars(table, metric_names.METRICS[metric].label, least)


def _write_reports(experiment: Experiment, report: Path, folder: Path) -> None:
    """Precision, recall, F1 and support of every class, as scikit-learn writes them."""
    classes = report_files.read_summary(report)["classes"]
    for part in PARTS:
        predictions = report_files.read_predictions(report, part)
        true, predicted = (
            predictions.target[predictions.known],
            predictions.prediction.argmax(axis=1)[predictions.known],
        )
        labels = list(range(len(classes)))
        text = classification_report(true, predicted, labels=labels, target_names=classes, zero_division=0)
        (folder / f"classification_report_{part}.txt").write_text(f"{experiment.exp}, {part}\n\n{text}")


def _side_by_side(experiment: Experiment, predictions: Predictions) -> Figure:
    """Image, mask and prediction of regions from the best to the worst predicted."""
    chips = Chips(recipes.folder("chips", experiment))
    shown = sorted((panel for panel in panels.each(chips, predictions) if panel.known > 0), key=lambda panel: panel.mse)
    chosen = np.unique(np.linspace(0, len(shown) - 1, ROWS).round().astype(int))
    image = true_colour.heading(chips, experiment.inputs.role)
    return maps.side_by_side([shown[rank].panel for rank in chosen], experiment.data.target, image)


if __name__ == "__main__":
    command.execute(run, COMMAND)
