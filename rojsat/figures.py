"""Figures of runs and comparisons, drawn with matplotlib from plain arrays and tables.

Knows nothing of files, experiments or where a figure goes.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FormatStrFormatter, MaxNLocator

COLOURS = {"train": "#4477aa", "val": "#cc6677", "test": "#228833"}  # Paul Tol's bright scheme
UNKNOWN = "#d9d9d9"

_STYLE: Any = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "figure.constrained_layout.use": True,
    "savefig.dpi": 150,
}


@contextmanager
def style() -> Iterator[None]:
    """The look of all figures."""
    with mpl.rc_context(_STYLE):
        yield


@dataclass(frozen=True)
class Panel:
    """One row of a side-by-side figure: a region on one date, on the region's own size.

    Attributes:
        title: region and date.
        image: `(H, W, 3)` true colour in [0, 1], NaN where there is none.
        mask: `(H, W)` in [0, 1], -1 = unknown.
        prediction: `(H, W)` in [0, 1], NaN where unseen.
        pixel: size of a pixel on the ground, metres.
    """

    title: str
    image: np.ndarray
    mask: np.ndarray
    prediction: np.ndarray
    pixel: float


def losses(history: pd.DataFrame, name: str, best: int) -> Figure:
    """Loss of training and validation over the epochs.

    Args:
        history: columns `epoch`, `train/loss`, `val/loss`.
        name: of the loss, with its unit, for the axis.
        best: the epoch whose weights were kept.
    """
    with style():
        figure = Figure(figsize=(6.4, 4))
        axes = figure.subplots()
        for part, label in (("train", "training"), ("val", "validation")):
            axes.plot(history["epoch"], history[f"{part}/loss"], "o-", ms=3, color=COLOURS[part], label=label)
        axes.axvline(best, color="#666666", lw=1, ls=":", label=f"kept: epoch {best}")
        axes.set(xlabel="epoch", ylabel=name)
        _fit_scale(axes, history[["train/loss", "val/loss"]].to_numpy())
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(frameon=False)
    return figure


def _fit_scale(axes: Axes, values: np.ndarray) -> None:
    """Loss from zero up; on a logarithmic scale where the largest is far above the usual one."""
    if np.nanmin(values) > 0 and np.nanmax(values) > 10 * np.nanmedian(values):
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FormatStrFormatter("%g"))
    else:
        axes.set_ylim(0, None)


def confusion(counts: np.ndarray, classes: Sequence[str], title: str) -> Figure:
    """Confusion matrix, every row normalised to its number of true labels, counts beneath.

    Args:
        counts: `(K, K)` integers, row = true class, column = predicted class.
        classes: K names.
        title: above the matrix.
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    with style():
        figure = Figure(figsize=(4.6, 4))
        axes = figure.subplots()
        picture = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for (row, column), share in np.ndenumerate(shares):
            text = f"{share:.2f}\n({counts[row, column]})"
            axes.text(column, row, text, ha="center", va="center", color="white" if share > 0.6 else "black")
        ticks = range(len(classes))
        axes.set_xticks(ticks, classes)
        axes.set_yticks(ticks, classes, rotation=90, va="center")
        axes.set(xlabel="predicted", ylabel="true", title=title)
        axes.spines[:].set_visible(False)
        figure.colorbar(picture, label="share of the true class (count)", shrink=0.85)
    return figure


def _degrees() -> Colormap:
    """The colours of degrees in [0, 1], unknown pixels grey."""
    return mpl.colormaps["YlOrBr"].with_extremes(bad=UNKNOWN)


def _scale_bar(axes: Axes, pixel: float) -> None:
    """A bar of 100 m at the lower left; `pixel` is the size of a pixel, metres."""
    length, bottom = 100 / pixel, axes.get_ylim()[0]
    axes.plot([1, 1 + length], [bottom - 2, bottom - 2], color="white", lw=4, solid_capstyle="butt")
    axes.plot([1, 1 + length], [bottom - 2, bottom - 2], color="black", lw=2, solid_capstyle="butt")
    axes.text(2 + length, bottom - 2, "100 m", va="center", fontsize=7, bbox={"fc": "white", "pad": 1, "lw": 0})


def side_by_side(panels: Sequence[Panel], target: str, image: str) -> Figure:
    """Image, mask and prediction of each panel in a row, all on one scale from 0 to 1; unknown is grey.

    Args:
        panels: at least one.
        target: what mask and prediction show, for the colour bar.
        image: what the image shows, for its heading.
    """
    heights = [panel.mask.shape[0] / panel.mask.shape[1] for panel in panels]  # of a plot as wide as 1
    with style():
        figure = Figure(figsize=(8.6, 2.35 * sum(heights) + 0.2 * len(panels) + 1))
        grid = figure.subplots(len(panels), 3, squeeze=False, height_ratios=heights)
        for axes, panel in zip(grid, panels, strict=True):
            axes[0].imshow(np.nan_to_num(panel.image, nan=0.85), interpolation="nearest")
            axes[0].set_ylabel(panel.title, fontsize=9)
            for place, values in zip(axes[1:], (panel.mask, panel.prediction), strict=True):
                shown = np.ma.masked_where(~(values >= 0), values)
                picture = place.imshow(shown, cmap=_degrees(), vmin=0, vmax=1, interpolation="nearest")
            for place in axes:
                place.set(xticks=[], yticks=[])
                place.spines[:].set_visible(True)
            _scale_bar(axes[0], panel.pixel)
        for place, heading in zip(grid[0], (image, "mask", "prediction"), strict=True):
            place.set_title(heading)
        bar: Any = {"location": "bottom", "fraction": 0.3 / figure.get_figheight(), "aspect": 40, "shrink": 0.6}
        figure.colorbar(picture, ax=grid, label=f"{target} (grey: unknown)", **bar)
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
    drawn = [np.nan_to_num(images, nan=0.85)]
    for values in (np.where(masks >= 0, masks, np.nan), np.clip(predictions, 0, 1)):
        drawn.append(_degrees()(np.ma.masked_invalid(values))[..., :3])
    framed = [np.pad(part, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=1) for part in drawn]
    whole = np.concatenate([np.concatenate(row, axis=1) for row in zip(*framed, strict=True)])
    return (255 * whole).round().astype(np.uint8).repeat(zoom, axis=0).repeat(zoom, axis=1)


def stretch(image: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """`(3, H, W)` to `(H, W, 3)` in [0, 1]: the 99th percentile of what is seen, all colours, becomes white."""
    values = image[:, seen]
    white = float(np.nanpercentile(values, 99)) if np.isfinite(values).any() else 1.0
    return np.clip(np.moveaxis(image, 0, -1) / max(white, 1e-6), 0, 1)


def comparison(table: pd.DataFrame) -> Figure:
    """The headline metric of several experiments as bars, a plot a task; unseen regions have their own colour.

    Args:
        table: columns `experiment`, `task`, `leak` (bool) and `value`, in the order to draw.
    """
    titles = {
        "classification": "accuracy on test chips (1 is perfect)",
        "segmentation": "R² on test pixels (1 is perfect, 0 no better than the mean)",
    }
    tasks = [task for task in titles if (table["task"] == task).any()]
    sizes = [int((table["task"] == task).sum()) for task in tasks]
    with style():
        figure = Figure(figsize=(7, 0.4 * sum(sizes) + 0.8 * len(tasks) + 0.5))
        grid = figure.subplots(len(tasks), 1, squeeze=False, height_ratios=[size + 0.6 for size in sizes])[:, 0]
        for axes, task in zip(grid, tasks, strict=True):
            _bars(axes, table[table["task"] == task], titles[task])
        marks = [Patch(color=colour, label=SPLITS[leak]) for leak, colour in _SPLIT_COLOURS.items()]
        figure.legend(handles=marks, frameon=False, loc="outside upper center", ncols=2)
    return figure


SPLITS = {True: "tested on the same regions, other dates", False: "tested on unseen regions"}
_SPLIT_COLOURS = {True: "#bbbbbb", False: "#4477aa"}


def _bars(axes: Axes, table: pd.DataFrame, title: str) -> None:
    """Horizontal bars with their values, the first row at the top."""
    values = table["value"].to_numpy()
    axes.barh(table["experiment"], values, color=[_SPLIT_COLOURS[leak] for leak in table["leak"]])
    for place, value in enumerate(values):
        axes.text(max(value, 0), place, f" {value:.3f}", va="center")
    axes.axvline(0, color="black", lw=0.8)
    axes.set(xlabel=title, xlim=(min(0, values.min() * 1.1), 1))
    axes.invert_yaxis()
