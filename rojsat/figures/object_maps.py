"""Figures of clearing objects: how often each heat occurs, and the degree of every pixel."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from rojsat.figures import mask_marks
from rojsat.figures.maps import draw_degree, scale_bar
from rojsat.figures.mask_marks import NONE, MaskMarks
from rojsat.figures.style import COLOURS, UNKNOWN, style

ACROSS, NARROW = 3, 2
"""Objects beside each other, on a wide and on a narrow screen."""


@dataclass(frozen=True)
class HeatHistogram:
    """How many pixels have each heat.

    Attributes:
        count: `(B,)` pixels in each bin.
        edge: `(B + 1,)` ends of the bins.
        unit: of the heat.
        threshold: heat above which is cut; None where nothing is cut.
        percentile: which percentile it is.
    """

    count: np.ndarray
    edge: np.ndarray
    unit: str
    threshold: float | None
    percentile: float


def histogram(heat: HeatHistogram) -> Figure:
    """How many pixels have each heat, and where it is cut."""
    with style():
        figure = Figure(figsize=(5.6, 3.6))
        axes = figure.subplots()
        axes.stairs(heat.count, heat.edge, fill=True, color=COLOURS["train"])
        if heat.threshold is not None:
            label = f"{heat.percentile:g}th percentile: {heat.threshold:g} {heat.unit}"
            axes.axvline(heat.threshold, color=COLOURS["val"], lw=1.6, ls="--", label=label)
            axes.legend(frameon=False)
        axes.set(xlabel=heat.unit, ylabel="pixels (logarithmic scale)", yscale="log", ylim=(0.7, None))
        axes.set_xlim(0, heat.edge[-1])
    return figure


@dataclass(frozen=True)
class ObjectMap:
    """A clearing object.

    Attributes:
        title: its name.
        degree: `(H, W)` in [0, 1], -1 where unknown.
        reason: why it was dropped; empty where it was not.
        pixel: size of a pixel, metres.
        marks: its outline, and where no worker walked.
    """

    title: str
    degree: np.ndarray
    reason: str
    pixel: float
    marks: MaskMarks = NONE


def heatmaps(objects: Sequence[ObjectMap], target: str, *, is_narrow: bool = False) -> Figure:
    """The degree of every pixel of each object, all on one scale from 0 to 1.

    Args:
        objects: at least one.
        target: what the degree is of, for the colour bar.
        is_narrow: for a narrow screen.
    """
    most, side = (NARROW, 2.0) if is_narrow else (ACROSS, 2.9)  # inches
    across = min(most, len(objects))
    rows = -(-len(objects) // across)
    shapes = [clearing.degree.shape for clearing in objects]
    ratios = [max(height / width for height, width in shapes[row * across :][:across]) for row in range(rows)]
    with style():
        figure = Figure(figsize=(side * across + 0.2, 0.95 * side * sum(ratios) + 0.55 * rows + 1))
        grid = figure.subplots(rows, across, squeeze=False, height_ratios=ratios)
        for axes in grid.flat[len(objects) :]:
            axes.axis("off")
        for axes, clearing in zip(grid.flat, objects, strict=False):
            picture = _draw_degree(axes, clearing, 24 if is_narrow else 36)
        bar: Any = {"location": "bottom", "fraction": 0.3 / figure.get_figheight(), "aspect": 40, "shrink": 0.6}
        words = mask_marks.legend(target, [clearing.marks for clearing in objects])
        mask_marks.label(figure.colorbar(picture, ax=grid, **bar), words)
        for axes in grid.flat:
            axes.set_anchor("N")  # the colour bar sets another
    return figure


def _draw_degree(axes: Axes, clearing: ObjectMap, letters: int) -> AxesImage:
    picture = draw_degree(axes, clearing.degree, clearing.marks)
    is_dropped = bool(clearing.reason)
    title = fill(f"{clearing.title}, dropped: {clearing.reason}", letters) if is_dropped else clearing.title
    axes.set_title(title, fontsize=8 if is_dropped else 10)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(True)
    axes.set_facecolor(UNKNOWN)
    scale_bar(axes, clearing.pixel)
    return picture
