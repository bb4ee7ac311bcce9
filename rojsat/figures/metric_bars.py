"""The figure that compares experiments: a bar each."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from rojsat.config import metric_names
from rojsat.figures.style import style

SPLITS = {True: "tested on regions trained on, other dates", False: "tested on held-out regions"}
_SPLIT_COLOURS = {True: "#bbbbbb", False: "#4477aa"}
_MARK: Any = {"linestyle": "none", "marker": "|", "markersize": 12, "markeredgewidth": 2, "color": "#cc3311"}


def metric_bars(table: pd.DataFrame) -> Figure:
    """The headline metric of several experiments as bars, a plot a task; held-out regions have their own colour.

    Args:
        table: columns `experiment`, `task`, `leak` (bool), `value` and `without_image` (that of the best predictor
            without an image, NaN where not known), in the order to draw.
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
        marks: list[Artist] = [Patch(color=colour, label=SPLITS[leak]) for leak, colour in _SPLIT_COLOURS.items()]
        marks.append(Line2D([], [], **_MARK, label="best predictor without an image"))
        figure.legend(handles=marks, frameon=False, loc="outside upper center", ncols=2)
    return figure


def _bars(axes: Axes, table: pd.DataFrame, title: str) -> None:
    """Horizontal bars with their values, the first row at the top."""
    values = table["value"].to_numpy()
    axes.barh(table["experiment"], values, color=[_SPLIT_COLOURS[leak] for leak in table["leak"]])
    axes.plot(table["without_image"], range(len(table)), **_MARK)
    for row, (value, least) in enumerate(zip(values, table["without_image"], strict=True)):
        words = metric_names.cell(metric_names.FEW[table["task"].iloc[0]][0], value)
        axes.text(max(value, 0, np.nan_to_num(least)), row, f"  {words}", va="center")
    axes.axvline(0, color="black", lw=0.8)
    axes.set(xlabel=title, xlim=(min(0, values.min() * 1.1), 1))
    axes.invert_yaxis()
