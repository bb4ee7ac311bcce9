"""A figure of what local labels are worth: a metric by their number, the model beside predictors without an image."""

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from rojsat.figures.style import style

_MODEL, _NO_IMAGE = "#4477aa", "#777777"  # Paul Tol's bright scheme; grey


def local_curves(points: list[Mapping[str, Any]], metrics: Mapping[str, str], labels: Mapping[str, str]) -> Figure:
    """A panel a metric: the model with its 95 % intervals, predictors without an image grey.

    Args:
        points: `count` and `metrics` (by predictor and metric `value`, `low`, `high`), counts ascending.
        metrics: labels of the axes, by metric.
        labels: of the predictors, the model first.
    """
    counts = [point["count"] for point in points]
    places = range(len(counts))  # 0, 1, 2, 5, 10, 20 at one distance
    with style():
        figure = Figure(figsize=(4.2 * len(metrics), 4.4))
        panels = figure.subplots(1, len(metrics), squeeze=False)[0]
        for axes, (metric, axis) in zip(panels, metrics.items(), strict=True):
            for number, (predictor, label) in enumerate(labels.items()):
                ends = [point["metrics"][predictor][metric] for point in points]
                values = [end.get("value", float("nan")) for end in ends]
                shown = (
                    {"color": _NO_IMAGE, "linestyle": ("--", ":", "-.")[number % 3]} if number else {"color": _MODEL}
                )
                axes.plot(places, values, marker="o", markersize=4, label=label, lw=1.5, **shown)
                if not number and all("low" in end for end in ends):
                    lows, highs = ([end[name] for end in ends] for name in ("low", "high"))
                    axes.fill_between(places, lows, highs, color=_MODEL, alpha=0.2, lw=0)
            axes.set(xlabel="local stands in training", ylabel=axis, xticks=places, xticklabels=counts)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower left", frameon=False, fontsize=9)
    return figure
