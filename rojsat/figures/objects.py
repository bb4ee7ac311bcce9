"""Figures of clearing objects: how often each heat occurs, and the degree of every pixel."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill

import numpy as np
from matplotlib.figure import Figure

from rojsat.figures.maps import degrees, scale_bar
from rojsat.figures.style import COLOURS, UNKNOWN, style

ACROSS = 3
"""Objects beside each other."""


def histogram(count: np.ndarray, edge: np.ndarray, unit: str, threshold: float | None, percentile: float) -> Figure:
    """How many pixels have each heat.

    Args:
        count: `(B,)` pixels in each bin.
        edge: `(B + 1,)` ends of the bins.
        unit: of the heat.
        threshold: heat above which is cut; None where nothing is cut.
        percentile: which percentile it is.
    """
    with style():
        figure = Figure(figsize=(6.4, 3.8))
        axes = figure.subplots()
        axes.stairs(count, edge, fill=True, color=COLOURS["train"])
        if threshold is not None:
            label = f"{percentile:g}th percentile: {threshold:g} {unit}"
            axes.axvline(threshold, color=COLOURS["val"], lw=1.6, ls="--", label=label)
            axes.legend(frameon=False)
        axes.set(xlabel=unit, ylabel="pixels (logarithmic scale)", yscale="log", ylim=(0.7, None))
        axes.set_xlim(0, edge[-1])
    return figure


@dataclass(frozen=True)
class Object:
    """A clearing object.

    Attributes:
        title: its name.
        degree: `(H, W)` in [0, 1], -1 where unknown.
        reason: why it was dropped; empty where it was not.
        pixel: size of a pixel, metres.
    """

    title: str
    degree: np.ndarray
    reason: str
    pixel: float


def heatmaps(objects: Sequence[Object], target: str) -> Figure:
    """The degree of every pixel of each object, all on one scale from 0 to 1.

    Args:
        objects: at least one.
        target: what the degree is of, for the colour bar.
    """
    rows = -(-len(objects) // ACROSS)
    across = min(ACROSS, len(objects))
    ratios = [
        max(one.degree.shape[0] / one.degree.shape[1] for one in objects[row * ACROSS : (row + 1) * ACROSS])
        for row in range(rows)
    ]
    with style():
        figure = Figure(figsize=(2.9 * across + 0.3, 2.75 * sum(ratios) + 0.55 * rows + 0.7))
        grid = figure.subplots(rows, across, squeeze=False, height_ratios=ratios)
        for axes in grid.flat[len(objects) :]:
            axes.axis("off")
        for axes, one in zip(grid.flat, objects, strict=False):
            shown = np.ma.masked_where(one.degree < 0, one.degree)
            picture = axes.imshow(shown, cmap=degrees(), vmin=0, vmax=1, interpolation="nearest")
            title = fill(f"{one.title}, dropped: {one.reason}", 36) if one.reason else one.title
            axes.set_title(title, fontsize=8 if one.reason else 10)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(True)
            axes.set_facecolor(UNKNOWN)
            scale_bar(axes, one.pixel)
        fraction = 0.3 / figure.get_figheight()
        figure.colorbar(
            picture,
            ax=grid,
            label=f"{target} (grey: unknown)",
            location="bottom",
            fraction=fraction,
            aspect=40,
            shrink=0.6,
        )
        for axes in grid.flat:
            axes.set_anchor("N")  # the colour bar sets another
    return figure
