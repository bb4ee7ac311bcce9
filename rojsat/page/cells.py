"""From figures and numbers to the pictures and cells of the page."""

import io
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from rojsat.config import metric_names
from rojsat.page import beside_metrics
from rojsat.page.html import Cell, Picture

METRICS = metric_names.HEADLINE["segmentation"]
"""Metrics of segmentation, as tables have them."""

LABELS = {name: metric.label for name, metric in metric_names.METRICS.items()}
LABELS |= {"false_positive_rate": "false positive rate, control areas"}
"""What a column calls a metric."""

PNG: Any = {"format": "png", "dpi": 130, "bbox_inches": "tight", "metadata": {"Software": None}}
"""How a picture is written: nothing cut off; sharp on paper, some 3 MB in all; equal figures give equal bytes."""


def png(figure: Figure) -> bytes:
    """The bytes of a figure."""
    buffer = io.BytesIO()
    figure.savefig(buffer, **PNG)
    return buffer.getvalue()


def picture(figure: Figure, alt: str, width: int | None = None) -> Picture:
    """A figure, drawn."""
    return Picture(png(figure), alt, width)


def stored(file: Path, alt: str, width: int | None = None) -> Picture:
    """A figure that another stage drew."""
    return Picture(file.read_bytes(), alt, width)


def number(value: float | None, digits: int = 2) -> str:
    """A number as a table shows it, no minus before 0.00; what is not defined as n/a."""
    return "n/a" if value is None or math.isnan(value) else f"{round(value, digits) + 0.0:.{digits}f}"


def two_decimals(text: str) -> str:
    """A sentence that another room wrote, with two decimals where it has more."""
    return re.sub(r"-?\d+\.\d{3,}", lambda match: number(float(match.group())), text)


def cells(metrics: Mapping[str, float], names: Sequence[str]) -> list[Cell]:
    """Metrics of a row; an R² below 0 with what that means, prevalence also where it only follows from the others."""
    known = {**metrics, "prevalence": beside_metrics.prevalence(metrics)}
    return [_metric(name, known.get(name)) for name in names]


def _metric(name: str, value: float | None) -> Cell:
    words = "" if value is None else metric_names.worse_than_the_mean(name, round(value, 2))
    return Cell(number(value), words)


def head(text: str, span: int = 1) -> Cell:
    """A cell that names its row, or `span` rows."""
    return Cell(text, span=span, heads=True)


def plural(count: int, thing: str) -> str:
    """`1 chip`, `2 chips`."""
    return f"{count} {thing}{'' if count == 1 else 's'}"
