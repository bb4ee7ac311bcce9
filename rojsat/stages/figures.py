"""Draw the figures of a trained experiment and record them in its MLflow run. Trains nothing."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from omegaconf import DictConfig
from sklearn.metrics import classification_report

from rojsat import audit, bands, config, pictures, recipes, results, tracking
from rojsat.chips import Chips
from rojsat.figures import maps, training
from rojsat.figures.maps import Panel
from rojsat.results import Predictions

PARTS = ("val", "test")

ROWS = 5
"""Rows of a side-by-side figure: from the best to the worst prediction."""


def run(experiment: DictConfig) -> None:
    """Draw every figure of the experiment into `reports/<name>/figures/`, then record the folder."""
    folder = config.report(experiment)
    place = folder / "figures"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for name, figure in _all(experiment, folder):
        figure.savefig(place / f"{name}.png")
    if experiment.task == "classification":
        _write_reports(experiment, folder, place)
    found = tracking.find(json.loads((folder / "run.json").read_text())["run"])
    tracking.log_files(found, place, "figures")


def _all(experiment: DictConfig, folder: Path) -> Iterator[tuple[str, Figure]]:
    """Names and figures."""
    summary = results.read_summary(folder)
    history = pd.read_csv(folder / "history.csv")
    if len(history) > 1:
        yield "loss", training.losses(history, _loss_name(experiment), summary["best_epoch"])
    for part in PARTS:
        found = results.read_predictions(folder, part)
        if experiment.task == "classification":
            classes = summary["classes"]
            title = f"{experiment.exp}, {part} ({len(found.rows)} chips)"
            yield f"confusion_{part}", training.confusion(_counts(found, len(classes)), classes, title)
        else:
            yield f"predictions_{part}", _side_by_side(experiment, found)


def _write_reports(experiment: DictConfig, folder: Path, place: Path) -> None:
    """Precision, recall, F1 and support of every class, as scikit-learn writes them."""
    classes = results.read_summary(folder)["classes"]
    for part in PARTS:
        found = results.read_predictions(folder, part)
        true, predicted = found.target[found.known], found.prediction.argmax(axis=1)[found.known]
        labels = list(range(len(classes)))
        text = classification_report(true, predicted, labels=labels, target_names=classes, zero_division=0)
        (place / f"classification_report_{part}.txt").write_text(f"{experiment.exp}, {part}\n\n{text}")


def _loss_name(experiment: DictConfig) -> str:
    """The loss with its unit, as an axis says it."""
    units = {"masked_mse": "masked MSE (degree²)", "cross_entropy": "cross entropy (nat)"}
    return units.get(experiment.loss.name, experiment.loss.name)


def _counts(found: Predictions, classes: int) -> NDArray[np.int64]:
    """Confusion matrix `(K, K)` of the chips whose class is known."""
    true, predicted = found.target[found.known], found.prediction.argmax(axis=1)[found.known]
    return np.bincount(true * classes + predicted, minlength=classes**2).reshape(classes, classes)


def _side_by_side(experiment: DictConfig, found: Predictions) -> Figure:
    """Image, mask and prediction of regions from the best to the worst predicted."""
    chips = Chips(recipes.folder("chips", experiment))
    panels = sorted(_panels(chips, found), key=lambda pair: pair[0])
    chosen = np.unique(np.linspace(0, len(panels) - 1, ROWS).round().astype(int))
    image = "true colour (TCI)" if "tci.r" in chips.names(experiment.inputs.role) else "true colour (B04, B03, B02)"
    return maps.side_by_side([panels[place][1] for place in chosen], experiment.data.target, image)


def _panels(chips: Chips, found: Predictions) -> Iterator[tuple[float, Panel]]:
    """Every region on every date, stitched of its windows, with the mean squared error of its known pixels."""
    for (region, date), rows in found.rows.groupby(["region", "date"], sort=True):
        these = rows.index.to_numpy()
        image = results.stitch(np.stack([pictures.true_colour(chips, chip) for chip in rows["chip"]]), rows)
        seen = results.stitch(found.seen[these].astype(np.float32), rows, fill=0) > 0
        mask = results.stitch(np.where(found.known, found.target, -1)[these].astype(np.float32), rows, fill=-1)
        prediction = results.stitch(np.where(found.seen, found.prediction, np.nan)[these], rows)
        known = mask >= 0
        if known.any():
            error = float(np.mean((prediction[known] - mask[known]) ** 2))
            title = f"region {region}, {date}\nRMSE {error**0.5:.3f}"
            yield error, Panel(title, maps.stretch(image, seen), mask, np.clip(prediction, 0, 1), _pixel(rows))


def _pixel(rows: pd.DataFrame) -> float:
    """Size of a pixel on the ground, metres."""
    first = rows.iloc[0]
    return float(bands.GRID * audit.ground(first["crs"], first["northing"]))


if __name__ == "__main__":
    config.command(run, "rojsat.stages.figures")
