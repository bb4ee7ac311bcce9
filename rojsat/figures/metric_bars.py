"""The figure that compares experiments: a bar each."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from rojsat.figures.style import style

SPLITS = {True: "tested on regions trained on, other dates", False: "tested on held-out regions"}
_SPLIT_COLOURS = {True: "#bbbbbb", False: "#4477aa"}


def metric_bars(table: pd.DataFrame) -> Figure:
    """The headline metric of several experiments as bars, a plot a task; held-out regions have their own colour.

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


def _bars(axes: Axes, table: pd.DataFrame, title: str) -> None:
    """Horizontal bars with their values, the first row at the top."""
    values = table["value"].to_numpy()
    axes.barh(table["experiment"], values, color=[_SPLIT_COLOURS[leak] for leak in table["leak"]])
    for row, value in enumerate(values):
        axes.text(max(value, 0), row, f" {value:.3f}", va="center")
    axes.axvline(0, color="black", lw=0.8)
    axes.set(xlabel=title, xlim=(min(0, values.min() * 1.1), 1))
    axes.invert_yaxis()
