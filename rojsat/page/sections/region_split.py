"""Segmentation split by regions: figures 17 to 22."""

from collections.abc import Iterable
from dataclasses import dataclass

from rojsat.figures import pairs, panels
from rojsat.figures.panels import Shown
from rojsat.page import alt_texts
from rojsat.page.cells import number, picture
from rojsat.page.html import Item
from rojsat.page.needs import NeededFiles
from rojsat.page.page_inputs import PageInputs
from rojsat.page.plan import SectionPlan
from rojsat.page.references import Number
from rojsat.page.run_report import RunReport
from rojsat.page.sections import _segmenters

SIDE_BY_SIDE = Number("Fig.", "18")
"""The first number of the figure of both networks."""

CONTROLS_OF = "8"
"""The region held out by the network whose predictions of control areas are shown, as in the study."""


def _reports(inputs: PageInputs) -> dict[str, RunReport]:
    """The reports by the regions that they hold out."""
    return {region: inputs.report(name) for region, name in inputs.region_splits.items()}


def needs(inputs: PageInputs) -> list[NeededFiles]:
    """The files that it reads."""
    return [report.need("test", "train", "control") for report in _reports(inputs).values()]


def items(inputs: PageInputs) -> list[Item]:
    """Figures 17 to 22."""
    reports = _reports(inputs)
    numbers = (Number("Fig.", "20"), Number("Fig.", "21"), Number("Fig.", "22"))
    return [
        _segmenters.losses(
            Number("Fig.", "17"),
            {f"ROI {region} to test": report for region, report in reports.items()},
            f"Masked MSE of training and validation of {reports[CONTROLS_OF].title} when one region is held out for "
            f"testing: {', '.join(f'ROI {region}' for region in reports)}. ROI 5 validates in all of them.",
        ),
        _two_networks(inputs, reports),
        *_segmenters.control_areas(
            inputs, reports[CONTROLS_OF], f"split by regions, ROI {CONTROLS_OF} to test", numbers
        ),
    ]


@dataclass(frozen=True)
class _Comparison:
    """One region on one date, predicted by a network that was not trained on it and by one that was.

    Attributes:
        region: its id.
        held_out: predicted by the network that was not trained on it.
        trained_on: predicted by the one that was.
        other_region: what that one holds out.
    """

    region: str
    held_out: Shown
    trained_on: Shown
    other_region: str


def _compare(inputs: PageInputs, reports: dict[str, RunReport]) -> list[_Comparison]:
    """Compare each network with the next one, on the date on which most is known.

    Raises:
        ValueError: if the two have no date of the region in common.
    """
    regions, comparisons = list(reports), []
    for position, region in enumerate(regions):
        other_region = regions[(position + 1) % len(regions)]
        held_out_report, other_report = reports[region], reports[other_region]
        held_out = _by_date(panels.each(inputs.chips, held_out_report.predictions("test"), [region]))
        trained_on = _by_date(panels.each(inputs.chips, other_report.predictions("train"), [region]))
        dates = sorted(held_out.keys() & trained_on.keys(), key=lambda date: (-held_out[date].known, date))
        if not dates:
            raise ValueError(
                f"{other_report.name} was trained on no date of region {region} that {held_out_report.name} has"
            )
        comparisons.append(_Comparison(region, held_out[dates[0]], trained_on[dates[0]], other_region))
    return comparisons


def _by_date(predicted: Iterable[Shown]) -> dict[str, Shown]:
    return {shown.date: shown for shown in predicted}


def _errors(comparison: _Comparison) -> str:
    """RMSE of both networks."""
    held_out, trained_on = (number(shown.mse**0.5) for shown in (comparison.held_out, comparison.trained_on))
    return (
        f"region {comparison.region} {held_out} and {trained_on} (trained with ROI {comparison.other_region} to test)"
    )


def _two_networks(inputs: PageInputs, reports: dict[str, RunReport]) -> Item:
    """Of each region, the network that holds it out beside one that was trained on it."""
    comparisons = _compare(inputs, reports)
    left = [comparison.held_out.panel for comparison in comparisons]
    right = [comparison.trained_on.panel for comparison in comparisons]
    sides = (("not trained on the region", left), ("trained on the region", right))
    errors = ", ".join(map(_errors, comparisons))
    return Item(
        [SIDE_BY_SIDE, Number("Fig.", "19")],
        f"{reports[CONTROLS_OF].title}, regions {', '.join(reports)}: the network that was not trained on the "
        "region ([Fig. 18]) and another that was ([Fig. 19]), on the same date. The study spreads this "
        "view over two figures by regions; here each figure is one side of it.",
        [report.command for report in reports.values()],
        [
            picture(pairs.side(panels, words, inputs.target), alt_texts.side(panels, f"by a network {words}"))
            for words, panels in sides
        ],
        note=f"RMSE without and with the region in training: {errors}.",
    )


SECTION = SectionPlan(
    "Split by regions",
    [
        "One region is held out for testing, another one (ROI 5) for validation: the network is evaluated on ground "
        "that it was not trained on.",
    ],
    items=items,
    needs=needs,
    level=3,
)
