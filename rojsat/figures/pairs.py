"""Figures of predictions: one side of a comparison of regions, or control areas beside their images."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from rojsat.figures import mask_marks
from rojsat.figures.maps import Panel, draw_degree, scale_bar, side_label
from rojsat.figures.mask_marks import MaskMarks
from rojsat.figures.style import UNKNOWN, style
from rojsat.figures.true_colour import NO_DATA

ACROSS = 3
"""Control areas beside each other on a wide screen."""

GREY = "unknown or unseen"


def side(panels: Sequence[Panel], heading: str, target: str) -> Figure:
    """Image, mask and prediction of each panel in a row: one side of a comparison, narrow enough for a phone.

    Args:
        panels: at least one.
        heading: above them.
        target: what mask and prediction show, for the colour bar.
    """
    heights = [panel.mask.shape[0] / panel.mask.shape[1] for panel in panels]  # of a plot as wide as 1
    with style():
        figure = Figure(figsize=(4.2, 1.16 * sum(heights) + 0.1 * len(panels) + 1.5))
        figure.suptitle(heading, fontsize=11)
        grid = figure.subplots(len(panels), 3, squeeze=False, height_ratios=heights)
        for axes, panel in zip(grid, panels, strict=True):
            _image(axes[0], panel)
            axes[0].set_ylabel(side_label(panel.title), fontsize=7.5)
            _degree(axes[1], panel.mask, panel.marks)
            picture = _degree(axes[2], panel.prediction, panel.marks.outline_alone)
        for plot, name in zip(grid[0], ("true colour", "mask", "prediction"), strict=True):
            plot.set_title(name, fontsize=8.5)
        _bar(figure, picture, grid, mask_marks.legend(target, [panel.marks for panel in panels], GREY))
    return figure


def controls(panels: Sequence[Panel], target: str, *, most: int = ACROSS) -> Figure:
    """Image and prediction of control areas, all on one scale from 0 to 1; masks are not looked at.

    Args:
        panels: at least one.
        target: what the prediction shows, for the colour bar.
        most: areas beside each other; 1 for a narrow screen.
    """
    across = min(most, len(panels))
    rows = -(-len(panels) // across)
    ratios = [panel.image.shape[0] / panel.image.shape[1] for panel in panels]
    highest = [max(ratios[row * across :][:across]) for row in range(rows)]
    with style():
        figure = Figure(figsize=(3.75 * across + 0.2, 1.85 * sum(highest) + 0.65 * rows + 0.75))
        grid = figure.subplots(rows, 2 * across, squeeze=False, height_ratios=highest)
        for number in range(rows * across):
            image, prediction = grid[number // across, 2 * (number % across) :][:2]
            if number >= len(panels):
                image.axis("off")
                prediction.axis("off")
                continue
            _image(image, panels[number])
            picture = _degree(prediction, panels[number].prediction, panels[number].marks.outline_alone)
            image.set_title(panels[number].title, fontsize=9, loc="left")
            prediction.set_title("prediction", fontsize=9)
        marks = [panel.marks.outline_alone for panel in panels]
        _bar(figure, picture, grid, mask_marks.legend(target, marks, GREY))
    return figure


def _image(axes: Axes, panel: Panel) -> None:
    axes.imshow(np.nan_to_num(panel.image, nan=NO_DATA), interpolation="nearest")
    _plain(axes)
    scale_bar(axes, panel.pixel)


def _degree(axes: Axes, values: np.ndarray, marks: MaskMarks) -> AxesImage:
    picture = draw_degree(axes, values, marks)
    _plain(axes)
    return picture


def _plain(axes: Axes) -> None:
    axes.set(xticks=[], yticks=[], facecolor=UNKNOWN)
    axes.spines[:].set_visible(True)


def _bar(figure: Figure, picture: AxesImage, grid: np.ndarray, label: str) -> None:
    look: Any = {"location": "bottom", "fraction": 0.28 / figure.get_figheight(), "aspect": 40, "shrink": 0.7}
    mask_marks.label(figure.colorbar(picture, ax=grid, **look), label)
    for axes in grid.flat:
        axes.set_anchor("N")  # the colour bar sets another
