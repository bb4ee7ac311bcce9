"""Figures of a training: losses over the epochs, confusion of classes."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter, MaxNLocator

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
