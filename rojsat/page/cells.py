"""From figures and numbers to the pictures and cells of the page."""

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from rojsat.config import metric_names
from rojsat.figures import png
from rojsat.page import beside_metrics
from rojsat.page.html import Cell, Picture

METRICS = metric_names.HEADLINE["segmentation"]
"""Metrics of segmentation, as tables have them."""

LABELS = {name: metric.label for name, metric in metric_names.METRICS.items()}
LABELS |= {"false_positive_rate": "false positive rate, control areas"}
"""What a column calls a metric."""

NARROW = "_narrow"
"""Ends the name of the file of a figure as a phone shows it."""


def picture(figure: Figure, alt: str, width: int | None = None, narrow: Figure | None = None) -> Picture:
    """A figure, drawn.

    Args:
        figure: as a wide screen shows it.
        alt: what is seen.
        width: at most so wide, CSS pixels.
        narrow: as a phone shows it; None: alike.
    """
    return Picture(png.encode(figure), alt, width, None if narrow is None else png.encode(narrow))


def stored(file: Path, alt: str, width: int | None = None) -> Picture:
    """A figure that another stage drew, with the one for phones beside it where there is one."""
    narrow = narrow_file(file)
    return Picture(file.read_bytes(), alt, width, narrow.read_bytes() if narrow.exists() else None)


def narrow_file(file: Path) -> Path:
    """Where the figure of a file lies as a phone shows it."""
    return file.with_stem(f"{file.stem}{NARROW}")


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
