"""A figure of what more regions to train on are worth: a metric by their number, a line a predictor."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from rojsat.figures.style import style

_COLOURS = ("#4477aa", "#ee6677", "#228833", "#aa3377", "#66ccee", "#ccbb44")  # Paul Tol's bright scheme
_NO_IMAGE = "#777777"

LOWEST = -0.5
"""Where an axis of R² ends: what lies below is worse than the mean by more than the figure can say."""


@dataclass(frozen=True)
class LearningCurve:
    """A predictor at several amounts of data.

    Attributes:
        label: what it is called.
        counts: regions at each point, ascending.
        values: of the metric.
        lows: lower ends of the 95 % intervals; the value itself where there is none.
        highs: upper ends.
        sees_image: whether it looks at pixels.
    """

    label: str
    counts: Sequence[int]
    values: Sequence[float]
    lows: Sequence[float]
    highs: Sequence[float]
    sees_image: bool


def learning_curves(curves: Sequence[LearningCurve], metric: str, counted: str) -> Figure:
    """R² by number of regions with intervals; predictors without an image are grey and dashed.

    Args:
        curves: at least one.
        metric: label of the vertical axis.
        counted: label of the horizontal axis.
    """
    counts = sorted({count for curve in curves for count in curve.counts})
    colours = iter(_COLOURS * (1 + len(curves) // len(_COLOURS)))
    with style():
        figure = Figure(figsize=(3.9, 4.6))
        axes = figure.subplots()
        for number, curve in enumerate(curves):
            shift = 1 + 0.025 * (number - len(curves) / 2)  # intervals stand beside each other
            errors = [
                [value - low for value, low in zip(curve.values, curve.lows, strict=True)],
                [high - value for value, high in zip(curve.values, curve.highs, strict=True)],
            ]
            axes.errorbar(
                [count * shift for count in curve.counts],
                curve.values,
                errors,
                label=curve.label,
                color=next(colours) if curve.sees_image else _NO_IMAGE,
                linestyle="-" if curve.sees_image else ("--", ":", "-.")[number % 3],
                marker="o",
                markersize=4,
                capsize=2,
                lw=1.5,
            )
        axes.axhline(0, color="black", lw=0.8)
        axes.set(xlabel=counted, ylabel=metric, xscale="log", xticks=counts, xticklabels=counts)
        axes.xaxis.set_minor_formatter(NullFormatter())
        if axes.get_ylim()[0] < LOWEST:
            axes.set_ylim(bottom=LOWEST)
        figure.legend(loc="outside lower left", frameon=False, fontsize=9)
    return figure
