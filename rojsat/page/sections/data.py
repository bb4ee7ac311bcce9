"""Sections of the data: figures 1 to 3 and 8 to 10, and the numbers of the data set beside the study's."""

import json
from typing import Any

from rojsat.chips.bands import CLOUD, SCL
from rojsat.chips.reader import Chips
from rojsat.page import published
from rojsat.page.cells import number, stored
from rojsat.page.html import Cell, Grid, Item
from rojsat.page.inputs import DATES, Study


def facts(study: Study) -> dict[str, Any]:
    """Numbers of the data set."""
    found: dict[str, Any] = json.loads((study.data / "facts.json").read_text())
    return found


def numbers(study: Study, chips: Chips) -> Item:
    """Table A: the data set and the settings beside the study's."""
    found, classifier, segmenter = facts(study), study.report("resnet18_tci"), study.report(DATES)
    names = {
        "extent": ("area of the scenes", " x ".join(f"{size:g}" for size in found["extent_km"]) + " km"),
        "orbits": ("relative orbits", ", ".join(f"{orbit:03d}" for orbit in found["orbits"])),
        "period": ("first and last scene", f"{found['first']} to {found['last']}"),
        "objects": ("clearing objects with a mask", str(len(found["objects"]))),
        "dropped": ("found to be no clearing object", ", ".join(f"region {one}" for one in found["dropped"]) or "none"),
        "percentile": ("percentile of the heat that is cut", _plain(found["percentile"])),
        "threshold": ("heat that is cut, GPS points a pixel", _plain(found["threshold"])),
        "samples": ("samples for segmentation", str(found["samples"])),
        "size": ("common size of them, pixels", " x ".join(map(str, found["sizes"]["clearing"]))),
        "channels": (
            "channels for segmentation",
            str(len(chips.expand("clearing", segmenter.experiment.inputs.channels))),
        ),
        "lr_classification": ("learning rate of the classifiers", f"{classifier.experiment.optimizer.lr:g}"),
        "lr_segmentation": ("learning rate of the segmenters", f"{segmenter.experiment.optimizer.lr:g}"),
    }
    rows = []
    for key, (name, ours) in names.items():
        theirs, place = published.number(key)
        rows.append([Cell(name, heads=True), Cell(ours), Cell(theirs), Cell(place, heads=True)])
    return Item(
        ["Table A"],
        f"The data set {study.experiment.data.name} and the settings of this page beside those of the study.",
        [study.data_command],
        grid=Grid(["", "here", "study", "where in the study"], rows),
    )


def _plain(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"


def scene_classes(study: Study) -> Item:
    """Figure 1."""
    found = facts(study)
    clouds = sum(found["scl"][one.name] for one in SCL if one.value in CLOUD)
    seen = study.data / "scl_shares.png"
    pictures = [stored(study.data / "scl_legend.png", "Values, colours and names of the scene classes", 330)]
    if seen.exists():
        pictures.append(stored(seen, "Stacked bars: share of every scene class on each date", 590))
    return Item(
        ["Fig. 1"],
        "The classes of the scene classification map (SCL) in their official colours, and the share of each in the "
        "scenes of every date (relative orbit in brackets). Ground without data, where an orbit does not cover the "
        f"area, does not count. Over all scenes {clouds:.0%} of the pixels with data are cloud (8, 9, 10), which the "
        "masks leave out.",
        [study.data_command],
        pictures,
        note="The study shows the legend only.",
    )


def stands(study: Study) -> list[Item]:
    """Figures 2 and 3."""
    count = facts(study)["stands"]
    size = " x ".join(map(str, facts(study)["sizes"]["stand"]))
    return [
        Item(
            ["Fig. 2"],
            f"Where stands of both label classes lie on the scene's grid of 10 m pixels: {count.get('need', 0)} in "
            f"need of clearing (left) and {count.get('clear', 0)} not in need of clearing (right).",
            [study.data_command],
            [stored(study.data / "stands.png", "Two maps of stands: in need of clearing, and not in need")],
        ),
        Item(
            ["Fig. 3"],
            "Three stands. Above, each in its surroundings with its outline (red: in need of clearing; blue: not) "
            "and its bounding box (dashed; grey: outside the scene). Below, the same stand as a network gets it: "
            "cropped to the bounding box and padded with zeros (black) at the right and bottom to the common size "
            f"of {size} pixels.",
            [study.data_command],
            [
                stored(
                    study.data / "crops.png", "Three stands with outline and bounding box, and their padded crops", 900
                )
            ],
        ),
    ]


def masks(study: Study) -> list[Item]:
    """Figures 8, 9 and 10."""
    found, target = facts(study), str(study.experiment.data.target)
    cut = found["threshold"]
    theirs, _ = published.number("threshold")
    caption = "How many pixels of all clearing objects have each degree."
    if cut is not None:
        caption = (
            f"How many pixels of all clearing objects hold each number of {found['unit'].replace(' a pixel', '')} "
            f"(50 bins). The {found['percentile']:g}th percentile is {cut:g}; the study's was {theirs}. Higher "
            "values are cut to it and all are divided by it."
        )
    reasons = "; ".join(f"region {region} is dropped ({why})" for region, why in found["dropped"].items())
    return [
        Item(
            ["Fig. 8"],
            caption,
            [study.data_command],
            [
                stored(
                    study.data / "histogram.png", "Histogram of the heat of pixels with the percentile that is cut", 680
                )
            ],
        ),
        Item(
            ["Fig. 9"],
            f"The {target} of every pixel of each clearing object, from 0 to 1. {reasons[:1].upper()}{reasons[1:]}"
            + ("." if reasons else "No object is dropped."),
            [study.data_command],
            [stored(study.data / "objects_1.png", "Maps of the degree of the first clearing objects", 900)],
        ),
        Item(
            ["Fig. 10"],
            "Continuation of Fig. 9.",
            [study.data_command],
            [stored(study.data / "objects_2.png", "Maps of the degree of the other clearing objects", 900)],
        ),
    ]


def edges(study: Study) -> tuple[list[str], list[Item]]:
    """Text, figure and table of the odd spots near the edges of images."""
    text = [
        "The study saw spots of high need, often close to the edges of images, and could not explain them. Here "
        "networks are given each image in several frames: what a spot does when only the frame changes tells "
        "whether the frame made it."
    ]
    columns, rows, pictures, commands = [], [], [], []
    for name in study.pipeline.edges:
        folder, command = study.edges(name)
        found = json.loads((folder / "edges.json").read_text())
        text.append(" ".join([f"{name}.", *found["text"]]))
        pictures.append(stored(folder / "edges.png", f"Spots by their distance from the edge, and one image: {name}"))
        commands.append(command)
        table = found["table"]
        columns = ["experiment", *table["columns"]]
        for place, row in enumerate(table["rows"]):
            head = [Cell(name, span=len(table["rows"]), heads=True)] if place == 0 else []
            rows.append([*head, *(_cell(one) for one in row)])
    named = ", ".join(study.pipeline.edges)
    caption = f"Odd spots by their distance from the edge, and an image in every frame: {named}."
    return text, [
        Item(["Fig. A"], caption, commands, pictures),
        Item(
            ["Table E"],
            "The numbers behind Fig. A: spots, and shares of the pixels without need.",
            commands,
            grid=Grid(columns, rows),
        ),
    ]


def _cell(value: object) -> Cell:
    """Text names its row; a whole number is a count, another a share."""
    if isinstance(value, str):
        return Cell(value, heads=True)
    return Cell(str(value) if isinstance(value, int) else number(value))  # type: ignore[arg-type]
