"""A figure of what a metric loses from one way of testing to another, on the same pixels: a line a region."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rojsat.figures.style import COLOURS, style

_MEAN: Any = {"color": "#a3242f", "lw": 1.2, "ls": "--"}

GAP = 0.075
"""Least distance of two labels, of the height of the axes."""


@dataclass(frozen=True)
class Slope:
    """One region, tested in two ways.

    Attributes:
        panel: what a plot is called, the network.
        label: of the line, the region.
        before: the metric at the left.
        after: the metric at the right, on the same pixels.
    """

    panel: str
    label: str
    before: float
    after: float


def slopes(
    lines: Sequence[Slope], ends: tuple[str, str], metric: str, zero: str, *, is_stacked: bool = False
) -> Figure:
    """A plot a panel, all on one scale; every line has its label at the right.

    Args:
        lines: at least one.
        ends: what stands below the left and the right ends.
        metric: label of the vertical axis.
        zero: what a value of 0 means, which is dashed.
        is_stacked: one plot above the other, for a narrow screen.
    """
    names = list(dict.fromkeys(line.panel for line in lines))
    with style():
        rows, across = (len(names), 1) if is_stacked else (1, len(names))
        figure = Figure(figsize=(3.8, 2.8 * rows + 0.3) if is_stacked else (2.75 * across + 0.4, 3.2))
        grid = figure.subplots(rows, across, sharey=True, squeeze=False).ravel()
        values = [value for line in lines for value in (line.before, line.after)]
        low, high = min([*values, 0]), max([*values, 0])
        room = 0.08 * (high - low or 1)
        for axes, name in zip(grid, names, strict=True):
            axes.set_ylim(low - room, high + room)
            _panel(axes, [line for line in lines if line.panel == name])
            axes.set(title=name, xlim=(-0.25, 1.75), xticks=(0, 1), xticklabels=ends)
            axes.tick_params(axis="x", labelsize=8.5)
        grid[0].set_ylabel(metric)
        figure.suptitle(f"dashed: {zero}", x=0.02, ha="left", color=_MEAN["color"], fontsize=9)
    return figure


def _panel(axes: Axes, lines: Sequence[Slope]) -> None:
    axes.axhline(0, **_MEAN)
    bottom, top = axes.get_ylim()
    below = bottom
    for line in sorted(lines, key=lambda line: line.after):
        colour = COLOURS["val" if line.after < line.before else "test"]
        axes.plot((0, 1), (line.before, line.after), color=colour, marker="o", markersize=4.5, lw=1.6)
        height = max(line.after, below + GAP * (top - bottom))
        axes.annotate(line.label, (1.08, height), va="center", fontsize=8.5)
        below = height
