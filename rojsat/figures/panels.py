"""Panels: image, mask and prediction of a region on one date, from chips and what a run predicts of them.

Knows no network: what is drawn was predicted before.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.chips import bands, boxes, ground_metres
from rojsat.chips.reader import Chips
from rojsat.evaluation import report_files
from rojsat.evaluation.report_files import Predictions
from rojsat.figures import mask_marks, true_colour
from rojsat.figures.maps import Panel


@dataclass(frozen=True)
class Shown:
    """A region on one date, and how much of it there is to see.

    Attributes:
        region: its id.
        date: as the index writes it.
        label: of the region, None where it has none.
        panel: what is drawn, on the region's own size.
        seen: share of its pixels that are seen, [0, 1].
        known: share of its pixels whose degree is known, [0, 1].
        mse: mean squared error of the known pixels, degree²; NaN where none is.
    """

    region: str
    date: str
    label: str | None
    panel: Panel
    seen: float
    known: float
    mse: float


def framed(chips: Chips, row: pd.Series, shape: Sequence[int]) -> NDArray[np.float32]:
    """True colour of a sample as the sample has it, with or without surroundings.

    Args:
        chips: the store.
        row: of the sample's table: `chip`, and where its box is.
        shape: height and width of the sample, pixels.

    Returns:
        `(3, height, width)`, NaN where unknown.
    """
    stored, colours = chips.read(row["chip"]).row, true_colour.read(chips, row["chip"])
    top, left = (stored[name] - row[name] for name in ("box_row", "box_col"))
    part = colours[:, top : top + shape[0], left : left + shape[1]]
    room = ((0, 0), (0, shape[0] - part.shape[1]), (0, shape[1] - part.shape[2]))
    return np.pad(part, room, constant_values=np.nan)


def each(chips: Chips, predictions: Predictions, regions: Collection[str] | None = None) -> Iterator[Shown]:
    """Every region on every date that is predicted, stitched of its windows.

    Args:
        chips: the store that the predictions are of.
        predictions: degrees, `(N, H, W)`.
        regions: only these; None: all.
    """
    for (region, date), rows in predictions.rows.groupby(["region", "date"], sort=True):
        if regions is None or region in regions:
            yield _shown(chips, predictions, rows, str(region), str(date))


def _shown(chips: Chips, predictions: Predictions, rows: pd.DataFrame, region: str, date: str) -> Shown:
    windows = rows.index.to_numpy()
    boxed = boxes.with_boxes(rows)
    colours = np.stack([framed(chips, row, predictions.seen.shape[1:]) for _, row in boxed.iterrows()])
    image = report_files.stitch(colours, rows)
    seen = report_files.stitch(predictions.seen[windows].astype(np.float32), rows, fill=0) > 0
    mask = report_files.stitch(
        np.where(predictions.known[windows], predictions.target[windows], -1).astype(np.float32), rows, fill=-1
    )
    prediction = report_files.stitch(np.where(predictions.seen[windows], predictions.prediction[windows], np.nan), rows)
    known = mask >= 0
    mse = float(np.mean((prediction[known] - mask[known]) ** 2)) if known.any() else float("nan")
    title = f"region {region}, {date}" + (f"\nRMSE {mse**0.5:.3f}" if known.any() else "")
    colour = true_colour.stretched(image, true_colour.white(chips))
    marks = mask_marks.of_store(chips, region)
    panel = Panel(title, colour, mask, np.clip(prediction, 0, 1), pixel(rows.iloc[0]), marks)
    label = rows["label"].iloc[0]
    return Shown(region, date, label, panel, float(seen.mean()), float(known.mean()), mse)


def pixel(row: pd.Series) -> float:
    """Size of a pixel of a chip, a row of the store's index, on the ground, metres."""
    return float(bands.GRID * ground_metres.of_unit(row["crs"], row["northing"]))
