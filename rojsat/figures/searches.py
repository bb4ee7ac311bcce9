"""Figures of a search, drawn with matplotlib from a plain table of its trials.

Knows neither who searched nor where a figure goes. The table has a row a trial: `trial` (number), `state`
(complete, pruned, fail, open, running or waiting), `value` (NaN where the trial did not come to
its end) and a column a key.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter, MaxNLocator, NullFormatter

from rojsat.figures.style import COLOURS, UNKNOWN, style

_DONE, _BEST, _FIRST = COLOURS["train"], COLOURS["val"], COLOURS["test"]


def history(table: pd.DataFrame, metric: str, mode: str, title: str = "") -> Figure:
    """The value of every trial and the best so far; ticks at the foot are trials that were pruned.

    Args:
        table: see the module.
        metric: what the value is, with its unit.
        mode: "min" or "max" of it.
        title: above it; empty for none.
    """
    done = table.dropna(subset="value")
    so_far = done["value"].cummin() if mode == "min" else done["value"].cummax()
    pruned = table.loc[table["state"] == "pruned", "trial"]
    with style():
        figure = Figure(figsize=(5.6, 3.8))
        axes = figure.subplots()
        axes.step(done["trial"], so_far, where="post", color=_BEST, label="best so far")
        axes.plot(done["trial"], done["value"], "o", color=_DONE, label="a trial")
        own = done[done["trial"] == 0]
        axes.plot(own["trial"], own["value"], "o", color=_FIRST, label="the experiment's own values")
        if len(pruned):
            foot = np.zeros(len(pruned))
            axes.plot(pruned, foot, "|", ms=10, color="#888888", transform=axes.get_xaxis_transform(), label="pruned")
        axes.set(xlabel="trial", ylabel=metric, title=title)
        if _is_wide(done["value"]):
            axes.set_yscale("log")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.legend(frameon=False, loc="outside upper center", ncols=4, columnspacing=1.2, handletextpad=0.5)
    return figure


def importance(shares: Mapping[str, float], metric: str) -> Figure:
    """How much of the variance of the value each key explains.

    Args:
        shares: by key, in [0, 1], the largest first.
        metric: what the value is, with its unit.
    """
    with style():
        figure = Figure(figsize=(6.4, 0.45 * len(shares) + 1.2))
        axes = figure.subplots()
        axes.barh(list(shares), list(shares.values()), color=_DONE)
        for row, share in enumerate(shares.values()):
            axes.text(share, row, f" {share:.2f}", va="center")
        axes.set(xlabel=f"share of the variance of\n{metric}", xlim=(0, 1.1))
        axes.invert_yaxis()
    return figure


def slices(table: pd.DataFrame, logs: Mapping[str, bool], metric: str) -> Figure:
    """The value over each key by itself; the colour is the trial's number.

    Args:
        table: see the module.
        logs: whether the axis of a key is logarithmic, by key.
        metric: what the value is, with its unit.
    """
    done = table.dropna(subset="value")
    with style():
        figure = Figure(figsize=(max(4.2, 2.9 * len(logs) + 1.2), 3.6))
        grid = figure.subplots(1, len(logs), sharey=True, squeeze=False)[0]
        for axes, (key, log) in zip(grid, logs.items(), strict=True):
            places, names = _places(done[key])
            dots = axes.scatter(places, done["value"], c=done["trial"], cmap="viridis", edgecolors="white")
            axes.set(xlabel=f"{key} (log scale)" if log else key)
            _scale(axes, log, places, names)
        if _is_wide(done["value"]):
            grid[0].set_yscale("log")
        grid[0].set_ylabel(metric)
        bar = figure.colorbar(dots, ax=list(grid), label="trial")
        bar.ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def _places(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Numbers as they are; all else by its rank among the different ones, and these."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return column.to_numpy(float), []
    texts = column.map(str)
    names = sorted(texts.unique())
    return texts.map(names.index).to_numpy(float), names


def _scale(axes: Axes, log: bool, places: np.ndarray, names: Sequence[str]) -> None:
    """The horizontal axis of one key."""
    if log:
        first, last = np.floor(np.log10(places.min())), np.ceil(np.log10(places.max()))
        axes.set_xscale("log")
        axes.set_xlim(10**first, 10 ** max(last, first + 1))  # full decades
        axes.xaxis.set_minor_formatter(NullFormatter())
    elif names:
        axes.set_xticks(range(len(names)), names)
        axes.set_xlim(-0.5, len(names) - 0.5)
    elif len(np.unique(places)) <= 6:
        axes.set_xticks(np.unique(places))
        axes.xaxis.set_major_formatter(FormatStrFormatter("%g"))


def _is_wide(values: pd.Series) -> bool:
    """Whether a few values are so far above the others that only a logarithmic axis shows all."""
    return bool((values > 0).all() and values.max() > 10 * values.median())


def parallel(table: pd.DataFrame, logs: Mapping[str, bool], metric: str, mode: str) -> Figure:
    """A line a trial through all its values, coloured by its value; pruned ones are grey.

    Args:
        table: see the module.
        logs: whether the axis of a key is logarithmic, by key.
        metric: what the value is, with its unit.
        mode: "min" or "max" of it; better lines are darker and lie above.
    """
    known = table.dropna(subset=list(logs))
    colours = mpl.colormaps["viridis" if mode == "min" else "viridis_r"]
    values = known["value"].dropna()
    norm = (LogNorm if _is_wide(values) else Normalize)(values.min(), values.max())
    heights = np.column_stack([_height(known[key], log) for key, log in logs.items()])
    order = np.argsort(known["value"].fillna(np.inf if mode == "min" else -np.inf).to_numpy())
    with style():
        figure = Figure(figsize=(max(4.8, 2.1 * len(logs) + 1.8), 3.8))
        axes = figure.subplots()
        for trial in order[::-1] if mode == "min" else order:
            value = known["value"].iloc[trial]
            colour: Any = UNKNOWN if np.isnan(value) else colours(norm(value))
            axes.plot(range(len(logs)), heights[trial], "o-", ms=4, color=colour)
        for number, (key, log) in enumerate(logs.items()):
            _ruler(axes, number, known[key], log)
        axes.set_xticks(range(len(logs)), [f"{key}\n(log scale)" if log else key for key, log in logs.items()])
        axes.set(yticks=[], ylim=(-0.12, 1.12), xlim=(-0.4, len(logs) - 0.4))
        axes.spines[:].set_visible(False)
        figure.colorbar(ScalarMappable(norm, colours), ax=axes, label=f"{metric}\n(grey: no value)")
    return figure


def _height(column: pd.Series, log: bool) -> np.ndarray:
    """Where on an axis from 0 to 1 the values stand."""
    places, _ = _places(column)
    places = np.log(places) if log else places
    low, high = places.min(), places.max()
    heights: np.ndarray = (places - low) / (high - low) if high > low else np.full(len(places), 0.5)
    return heights


def _ruler(axes: Axes, position: int, column: pd.Series, log: bool) -> None:
    """An axis with the smallest and largest value, or all names."""
    axes.axvline(position, ymin=0.1, ymax=0.9, color="black", lw=0.8)
    places, names = _places(column)
    heights = _height(column, log)
    marks = {int(spot): float(height) for spot, height in zip(places, heights, strict=True)} if names else {}
    ends = [(names[spot], height) for spot, height in marks.items()]
    if not names:
        ends = [(f"{places[end]:.3g}", float(heights[end])) for end in {places.argmin(), places.argmax()}]
    for text, height in ends:
        box = {"fc": "white", "lw": 0, "pad": 1}  # lines end at the same height
        axes.annotate(text, (position, height), (6, 0), textcoords="offset points", va="center", fontsize=8, bbox=box)
