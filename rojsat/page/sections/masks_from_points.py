"""Masks from GPS points: figures 8, 9 and 10."""

from collections.abc import Sequence

from rojsat.figures import object_maps
from rojsat.figures.data_set_view import DataSetView
from rojsat.figures.object_maps import ObjectMap
from rojsat.page import published
from rojsat.page.cells import stored
from rojsat.page.html import Item
from rojsat.page.page_inputs import PageInputs
from rojsat.page.plan import Drawing, SectionPlan
from rojsat.page.references import Number

FIRST = 6
"""Clearing objects in the first of the two figures of them."""

HISTOGRAM = Drawing("histogram.png", lambda view: object_maps.histogram(view.heat))
OBJECTS = Drawing(
    "objects.png",
    lambda view: object_maps.heatmaps(view.objects[:FIRST], view.target),
    narrow=lambda view: object_maps.heatmaps(view.objects[:FIRST], view.target, is_narrow=True),
)
MORE_OBJECTS = Drawing(
    "more_objects.png",
    lambda view: object_maps.heatmaps(_others(view), view.target),
    narrow=lambda view: object_maps.heatmaps(_others(view), view.target, is_narrow=True),
)


def _others(view: DataSetView) -> Sequence[ObjectMap]:
    return view.objects[FIRST:] or view.objects[-1:]


def items(inputs: PageInputs) -> list[Item]:
    """Figures 8, 9 and 10."""
    folder, command, dropped = inputs.drawings.path, inputs.drawings.command, inputs.facts["dropped"]
    reasons = "; ".join(f"region {region} is dropped ({reason})" for region, reason in dropped.items())
    return [
        Item(
            [Number("Fig.", "8")],
            _heat(inputs),
            [command],
            [stored(folder / HISTOGRAM.file, _histogram(inputs), 560)],
        ),
        Item(
            [Number("Fig.", "9")],
            f"The {inputs.target} of every pixel of each clearing object, from 0 to 1. "
            + (f"{reasons[0].upper()}{reasons[1:]}." if reasons else "No object is dropped."),
            [command],
            [stored(folder / OBJECTS.file, _maps("The first", inputs), 900)],
        ),
        Item(
            [Number("Fig.", "10")],
            "Continuation of [Fig. 9].",
            [command],
            [stored(folder / MORE_OBJECTS.file, _maps("The other", inputs), 900)],
        ),
    ]


def _histogram(inputs: PageInputs) -> str:
    """What is seen of the histogram."""
    bars = f"Bars, pixels on a logarithmic scale over {inputs.facts['unit'] or 'the degree'} from 0 up"
    threshold = inputs.facts["threshold"]
    return f"{bars}." if threshold is None else f"{bars}; a dashed line at {threshold:g}."


def _maps(which: str, inputs: PageInputs) -> str:
    """What is seen of the maps of objects."""
    hatch = "; ground that no worker walked is hatched" if inputs.facts["source"] == "gps" else ""
    return f"{which} clearing objects, a map each: a mosaic of pixels from pale yellow, 0, to dark brown, 1{hatch}."


def _heat(inputs: PageInputs) -> str:
    """The caption of the histogram."""
    facts = inputs.facts
    if facts["threshold"] is None:
        return "How many pixels of all clearing objects have each degree."
    published_threshold, _ = published.number("threshold")
    return (
        f"How many pixels of all clearing objects hold each number of {facts['unit'].replace(' a pixel', '')} "
        f"(50 bins). The {facts['percentile']:g}th percentile is {facts['threshold']:g}; the study's was "
        f"{published_threshold}. Higher values are cut to it and all are divided by it."
    )


SECTION = SectionPlan(
    "Masks from GPS points",
    [
        "The number of points on each 10 m pixel is cut at a percentile of all values, since a heap of points is "
        "likely a break, and divided by it. Clouds (SCL 8, 9 and 10) and padding are unknown and count in no loss and "
        "no metric.",
    ],
    items=items,
    drawings=(HISTOGRAM, OBJECTS, MORE_OBJECTS),
    roles={"clearing": "the segmentation"},
    level=3,
)
