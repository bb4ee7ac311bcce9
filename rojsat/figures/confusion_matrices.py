"""Figures of confusion matrices."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from rojsat.figures.style import style


def confusion(counts: np.ndarray, classes: Sequence[str], title: str) -> Figure:
    """Confusion matrix, every row normalised to its number of true labels, counts beneath.

    Args:
        counts: `(K, K)` integers, row = true class, column = predicted class.
        classes: K names.
        title: above the matrix.
    """
    return confusions([(title, counts)], classes)


def confusions(
    matrices: Sequence[tuple[str, np.ndarray]], classes: Sequence[str], *, is_stacked: bool = False
) -> Figure:
    """Confusion matrices beside each other, or stacked for a narrow screen, each with its title; see `confusion`."""
    with style():
        rows, across = (len(matrices), 1) if is_stacked else (1, len(matrices))
        figure = Figure(figsize=(4.1 * across + 0.5, 4 * rows))
        grid = figure.subplots(rows, across, squeeze=False).ravel()
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
