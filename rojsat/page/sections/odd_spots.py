"""Odd spots near the edges of images: figure A and table E."""

import json
from typing import Any

from rojsat.page.cells import head, number, stored, two_decimals
from rojsat.page.html import Cell, Item, Table
from rojsat.page.needs import NeededFiles
from rojsat.page.page_inputs import PageInputs
from rojsat.page.plan import SectionPlan
from rojsat.page.references import Number

NUMBERS, PICTURE = "edges.json", "edges.png"
"""What `rojsat.stages.edges` leaves of an experiment."""


def needs(inputs: PageInputs) -> list[NeededFiles]:
    """The files that it reads."""
    return [inputs.edge_spots(name).need(NUMBERS, PICTURE) for name in inputs.pipeline.edges]


def _content(inputs: PageInputs, name: str) -> dict[str, Any]:
    """Text and table of an experiment."""
    content: dict[str, Any] = json.loads((inputs.edge_spots(name).path / NUMBERS).read_text())
    return content


def findings(inputs: PageInputs) -> list[str]:
    """What the numbers of each experiment say."""
    return [two_decimals(" ".join([f"{name}.", *_content(inputs, name)["text"]])) for name in inputs.pipeline.edges]


def items(inputs: PageInputs) -> list[Item]:
    """Figure A and table E."""
    names = inputs.pipeline.edges
    commands = [inputs.edge_spots(name).command for name in names]
    pictures = [
        stored(
            inputs.edge_spots(name).path / PICTURE,
            f"{name}. Above, lines of the share of odd spots by distance from the edge, a line a frame and a plot for "
            "images trained on, test images and control areas; below, one image, its mask and the prediction in "
            "every frame.",
        )
        for name in names
    ]
    columns = ["experiment", *_content(inputs, names[0])["table"]["columns"]]
    return [
        Item(
            [Number("Fig.", "A")],
            f"Odd spots by their distance from the edge, and an image in every frame: {', '.join(names)}.",
            commands,
            pictures,
        ),
        Item(
            [Number("Table", "E")],
            "The numbers behind [Fig. A]: spots, and shares of the pixels without need.",
            commands,
            table=Table(columns, [row for name in names for row in _rows(inputs, name)]),
        ),
    ]


def _rows(inputs: PageInputs, name: str) -> list[list[Cell]]:
    lines = _content(inputs, name)["table"]["rows"]
    rows = [[_cell(value) for value in line] for line in lines]
    rows[0].insert(0, head(name, len(rows)))
    return rows


def _cell(value: object) -> Cell:
    """Text names its row; a whole number is a count, another a share."""
    if isinstance(value, str):
        return head(value)
    return Cell(str(value) if isinstance(value, int) else number(value))  # type: ignore[arg-type]


SECTION = SectionPlan(
    "Odd spots near edges",
    [
        "The study saw spots of high need, often close to the edges of images, and could not explain them. Here "
        "networks are given each image in several frames: what a spot does when only the frame changes tells whether "
        "the frame made it.",
    ],
    findings=findings,
    items=items,
    needs=needs,
    level=3,
)
