"""What the sections of both splits show alike: losses, and predictions of control areas."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from rojsat.config import metric_names
from rojsat.figures import loss_curves, pairs, panels
from rojsat.figures.loss_curves import LossCurve
from rojsat.figures.maps import Panel
from rojsat.figures.panels import Shown
from rojsat.page import alt_texts
from rojsat.page.cells import picture
from rojsat.page.html import Item
from rojsat.page.page_inputs import PageInputs
from rojsat.page.references import Number
from rojsat.page.run_report import RunReport

CONTROL_AREAS = {
    "need": "areas known to be in need of clearing",
    "clear": "areas known not to be in need of clearing",
    "other": "ground that is no forest: housing, a sports ground, cropland",
}
"""Labels of control areas by figure; `other` are all other labels."""


def losses(number: Number, reports: Mapping[str, RunReport], caption: str) -> Item:
    """The losses of some trainings beside each other.

    Args:
        number: of the figure.
        reports: by the titles of their plots.
        caption: of the figure.
    """
    curves = [LossCurve(title, report.history, int(report.summary["best_epoch"])) for title, report in reports.items()]
    loss = next(iter(reports.values())).experiment.loss.name
    wide, narrow = (
        loss_curves.losses_beside(curves, metric_names.axis(loss), is_stacked=is_stacked)
        for is_stacked in (False, True)
    )
    commands, width = [report.command for report in reports.values()], 480 if len(curves) == 1 else None
    drawn = picture(wide, alt_texts.losses(curves), width, narrow if len(curves) > 1 else None)
    return Item([number], caption, commands, [drawn])


def control_areas(inputs: PageInputs, report: RunReport, split: str, numbers: Sequence[Number]) -> list[Item]:
    """Figures of control areas: known need, known clear, no forest.

    Args:
        inputs: of the page.
        report: whose predictions are shown.
        split: words for its split.
        numbers: of the three figures.

    Raises:
        ValueError: if the data set has no control area of a kind.
    """
    groups: dict[str, list[Shown]] = {kind: [] for kind in CONTROL_AREAS}
    for shown in clearest(panels.each(inputs.chips, report.predictions("control"))).values():
        groups[shown.label if shown.label in ("need", "clear") else "other"].append(shown)
    items = []
    for number, (kind, words) in zip(numbers, CONTROL_AREAS.items(), strict=True):
        areas = groups[kind]
        if not areas:
            raise ValueError(f"{number}: the data set has no control areas that are {words}")
        shown_areas = [_with_label(area) for area in areas]
        wide, narrow = (pairs.controls(shown_areas, inputs.target, most=most) for most in (pairs.ACROSS, 1))
        means = ", ".join(f"{area.region} {_mean_degree(area):.2f}" for area in areas)
        items.append(
            Item(
                [number],
                f"Predictions of {words}; {report.title} {split}. No degree is known of these areas. Of each the "
                "clearest date.",
                [report.command],
                [picture(wide, alt_texts.controls(shown_areas), 380 * min(3, len(areas)), narrow)],
                note=f"Mean predicted degree: {means}.",
            )
        )
    return items


def _mean_degree(shown: Shown) -> float:
    degrees = shown.panel.prediction
    return float(degrees[degrees >= 0].mean()) if (degrees >= 0).any() else float(np.nan)


def _with_label(shown: Shown) -> Panel:
    """The panel, with the label in its title."""
    panel = shown.panel
    return replace(panel, title=f"{shown.region}: {shown.label}\n{shown.date}")


def clearest(predicted: Iterable[Shown]) -> dict[str, Shown]:
    """Of each region the date on which most of it is seen, the first of equals."""
    best: dict[str, Shown] = {}
    for shown in predicted:
        if shown.region not in best or shown.seen > best[shown.region].seen:
            best[shown.region] = shown
    return best
