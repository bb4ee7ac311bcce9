"""The data set: figure 1, and table A with its numbers beside the study's."""

from matplotlib.figure import Figure

from rojsat.chips.bands import CLOUD, SCL
from rojsat.figures import scene_classes
from rojsat.figures.data_set_view import DataSetView
from rojsat.page import published
from rojsat.page.cells import head, stored
from rojsat.page.html import Cell, Item, Table
from rojsat.page.page_inputs import PageInputs
from rojsat.page.plan import Drawing, SectionPlan
from rojsat.page.references import Number

CLASSES = [(scl.value, scl.name, scl.colour) for scl in SCL]

CLASSIFIER = "resnet18_tci"
"""The experiment whose settings stand for all classifiers."""


def draw_legend(_view: DataSetView) -> Figure:
    """The scene classes in their colours."""
    return scene_classes.legend(CLASSES)


def draw_shares(view: DataSetView) -> Figure | None:
    """The share of each class on each date; of the pixels with data."""
    return _shares(view, is_narrow=False)


def draw_narrow_shares(view: DataSetView) -> Figure | None:
    """The same for a narrow screen."""
    return _shares(view, is_narrow=True)


def _shares(view: DataSetView, *, is_narrow: bool) -> Figure | None:
    if not len(view.scene_classes):
        return None
    return scene_classes.shares(view.scene_classes, CLASSES[1:], is_narrow=is_narrow)


LEGEND = Drawing("scene_class_legend.png", draw_legend)
SHARES = Drawing("scene_class_shares.png", draw_shares, is_optional=True, narrow=draw_narrow_shares)


def findings(inputs: PageInputs) -> list[str]:
    """How much data there is."""
    facts = inputs.facts
    dropped = len(facts["dropped"])
    return [
        f"The data set {inputs.experiment.data.name} holds {facts['scenes']} Sentinel-2 scenes from {facts['first']} "
        f"to {facts['last']}. Every sample has reflectance at the bottom (BOA) and at the top (TOA) of the "
        "atmosphere, a scene classification map (SCL), a true colour image (TCI), and ten indices computed from the "
        "bands (S2): BNDVI, Chlred-edge, EVI, MIRBI, MSAVI2, MTVI2, NBR, NDRE, NDSI and SAVI.",
        f"There are {sum(facts['stands'].values())} stands for the classification, and {len(facts['objects'])} "
        f"clearing objects with GPS points for the segmentation ({dropped} more {'was' if dropped == 1 else 'were'} "
        "dropped).",
    ]


def items(inputs: PageInputs) -> list[Item]:
    """Table A and figure 1."""
    return [_numbers(inputs), _scene_classes(inputs)]


def _numbers(inputs: PageInputs) -> Item:
    rows = []
    for key, (name, value) in _settings(inputs).items():
        published_value, where = published.number(key)
        rows.append([head(name), Cell(value), Cell(published_value), head(where)])
    return Item(
        [Number("Table", "A")],
        f"The data set {inputs.experiment.data.name} and the settings of this page beside those of the study.",
        [inputs.drawings.command],
        table=Table(["", "here", "study", "where in the study"], rows),
    )


def _settings(inputs: PageInputs) -> dict[str, tuple[str, str]]:
    """Names and values of this page, by the keys of `published.yaml`."""
    facts, chips = inputs.facts, inputs.chips
    classifier, segmenter = inputs.report(CLASSIFIER).experiment, inputs.report(inputs.date_split).experiment
    dropped = ", ".join(f"region {region}" for region in facts["dropped"]) or "none"
    return {
        "extent": ("area of the scenes", " x ".join(f"{size:g}" for size in facts["extent_km"]) + " km"),
        "orbits": ("relative orbits", ", ".join(f"{orbit:03d}" for orbit in facts["orbits"])),
        "period": ("first and last scene", f"{facts['first']} to {facts['last']}"),
        "objects": ("clearing objects with a mask", str(len(facts["objects"]))),
        "dropped": ("found to be no clearing object", dropped),
        "percentile": ("percentile of the heat that is cut", _or_none(facts["percentile"])),
        "threshold": ("heat that is cut, GPS points a pixel", _or_none(facts["threshold"])),
        "samples": ("samples for segmentation", str(facts["samples"])),
        "size": ("common size of them, pixels", " x ".join(map(str, facts["sizes"]["clearing"]))),
        "channels": ("channels for segmentation", str(len(chips.expand("clearing", segmenter.inputs.channels)))),
        "lr_classification": ("learning rate of the classifiers", f"{classifier.optimizer.lr:g}"),
        "lr_segmentation": ("learning rate of the segmenters", f"{segmenter.optimizer.lr:g}"),
    }


def _or_none(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"


def _scene_classes(inputs: PageInputs) -> Item:
    folder = inputs.drawings.path
    clouds = sum(inputs.facts["scl"][scl.name] for scl in SCL if scl.value in CLOUD)
    pictures = [
        stored(
            folder / LEGEND.file,
            "A table of twelve scene classes from 0 NO_DATA to 11 SNOW, a colour each: vegetation green, clouds "
            "grey to pale.",
            330,
        )
    ]
    if (folder / SHARES.file).exists():
        pictures.append(
            stored(
                folder / SHARES.file,
                f"A bar a date, stacked to 100 %: over all dates {inputs.facts['scl']['VEGETATION']:.0%} "
                f"green vegetation and {clouds:.0%} grey and white cloud.",
                590,
            )
        )
    return Item(
        [Number("Fig.", "1")],
        "The classes of the scene classification map (SCL) in their official colours, and the share of each in the "
        "scenes of every date (relative orbit in brackets). Ground without data, where an orbit does not cover the "
        f"area, does not count. Over all scenes {clouds:.0%} of the pixels with data are cloud (8, 9, 10), which the "
        "masks leave out.",
        [inputs.drawings.command],
        pictures,
        note="The study shows the legend only.",
    )


SECTION = SectionPlan("Satellite data", findings=findings, items=items, drawings=(LEGEND, SHARES))
