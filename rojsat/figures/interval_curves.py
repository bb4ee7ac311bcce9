"""The figure of intervals on regions left out: coverage of each region, reliability curve and risk-coverage curve.

Intervals from predicted quantiles, where there are some, beside those by the predicted degree.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rojsat.figures.style import COLOURS, UNKNOWN, style

Kinds = Mapping[str, Mapping[str, Any]]
"""What is drawn of each kind of intervals, by its name in the legend."""

BY_DEGREE, BY_PIXEL = "width by predicted degree", "width by predicted quantiles"

_COLOURS = {BY_DEGREE: COLOURS["test"], BY_PIXEL: COLOURS["train"]}
_MARKS = {BY_DEGREE: "o", BY_PIXEL: "s"}


def interval_curves(intervals: Mapping[str, Any], near: tuple[float, float]) -> Figure:
    """What intervals cover, by region and by level, and the error of the pixels with the narrowest ones.

    Args:
        intervals: as `rojsat.evaluation.conformal.summarise` gives them; with `quantiles` a fourth panel shows what
            both kinds cover by predicted width.
        near: coverage of a region that counts as met, drawn as a band.
    """
    kinds = {BY_DEGREE: intervals} | ({BY_PIXEL: intervals["quantiles"]} if "quantiles" in intervals else {})
    with style():
        figure = Figure(figsize=(15 if BY_PIXEL in kinds else 11.5, 3.6))
        regions, reliability, risk, *by_width = figure.subplots(1, 3 + (BY_PIXEL in kinds))
        _regions(regions, kinds, intervals["level"], near)
        _reliability(reliability, kinds)
        _risk(risk, kinds)
        for axes in by_width:
            _by_width(axes, pd.DataFrame(intervals["quantiles"]["by_width"]), intervals["level"], near)
    return figure


def _regions(axes: Axes, kinds: Kinds, level: float, near: tuple[float, float]) -> None:
    """A dot a region: mean width and coverage."""
    axes.axhspan(*near, color=UNKNOWN, lw=0, label=f"{near[0]:.0%} to {near[1]:.0%}")
    axes.axhline(level, color="black", lw=0.8, ls=":")
    for kind, intervals in kinds.items():
        table = pd.DataFrame(intervals["by_region"]).T
        axes.plot(table["width"], table["coverage"], _MARKS[kind], ms=4, color=_COLOURS[kind])
        axes.set_title(f"{len(table)} regions left out, {level:.0%} intervals")
    axes.set(xlabel="mean width of the interval (degree)", ylabel="coverage", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.legend(frameon=False, loc="lower left")


def _reliability(axes: Axes, kinds: Kinds) -> None:
    """Coverage over the level."""
    axes.plot([0, 1], [0, 1], color="black", lw=0.8, ls=":", label="as promised")
    for kind, intervals in kinds.items():
        table = pd.DataFrame(intervals["reliability"], columns=["level", "coverage", "width"])
        label = kind if len(kinds) > 1 else "measured"
        axes.plot(table["level"], table["coverage"], f"{_MARKS[kind]}-", ms=4, color=_COLOURS[kind], label=label)
    axes.set(xlabel="level", ylabel="coverage, mean over regions", xlim=(0, 1), ylim=(0, 1), title="reliability")
    axes.legend(frameon=False, loc="upper left" if len(kinds) == 1 else "lower right")


def _risk(axes: Axes, kinds: Kinds) -> None:
    """Error over the share of the pixels that is kept."""
    for kind, intervals in kinds.items():
        table = pd.DataFrame(intervals["risk_coverage"])
        axes.plot(table["share"], table["rmse"], f"{_MARKS[kind]}-", ms=4, color=_COLOURS[kind])
    axes.axhline(table["rmse"].iloc[-1], color="black", lw=0.8, ls=":", label="all pixels")
    axes.set(xlabel="share of the pixels, narrowest bands first", ylabel="RMSE (degree)", xlim=(0, 1.02))
    axes.set_ylim(0, None)
    axes.set_title("risk and coverage")
    axes.legend(frameon=False, loc="lower left")


def _by_width(axes: Axes, table: pd.DataFrame, level: float, near: tuple[float, float]) -> None:
    """Coverage in each third of the pixels by predicted width."""
    axes.axhspan(*near, color=UNKNOWN, lw=0)
    axes.axhline(level, color="black", lw=0.8, ls=":")
    for kind, column in ((BY_DEGREE, "coverage_by_degree"), (BY_PIXEL, "coverage")):
        axes.plot(table["part"], table[column], f"{_MARKS[kind]}-", ms=4, color=_COLOURS[kind], label=kind)
    axes.set(xlabel="thirds of the pixels, by predicted width", ylabel="coverage", ylim=(0, 1.02))
    axes.margins(x=0.12)
    axes.set_title("coverage by width")
    axes.legend(frameon=False, loc="lower left")
