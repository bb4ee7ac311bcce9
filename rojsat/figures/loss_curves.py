"""Figures of losses over the epochs of a training."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter, LogLocator, MaxNLocator, NullFormatter

from rojsat.figures.style import COLOURS, style

LOSSES = ["train/loss", "val/loss"]


@dataclass(frozen=True)
class LossCurve:
    """The losses of one training.

    Attributes:
        title: above its plot.
        history: columns `epoch`, `train/loss`, `val/loss`.
        best_epoch: the epoch whose weights are evaluated.
    """

    title: str
    history: pd.DataFrame
    best_epoch: int


def losses(history: pd.DataFrame, name: str, best: int, label: str = "best epoch") -> Figure:
    """Loss of training and validation over the epochs.

    Args:
        history: columns `epoch`, `train/loss`, `val/loss`.
        name: of the loss, with its unit, for the axis.
        best: the epoch whose weights are evaluated.
        label: of that epoch.
    """
    with style():
        figure = Figure(figsize=(5.6, 3.8))
        axes = figure.subplots()
        _draw_losses(axes, history, name, best, label)
        _fit_scale([axes], history[LOSSES].to_numpy())
    return figure


def losses_beside(curves: Sequence[LossCurve], name: str, *, is_stacked: bool = False) -> Figure:
    """Loss of training and validation of several trainings beside each other, on one scale.

    Args:
        curves: at least one.
        name: of the loss, with its unit, for the axis.
        is_stacked: one above the other, for a narrow screen.
    """
    width = 4.4 * len(curves) if len(curves) < 3 else 11.5
    with style():
        figure = Figure(figsize=(4.4, 3.1 * len(curves)) if is_stacked else (width, 3.6))
        shape = (len(curves), 1) if is_stacked else (1, len(curves))
        grid = figure.subplots(*shape, squeeze=False).ravel()
        for axes, curve in zip(grid, curves, strict=True):
            _draw_losses(axes, curve.history, name, curve.best_epoch)
            axes.set_title(curve.title)
        _fit_scale(list(grid), np.concatenate([curve.history[LOSSES].to_numpy() for curve in curves]))
    return figure


def _draw_losses(axes: Axes, history: pd.DataFrame, name: str, best: int, label: str = "best epoch") -> None:
    for part, words in (("train", "training"), ("val", "validation")):
        axes.plot(history["epoch"], history[f"{part}/loss"], "o-", ms=3, color=COLOURS[part], label=words)
    axes.axvline(best, color="#666666", lw=1, ls=":", label=f"{label}: {best}")
    axes.set(xlabel="epoch", ylabel=name)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(framealpha=0.85, edgecolor="none")  # over curves and the line of the best epoch


def _fit_scale(grid: Sequence[Axes], values: np.ndarray) -> None:
    """One scale for all plots: loss from zero up; logarithmic where the largest is far above the usual one."""
    is_log = np.nanmin(values) > 0 and np.nanmax(values) > 10 * np.nanmedian(values)
    for axes in grid:
        if is_log:
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter(FormatStrFormatter("%g"))
            axes.yaxis.set_minor_formatter(NullFormatter())
    low, high = min(axes.get_ylim()[0] for axes in grid), max(axes.get_ylim()[1] for axes in grid)
    for axes in grid:
        axes.set_ylim(low if is_log else 0, high)
