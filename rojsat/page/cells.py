"""From figures and numbers to the pictures and cells of the page."""

import io
import math
from pathlib import Path

from matplotlib.figure import Figure

from rojsat.page.html import Cell, Picture

UNITS = {"masked_mse": "masked MSE (degree²)", "cross_entropy": "cross entropy (nat)"}
"""What an axis calls a loss; others go by their name."""

LABELS = {
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
    "spearman": "Spearman",
    "iou": "IoU",
    "f1": "F1",
    "false_positive_rate": "false alarm on controls",
}
"""What a column calls a metric."""


DPI = 130
"""Pixels of a picture to the inch: sharp on paper, and some 3 MB in all."""


def picture(figure: Figure, alt: str, width: int | None = None) -> Picture:
    """A figure drawn, nothing of it cut off."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, bbox_inches="tight", metadata={"Software": None})
    return Picture(buffer.getvalue(), alt, width)


def stored(file: Path, alt: str, width: int | None = None) -> Picture:
    """A figure that another stage drew."""
    return Picture(file.read_bytes(), alt, width)


def number(value: float | None, digits: int = 3) -> str:
    """A number as a table shows it; what is not defined as n/a."""
    return "n/a" if value is None or math.isnan(value) else f"{value:.{digits}f}"


def cells(metrics: dict[str, float], names: tuple[str, ...]) -> list[Cell]:
    """Metrics of a row."""
    return [Cell(number(metrics.get(name))) for name in names]


def loss_name(name: str) -> str:
    """A loss with its unit."""
    return UNITS.get(name, name)
