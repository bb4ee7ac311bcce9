"""What a comparison says, as tables of text: for the terminal and for its page."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from rojsat.config import metric_names
from rojsat.evaluation import error_groups, label_tables, leak, pooling, region_errors
from rojsat.evaluation.text_columns import TextTable

BY = {
    "date": "by date",
    "cloud": "by share of the chip that is clouded",
    "distance to the edge": "by distance to the edge of the region's box",
    "size": "by size of the region's box",
    "strength of the label": "by strength of the label",
}
"""What errors are grouped by, in words."""


def tables(content: Mapping[str, Any]) -> list[TextTable]:
    """Every table of a comparison, see `rojsat.evaluation.paired_differences.content`, with errors by `groups`."""
    first = content["evaluations"][0]
    evaluations = TextTable(
        "Evaluations: value [95 % interval over regions] ± standard deviation over seeds",
        list(first),
        [list(row.values()) for row in content["evaluations"]],
    )
    beside = TextTable(
        "Beside the best predictor without an image, on the same pixels",
        list(content["beside_without_image"][0]),
        [list(row.values()) for row in content["beside_without_image"]],
    )
    regions = [_regions(content), *(_once(table, content) for table in label_tables.denied(content))]
    return [evaluations, beside, _differences(content), *regions, *_groups(content), *label_tables.borders(content)]


def leaks(content: Mapping[str, Any]) -> list[TextTable]:
    """A table a leak, see `rojsat.evaluation.leak.content`: both sides, each beside the best without an image."""
    return [_leak(each) for each in content["leaks"]]


def _leak(content: Mapping[str, Any]) -> TextTable:
    names, rows = content["metrics"], []
    for side, label in leak.SIDES.items():
        values = content[side]
        for about, estimates in (
            (f"{label} ({values['split']})", values["metrics"]),
            (f"  without an image: {values['against']['label']}", values["without_image"]),
        ):
            rows.append([about, *(pooling.cell(estimates[name], name) for name in names)])
    rows.append(
        [
            "difference, the first less the second",
            *(pooling.cell(content["difference"][name], "gain") for name in names),
        ]
    )
    same = f"on the same {content['samples']} samples of {content['regions']} regions"
    title = f"The leak of {content['exp']}, {same} [95 % interval over regions]"
    return TextTable(title, ["", *(metric_names.METRICS[name].label for name in names)], rows)


def _differences(content: Mapping[str, Any]) -> TextTable:
    """A row a pair."""
    metrics = content["metrics"]
    rows: dict[tuple[str, str], list[str]] = {}
    for each in content["differences"]:
        rows.setdefault((each["first"], each["second"]), []).append(_difference(each))
    return TextTable(
        "How much better the first is than the second [95 % interval, the same regions drawn for both]",
        ["first", "second", *(metric_names.METRICS[name].label for name in metrics)],
        [[*pair, *cells] for pair, cells in rows.items()],
    )


def _difference(content: Mapping[str, Any]) -> str:
    """`0.040 [0.010, 0.070] better`."""
    if "value" not in content:
        return "n/a"
    value = f"{content['value']:+.3f}"
    if "low" not in content:
        return f"{value}, too few regions"
    word = {True: "better", False: "worse", None: "undecided"}[content["is_better"]]
    return f"{value} [{content['low']:+.3f}, {content['high']:+.3f}] {word}"


def error_name(content: Mapping[str, Any]) -> str:
    """What an error is called."""
    return "RMSE" if content["task"] == "segmentation" else "share of wrong samples"


def _heads(content: Mapping[str, Any]) -> list[str]:
    """Columns of tables of errors."""
    unit = "pixels" if content["task"] == "segmentation" else "samples"
    pairs = [[name, region_errors.without_image(name)] for name in content["values"]]
    return [f"known {unit}", "prevalence", *(name for pair in pairs for name in pair)]


def _once(table: TextTable, content: Mapping[str, Any]) -> TextTable:
    """A table of errors in which predictors without an image have one column, the last, if all are the same."""
    places = [table.columns.index(region_errors.without_image(name)) for name in content["values"]]
    if len({tuple(row[place] for row in table.rows) for place in places}) > 1:
        return table
    kept = [number for number in range(len(table.columns)) if number not in places]
    rows = [[*(row[number] for number in kept), row[places[0]]] for row in table.rows]
    return TextTable(table.title, [*(table.columns[number] for number in kept), "without an image"], rows)


def _regions(content: Mapping[str, Any]) -> TextTable:
    nothing = math.nan
    names = [name for own in content["values"] for name in (own, region_errors.without_image(own))]
    rows = [
        [row["region"], f"{row['known']:.0f}", *(_text(row.get(name, nothing)) for name in ("prevalence", *names))]
        for row in content["regions"]
    ]
    table = TextTable(f"{error_name(content)} by region, the worst first", ["region", *_heads(content)], rows)
    return _once(table, content)


def _groups(content: Mapping[str, Any]) -> Iterator[TextTable]:
    """A table a subject."""
    for subject in error_groups.SUBJECTS:
        rows = []
        for entry in content["groups"]:
            if entry["subject"] == subject:
                errors = [
                    _text(entry[kind].get(name, math.nan))
                    for name in content["values"]
                    for kind in ("errors", "without_image")
                ]
                rows.append([entry["group"], f"{entry['known']:.0f}", _text(entry["prevalence"]), *errors])
        if rows:
            yield _once(TextTable(f"{error_name(content)} {BY[subject]}", [subject, *_heads(content)], rows), content)


def _text(value: float) -> str:
    return metric_names.text(value)
