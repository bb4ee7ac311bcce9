"""Stands and their chips: figures 2 and 3."""

from rojsat.figures import stands
from rojsat.page.cells import stored
from rojsat.page.html import Item
from rojsat.page.page_inputs import PageInputs
from rojsat.page.plan import Drawing, SectionPlan
from rojsat.page.references import Number

MAP = Drawing(
    "stands.png",
    lambda view: stands.heatmaps(view.stand_counts, view.pixel),
    narrow=lambda view: stands.heatmaps(view.stand_counts, view.pixel, is_stacked=True),
)
CROPS = Drawing(
    "crops.png",
    lambda view: stands.crops(view.stand_examples),
    narrow=lambda view: stands.crops(view.stand_examples, is_stacked=True),
)


def items(inputs: PageInputs) -> list[Item]:
    """Figures 2 and 3."""
    folder, command = inputs.drawings.path, inputs.drawings.command
    count, size = inputs.facts["stands"], " x ".join(map(str, inputs.facts["sizes"]["stand"]))
    return [
        Item(
            [Number("Fig.", "2")],
            f"Where stands of both label classes lie on the scene's grid of 10 m pixels: {count.get('need', 0)} in "
            f"need of clearing (left) and {count.get('clear', 0)} not in need of clearing (right).",
            [command],
            [
                stored(
                    folder / MAP.file,
                    f"Two maps of one grey scene: {count.get('need', 0)} small red patches, and on the other "
                    f"{count.get('clear', 0)} blue ones, scattered over it.",
                )
            ],
        ),
        Item(
            [Number("Fig.", "3")],
            "Three stands. Above, each in its surroundings with its outline (red: in need of clearing; blue: not) "
            "and its bounding box (dashed; grey: outside the scene). Below, the same stand as a network gets it: "
            "cropped to the bounding box and padded with zeros (black) at the right and bottom to the common size "
            f"of {size} pixels.",
            [command],
            [
                stored(
                    folder / CROPS.file,
                    "Three stands in true colour, two with a red outline and one with a blue one, each in a dashed "
                    "box; of each the part in the box again, at the upper left of a black square.",
                    900,
                )
            ],
        ),
    ]


SECTION = SectionPlan(
    "Stands and chips",
    [
        "Images are not scaled to a common size but padded with zeros at the right and bottom, as in the study.",
    ],
    items=items,
    drawings=(MAP, CROPS),
    roles={"stand": "the image classification"},
    level=3,
)
