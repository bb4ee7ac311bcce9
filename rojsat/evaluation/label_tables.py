"""What a comparison says of labels, as tables: errors by distance to their borders, regions that no model believes."""

from collections.abc import Iterator, Mapping
from typing import Any

from rojsat.config import metric_names
from rojsat.evaluation import denied_labels, label_borders, region_errors
from rojsat.evaluation.text_columns import TextTable


def borders(content: Mapping[str, Any]) -> Iterator[TextTable]:
    """A row an evaluation and its best predictor without an image, of `label_borders.content`; no table without any."""
    rows = []
    for name, kinds in content["label_borders"].items():
        labels = {"model": name, "without_image": region_errors.without_image(name)}
        for kind, summary in kinds.items():
            shares = [group[part] for part in ("errors", "wrong") for group in summary["groups"].values()]
            rows.append([labels[kind], *map(_text, (summary["iou"], summary["iou_interior"])), *map(_percent, shares)])
    if rows:
        groups = [f"{part} {name}" for part in ("of the errors", "wrong") for name in label_borders.GROUPS]
        yield TextTable(
            "By distance to the nearest label border: IoU of all pixels and of those farther than 1 pixel from it, how "
            "the wrong pixels are shared out, and how many pixels of each distance are wrong",
            ["evaluation", "IoU", "IoU off the borders", *groups],
            rows,
        )


def denied(content: Mapping[str, Any]) -> Iterator[TextTable]:
    """A row a region of `denied_labels.content`; no table where there is none."""
    names = list(content["values"])
    rows = [
        [
            entry["region"],
            f"{entry['known']:.0f}",
            _text(entry["prevalence"]),
            *(_percent(entry["wrong"][name]) for name in names),
            *(_percent(entry["without_image"].get(name, float("nan"))) for name in names),
        ]
        for entry in content["denied"]
    ]
    if rows:
        unit = "pixels" if content["task"] == "segmentation" else "samples"
        yield TextTable(
            f"Labels that no evaluation believes: regions among the worst {denied_labels.WORST:.0%} of each by wrong "
            f"{unit}; to look at, not to drop",
            ["region", f"known {unit}", "prevalence", *names, *map(region_errors.without_image, names)],
            rows,
        )


def _text(value: float) -> str:
    return metric_names.text(value)


def _percent(value: float) -> str:
    return "n/a" if value != value else f"{value:.0%}"
