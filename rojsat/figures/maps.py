"""Figures of chips: image, mask and prediction beside each other.

Knows nothing of files, experiments or where a figure goes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from rojsat.figures import mask_marks
from rojsat.figures.mask_marks import NONE, MaskMarks
from rojsat.figures.style import UNKNOWN, style
from rojsat.figures.true_colour import NO_DATA


@dataclass(frozen=True)
class Panel:
    """One row of a side-by-side figure: a region on one date, on the region's own size.

    Attributes:
        title: region and date.
        image: `(H, W, 3)` true colour in [0, 1], NaN where there is none.
        mask: `(H, W)` in [0, 1], -1 = unknown.
        prediction: `(H, W)` in [0, 1], NaN where unseen.
        pixel: size of a pixel on the ground, metres.
        marks: on mask and prediction.
    """

    title: str
    image: np.ndarray
    mask: np.ndarray
    prediction: np.ndarray
    pixel: float
    marks: MaskMarks = NONE


def degrees() -> Colormap:
    """The colours of degrees in [0, 1], unknown pixels grey."""
    return mpl.colormaps["YlOrBr"].with_extremes(bad=UNKNOWN)


def draw_degree(axes: Axes, values: np.ndarray, marks: MaskMarks) -> AxesImage:
    """A mask or a prediction, `(H, W)` in [0, 1], with its marks; grey where it is negative or NaN."""
    shown = np.ma.masked_where(~(values >= 0), values)
    picture = axes.imshow(shown, cmap=degrees(), vmin=0, vmax=1, interpolation="nearest")
    mask_marks.draw(axes, marks, values >= 0)
    return picture


def side_label(title: str) -> str:
    """A panel's title as a label at its side: short lines, since a panel may be low."""
    return title.replace(", ", "\n")


def scale_bar(axes: Axes, pixel: float) -> None:
    """A bar of 100 m at the lower left; `pixel` is the size of a pixel, metres."""
    length, bottom = 100 / pixel, axes.get_ylim()[0]
    axes.plot([1, 1 + length], [bottom - 2, bottom - 2], color="white", lw=4, solid_capstyle="butt")
    axes.plot([1, 1 + length], [bottom - 2, bottom - 2], color="black", lw=2, solid_capstyle="butt")
    axes.text(2 + length, bottom - 2, "100 m", va="center", fontsize=7.5, bbox={"fc": "white", "pad": 1, "lw": 0})


def side_by_side(panels: Sequence[Panel], target: str, image: str) -> Figure:
    """Image, mask and prediction of each panel in a row, all on one scale from 0 to 1, narrow enough for a phone.

    Args:
        panels: at least one.
        target: what mask and prediction show, for the colour bar.
        image: what the image shows, for its heading.
    """
    heights = [panel.mask.shape[0] / panel.mask.shape[1] for panel in panels]  # of a plot as wide as 1
    with style():
        figure = Figure(figsize=(4.15, 1.15 * sum(heights) + 0.15 * len(panels) + 1.2))
        grid = figure.subplots(len(panels), 3, squeeze=False, height_ratios=heights)
        for axes, panel in zip(grid, panels, strict=True):
            axes[0].imshow(np.nan_to_num(panel.image, nan=NO_DATA), interpolation="nearest")
            axes[0].set_ylabel(side_label(panel.title), fontsize=7.5)
            draw_degree(axes[1], panel.mask, panel.marks)
            picture = draw_degree(axes[2], panel.prediction, panel.marks.outline_alone)
            for plot in axes:
                plot.set(xticks=[], yticks=[])
                plot.spines[:].set_visible(True)
            scale_bar(axes[0], panel.pixel)
        for plot, heading in zip(grid[0], (image, "mask", "prediction"), strict=True):
            plot.set_title(fill(heading, 14), fontsize=8.5)
        bar: Any = {"location": "bottom", "fraction": 0.3 / figure.get_figheight(), "aspect": 30, "shrink": 0.8}
        mask_marks.label(
            figure.colorbar(picture, ax=grid, **bar), mask_marks.legend(target, [panel.marks for panel in panels])
        )
    return figure


def sheet(images: np.ndarray, masks: np.ndarray, predictions: np.ndarray, zoom: int = 2) -> np.ndarray:
    """A picture without text, small and fast to draw: a chip a row; image, mask, prediction beside each other.

    Args:
        images: `(N, H, W, 3)` in [0, 1].
        masks: `(N, H, W)` in [0, 1], -1 = unknown: grey.
        predictions: `(N, H, W)` in [0, 1], NaN where unseen: grey.
        zoom: screen pixels of a pixel.

    Returns:
        `(height, width, 3)` uint8.
    """
    drawn = [np.nan_to_num(images, nan=NO_DATA)]
    for values in (np.where(masks >= 0, masks, np.nan), np.clip(predictions, 0, 1)):
        drawn.append(degrees()(np.ma.masked_invalid(values))[..., :3])
    framed = [np.pad(part, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=1) for part in drawn]
    contact_sheet = np.concatenate([np.concatenate(row, axis=1) for row in zip(*framed, strict=True)])
    return (255 * contact_sheet).round().astype(np.uint8).repeat(zoom, axis=0).repeat(zoom, axis=1)
