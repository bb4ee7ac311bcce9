"""Figures of a training: losses over the epochs, confusion of classes."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import FormatStrFormatter, LogLocator, MaxNLocator, NullFormatter

from rojsat.figures.style import COLOURS, style


def losses(history: pd.DataFrame, name: str, best: int) -> Figure:
    """Loss of training and validation over the epochs.

    Args:
        history: columns `epoch`, `train/loss`, `val/loss`.
        name: of the loss, with its unit, for the axis.
        best: the epoch whose weights were kept.
    """
    with style():
        figure = Figure(figsize=(6.4, 4))
        _draw_losses(figure.subplots(), history, name, best)
    return figure


def losses_beside(runs: Sequence[tuple[str, pd.DataFrame, int]], name: str) -> Figure:
    """Loss of training and validation of several runs beside each other, on one scale.

    Args:
        runs: title, history and kept epoch of each, see `losses`.
        name: of the loss, with its unit, for the axis.
    """
    with style():
        figure = Figure(figsize=(4.4 * len(runs) if len(runs) < 3 else 11.5, 3.6))
        grid = figure.subplots(1, len(runs), squeeze=False)[0]
        for axes, (title, history, best) in zip(grid, runs, strict=True):
            _draw_losses(axes, history, name, best)
            axes.set_title(title)
        lowest = min(axes.get_ylim()[0] for axes in grid)
        highest = max(axes.get_ylim()[1] for axes in grid)
        scales = {axes.get_yscale() for axes in grid}
        for axes in grid:
            if len(scales) == 1:
                axes.set_ylim(lowest, highest)
    return figure


def _draw_losses(axes: Axes, history: pd.DataFrame, name: str, best: int) -> None:
    for part, label in (("train", "training"), ("val", "validation")):
        axes.plot(history["epoch"], history[f"{part}/loss"], "o-", ms=3, color=COLOURS[part], label=label)
    axes.axvline(best, color="#666666", lw=1, ls=":", label=f"kept: epoch {best}")
    axes.set(xlabel="epoch", ylabel=name)
    _fit_scale(axes, history[["train/loss", "val/loss"]].to_numpy())
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(framealpha=0.85, edgecolor="none")  # over curves and the line of the kept epoch


def _fit_scale(axes: Axes, values: np.ndarray) -> None:
    """Loss from zero up; on a logarithmic scale where the largest is far above the usual one."""
    if np.nanmin(values) > 0 and np.nanmax(values) > 10 * np.nanmedian(values):
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(FormatStrFormatter("%g"))
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        axes.set_ylim(0, None)


def confusion(counts: np.ndarray, classes: Sequence[str], title: str) -> Figure:
    """Confusion matrix, every row normalised to its number of true labels, counts beneath.

    Args:
        counts: `(K, K)` integers, row = true class, column = predicted class.
        classes: K names.
        title: above the matrix.
    """
    return confusions([(title, counts)], classes)


def confusions(matrices: Sequence[tuple[str, np.ndarray]], classes: Sequence[str]) -> Figure:
    """Confusion matrices beside each other, each with its title; see `confusion`."""
    with style():
        figure = Figure(figsize=(4.1 * len(matrices) + 0.5, 4))
        grid = figure.subplots(1, len(matrices), squeeze=False)[0]
        for axes, (title, counts) in zip(grid, matrices, strict=True):
            picture = _draw_confusion(axes, counts, classes)
            axes.set(xlabel="predicted", ylabel="true", title=title)
        figure.colorbar(picture, ax=grid, label="share of the true class (count)", shrink=0.85)
    return figure


def _draw_confusion(axes: Axes, counts: np.ndarray, classes: Sequence[str]) -> AxesImage:
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    picture = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(shares):
        text = f"{share:.2f}\n({counts[row, column]})"
        axes.text(column, row, text, ha="center", va="center", color="white" if share > 0.6 else "black")
    ticks = range(len(classes))
    axes.set_xticks(ticks, classes)
    axes.set_yticks(ticks, classes, rotation=90, va="center")
    axes.spines[:].set_visible(False)
    return picture
