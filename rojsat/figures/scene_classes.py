"""Figures of scenes: the classes of the scene classification map (SCL), and how much of each there is by date."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from rojsat.figures.style import style

EDGE = "#444444"
"""Around areas that may be white."""

Classes = Sequence[tuple[int, str, str]]
"""Value, name and colour of each class."""


def legend(classes: Classes) -> Figure:
    """The classes as a table: value, colour, name."""
    with style():
        figure = Figure(figsize=(4.4, 0.32 * len(classes) + 0.5))
        axes = figure.subplots()
        axes.set(xlim=(0, 10), ylim=(len(classes), -1))
        axes.axis("off")
        axes.text(0.5, -0.5, "value", ha="center", va="center", weight="bold")
        axes.text(3, -0.5, "class", va="center", weight="bold")
        for row, (value, name, colour) in enumerate(classes):
            axes.text(0.5, row + 0.5, str(value), ha="center", va="center")
            axes.add_patch(Rectangle((1.3, row + 0.12), 1.2, 0.76, fc=colour, ec=EDGE, lw=0.6))
            axes.text(3, row + 0.5, name, va="center")
    return figure


def shares(table: pd.DataFrame, classes: Classes, *, is_narrow: bool = False) -> Figure:
    """Share of every class, one bar an overpass.

    Args:
        table: a row an overpass, a column a class value, pixels; the index names the overpasses.
        classes: those to draw, from the bottom up; a class without a pixel is left out of the legend.
        is_narrow: with the legend below, for a narrow screen.
    """
    counts = table[[value for value, _, _ in classes]]
    parts = counts.div(counts.sum(axis=1).clip(lower=1), axis=0)
    positions, bottom = np.arange(len(parts)), np.zeros(len(parts))
    with style():
        figure = Figure(figsize=(4.2, 5.6) if is_narrow else (max(6.4, 0.3 * len(parts) + 4.5), 4.4))
        axes = figure.subplots()
        for value, name, colour in classes:
            share = parts[value].to_numpy()
            label = f"{value} {name}" if share.any() else None
            axes.bar(positions, share, bottom=bottom, color=colour, edgecolor=EDGE, lw=0.4, width=0.8, label=label)
            bottom += share
        axes.set_xticks(positions, list(parts.index), rotation=60, ha="right", rotation_mode="anchor", fontsize=8)
        axes.set(ylabel="share of the pixels with data", xlabel="date and relative orbit", ylim=(0, 1))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(
            handles[::-1],
            labels[::-1],
            frameon=False,
            loc="outside lower left" if is_narrow else "outside right upper",
            fontsize=8,
        )
    return figure
