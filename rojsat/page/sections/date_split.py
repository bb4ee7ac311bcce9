"""Segmentation split by dates: figures 11 to 16."""

from rojsat.figures import pairs, panels
from rojsat.page import alt_texts
from rojsat.page.cells import number, picture
from rojsat.page.html import Item
from rojsat.page.needs import NeededFiles
from rojsat.page.page_inputs import PageInputs
from rojsat.page.plan import SectionPlan
from rojsat.page.references import Number
from rojsat.page.sections import _segmenters

REGIONS = 3
"""Regions of figures 12 and 13."""


def needs(inputs: PageInputs) -> list[NeededFiles]:
    """The files that it reads."""
    return [inputs.report(inputs.date_split).need("test", "train", "control")]


def items(inputs: PageInputs) -> list[Item]:
    """Figures 11 to 16."""
    report = inputs.report(inputs.date_split)
    numbers = (Number("Fig.", "14"), Number("Fig.", "15"), Number("Fig.", "16"))
    return [
        _segmenters.losses(
            Number("Fig.", "11"),
            {"": report},
            f"Masked MSE of training and validation, {report.title} split by dates.",
        ),
        _two_dates(inputs),
        *_segmenters.control_areas(inputs, report, "split by dates", numbers),
    ]


def _two_dates(inputs: PageInputs) -> Item:
    """A test date beside a training date of the same regions.

    Raises:
        ValueError: if no region has both.
    """
    report = inputs.report(inputs.date_split)
    test, train = (
        _segmenters.clearest(panels.each(inputs.chips, report.predictions(part))) for part in ("test", "train")
    )
    by_number = sorted(test.keys() & train.keys(), key=lambda region: (len(region), region))
    best_known = sorted(by_number, key=lambda region: -min(test[region].known, train[region].known))
    regions = [region for region in by_number if region in best_known[:REGIONS]]
    if not regions:
        raise ValueError(f"{report.name}: no region has both a test date and a training date")
    left, right = ([part[region].panel for region in regions] for part in (test, train))
    sides = (("a test date", left), ("a training date of the same region", right))
    errors = ", ".join(
        f"region {region} {number(test[region].mse ** 0.5)} and {number(train[region].mse ** 0.5)}"
        for region in regions
    )
    return Item(
        [Number("Fig.", "12"), Number("Fig.", "13")],
        f"{report.title}: the same regions on a date that the network was not trained on ([Fig. 12]) and on "
        "one that it was ([Fig. 13]): image, mask and prediction, cropped back to the region's own size. Of "
        "each the clearest date.",
        [report.command],
        [
            picture(pairs.side(panels, words, inputs.target), alt_texts.side(panels, f"on {words}"))
            for words, panels in sides
        ],
        note=f"RMSE of the test date and of the training date: {errors}.",
    )


SECTION = SectionPlan(
    "Split by dates",
    [
        "The last dates of all regions validate and test. The network is trained on every test region, on other dates. "
        "What that hides, [Table D] shows.",
    ],
    items=items,
    needs=needs,
    roles={"control": "figures 14 to 16 and 20 to 22"},
    level=3,
)
