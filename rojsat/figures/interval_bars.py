"""A figure of a metric of several predictors with their intervals, beside a line that asks no skill."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from rojsat.figures.style import style

_BETTER, _NOT_BETTER, _NO_IMAGE = "#4477aa", "#bbbbbb", "#777777"
_LINE: Any = {"color": "#a3242f", "lw": 1.4, "ls": "--"}


@dataclass(frozen=True)
class Bar:
    """A predictor.

    Attributes:
        label: what it is called.
        value: of the metric.
        low: lower end of its interval; None where there is none.
        high: upper end.
        sees_image: whether it looks at pixels.
    """

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    sees_image: bool = True


def interval_bars(bars: Sequence[Bar], line: float, line_label: str, metric: str) -> Figure:
    """Horizontal bars, the first at the top; blue where one is above the line and above all without an image.

    Args:
        bars: at least one.
        line: of no skill, dashed.
        line_label: what it is, in words.
        metric: label of the horizontal axis.
    """
    least = max([line, *(bar.value for bar in bars if not bar.sees_image)])
    with style():
        figure = Figure(figsize=(5.0, 0.36 * len(bars) + 1.15))
        axes = figure.subplots()
        colours = [_NO_IMAGE if not bar.sees_image else _BETTER if bar.value > least else _NOT_BETTER for bar in bars]
        hatches = ["" if bar.sees_image else "///" for bar in bars]
        rows = range(len(bars))
        axes.barh(rows, [bar.value for bar in bars], color=colours, hatch=hatches, edgecolor="white", height=0.72)
        for row, bar in enumerate(bars):
            ends = [bar.value if end is None or math.isnan(end) else end for end in (bar.low, bar.high)]
            axes.plot(ends, (row, row), color="black", lw=1)
            axes.text(max(ends[1], bar.value), row, f" {bar.value:.2f}", va="center", fontsize=9.5)
        axes.axvline(line, **_LINE)
        axes.set_title(f"dashed: {line_label} {line:.2f}", color=_LINE["color"], fontsize=9, loc="left")
        axes.set(xlabel=metric, yticks=rows, yticklabels=[bar.label for bar in bars])
        axes.set_xlim(0, 1.12 * max([line, *(bar.high or bar.value for bar in bars)]))
        axes.invert_yaxis()
    return figure
