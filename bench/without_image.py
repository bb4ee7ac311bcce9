"""What predictors that see no image reach on the test pixels of the quick pipeline: `python -m bench.without_image`.

Needs `data/processed/simulated` (`make repro`). Segmentation: the mean degree of training; need everywhere; the mean
degree by position in the box. Classification: the majority; the label of the training stand with the nearest box size.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench import tables
from rojsat.chips import roles, splits
from rojsat.chips.reader import Chips
from rojsat.config import compose
from rojsat.evaluation.metrics import Classification, Segmentation

EXPERIMENTS = ("unet_dates", "unet_roi6", "unet_roi7", "unet_roi8")
"""One experiment a split of the segmenters."""

BINS = 12
"""Rows and columns that a box is divided into."""

SHOWN = ("rmse", "r2", "spearman", "iou", "f1")


def parts(chips: Chips, name: str) -> pd.DataFrame:
    """The chips of an experiment's role, with the part of each."""
    experiment = compose.load(name)
    rows = chips.index[chips.index["role"] == experiment.inputs.role].reset_index(drop=True)
    split: Callable[..., pd.Series] = getattr(splits, experiment.split.name)
    return rows.assign(part=split(rows, **experiment.split.options))


def position_bins(height: int, width: int) -> np.ndarray:
    """(H, W): the number of the bin of every pixel of a box."""
    rows, columns = np.mgrid[:height, :width]
    return (rows * BINS // height) * BINS + columns * BINS // width


def bin_means(masks: list[np.ndarray]) -> np.ndarray:
    """(BINS²,): mean degree by position, over all known pixels of the masks."""
    bins = np.concatenate([position_bins(*mask.shape)[mask >= 0] for mask in masks])
    degrees = np.concatenate([mask[mask >= 0] for mask in masks])
    pixels = np.bincount(bins, minlength=BINS**2)
    return np.bincount(bins, weights=degrees, minlength=BINS**2) / np.maximum(pixels, 1)


def segmenters(chips: Chips, name: str) -> list[dict[str, Any]]:
    """Test metrics of each predictor, a row each."""
    rows = parts(chips, name)
    masks = {row["chip"]: chips.mask(row["chip"])[: row["height"], : row["width"]] for row in rows.to_dict("records")}
    train = [masks[chip] for chip in rows.loc[rows["part"] == "train", "chip"]]
    test = [masks[chip] for chip in rows.loc[rows["part"] == "test", "chip"]]
    mean, by_position = np.concatenate([mask[mask >= 0] for mask in train]).mean(), bin_means(train)
    predictors: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "mean of training": lambda mask: np.full(mask.shape, mean),
        "need everywhere": lambda mask: np.ones(mask.shape),
        "position in the box": lambda mask: by_position[position_bins(*mask.shape)],
    }
    table = []
    for predictor, predict in predictors.items():
        metrics = Segmentation(compose.load(name).metrics.threshold)
        for mask in test:
            metrics.update(predict(mask)[None], mask[None], mask[None] >= 0)
        values = metrics.compute()
        table.append({"split of": name, "predictor": predictor} | {key: values[key] for key in SHOWN})
    return table


def classifiers(chips: Chips, name: str) -> list[dict[str, Any]]:
    """Test accuracy of the majority and of the nearest size of the box."""
    rows = parts(chips, name)
    train, test = rows[rows["part"] == "train"], rows[rows["part"] == "test"]
    sizes = ["height", "width"]
    apart = np.abs(test[sizes].to_numpy()[:, None] - train[sizes].to_numpy()[None]).sum(axis=2)  # (test, train)
    nearest = train["label"].to_numpy()[apart.argmin(axis=1)]
    predictions = {"majority": np.full(len(test), train["label"].mode()[0]), "size of the box": nearest}
    numbers = {label: number for number, label in enumerate(roles.CLASSES)}
    target, table = test["label"].map(numbers).to_numpy(), []
    for predictor, labels in predictions.items():
        metrics = Classification()
        scores = np.eye(len(numbers))[[numbers[label] for label in labels]]
        metrics.update(scores, target, np.ones(len(test), bool))
        values = metrics.compute()
        table.append({"split of": name, "predictor": predictor, "accuracy": values["accuracy"]})
    return table


def main(path: Path) -> None:
    """Evaluate every predictor, print the tables, write the JSON."""
    chips = Chips(compose.ROOT / "data" / "processed" / "simulated")
    segmentation = [row for name in EXPERIMENTS for row in segmenters(chips, name)]
    classification = classifiers(chips, "resnet18_tci")
    tables.show("Segmentation without an image", segmentation)
    tables.show("Classification without an image", classification)
    tables.write(path, {"segmentation": segmentation, "classification": classification})


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "reports/bench/without_image.json"))
