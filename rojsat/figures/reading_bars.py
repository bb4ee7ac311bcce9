"""The figure of what a network reads: a bar for the test part as it is, and one for each perturbation."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from rojsat.figures.style import COLOURS, UNKNOWN, style

LOWEST = -1.0
"""Value at which bars are cut off, so that those above stay readable; their texts have the value."""


def reading_bars(table: pd.DataFrame, metric: str, least: float) -> Figure:
    """A metric of the test part as it is and perturbed, as horizontal bars; the first row stands out.

    Args:
        table: columns `title`, `value` (NaN: not defined, no bar) and `text` (of the value), the part as it is first.
        metric: as the axis calls it.
        least: what a predictor without an image reaches, drawn as a line; NaN: none.
    """
    values = np.nan_to_num(table["value"].to_numpy(float))
    with style():
        figure = Figure(figsize=(5.6, 0.4 * len(table) + 1))
        axes = figure.subplots()
        axes.barh(table["title"], values, color=[COLOURS["test"], *[UNKNOWN] * (len(table) - 1)])
        for row, (value, text) in enumerate(zip(values, table["text"], strict=True)):
            axes.text(max(value, 0), row, f" {text}", va="center")
        axes.axvline(0, color="black", lw=0.8)
        if np.isfinite(least):
            axes.axvline(least, color="black", lw=0.8, ls=":", label="without an image")
            figure.legend(frameon=False, loc="outside upper right")
        axes.set(xlabel=f"{metric} on the test part", xlim=(max(LOWEST, values.min() * 1.1), 1))
        axes.invert_yaxis()
    return figure
