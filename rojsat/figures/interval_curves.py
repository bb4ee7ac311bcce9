"""The figure of intervals on regions left out: coverage of each region, reliability curve and risk-coverage curve."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rojsat.figures.style import COLOURS, UNKNOWN, style


def interval_curves(intervals: Mapping[str, Any], near: tuple[float, float]) -> Figure:
    """What intervals cover, by region and by level, and the error of the pixels with the narrowest ones.

    Args:
        intervals: as `rojsat.evaluation.conformal.summarise` gives them.
        near: coverage of a region that counts as met, drawn as a band.
    """
    with style():
        figure = Figure(figsize=(11.5, 3.6))
        regions, reliability, risk = figure.subplots(1, 3)
        _regions(regions, pd.DataFrame(intervals["by_region"]).T, intervals["level"], near)
        _reliability(reliability, pd.DataFrame(intervals["reliability"], columns=["level", "coverage", "width"]))
        _risk(risk, pd.DataFrame(intervals["risk_coverage"]))
    return figure


def _regions(axes: Axes, table: pd.DataFrame, level: float, near: tuple[float, float]) -> None:
    """A dot a region: mean width and coverage."""
    axes.axhspan(*near, color=UNKNOWN, lw=0, label=f"{near[0]:.0%} to {near[1]:.0%}")
    axes.axhline(level, color="black", lw=0.8, ls=":")
    axes.plot(table["width"], table["coverage"], "o", ms=4, color=COLOURS["test"])
    axes.set(xlabel="mean width of the interval (degree)", ylabel="coverage", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.set_title(f"{len(table)} regions left out, {level:.0%} intervals")
    axes.legend(frameon=False, loc="lower left")


def _reliability(axes: Axes, table: pd.DataFrame) -> None:
    """Coverage over the level."""
    axes.plot([0, 1], [0, 1], color="black", lw=0.8, ls=":", label="as promised")
    axes.plot(table["level"], table["coverage"], "o-", ms=4, color=COLOURS["test"], label="measured")
    axes.set(xlabel="level", ylabel="coverage, mean over regions", xlim=(0, 1), ylim=(0, 1), title="reliability")
    axes.legend(frameon=False, loc="upper left")


def _risk(axes: Axes, table: pd.DataFrame) -> None:
    """Error over the share of the pixels that is kept."""
    axes.plot(table["share"], table["rmse"], "o-", ms=4, color=COLOURS["test"])
    axes.axhline(table["rmse"].iloc[-1], color="black", lw=0.8, ls=":", label="all pixels")
    axes.set(xlabel="share of the pixels, narrowest bands first", ylabel="RMSE (degree)", xlim=(0, 1.02))
    axes.set_ylim(0, None)
    axes.set_title("risk and coverage")
    axes.legend(frameon=False, loc="lower left")
