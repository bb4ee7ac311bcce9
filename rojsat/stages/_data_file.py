"""The file of a data set, written from what lies in a folder. What the files do not say is asked in it."""

import json
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from rojsat.chips import roles
from rojsat.config.questions import MARK, OPEN
from rojsat.geo.discovery.folder import FolderContent
from rojsat.geo.discovery.polygon_layers import Outlines

MARGIN = 320
"""Metres of surroundings that windows of 32 pixels need."""

WIDTH = 110
"""Of the file's comments, characters."""

TARGETS = {"gps": "degree of need", "polygons": "need of clearing", "unlabelled": "none"}
"""What the labels of each source say."""


def described(content: FolderContent) -> list[str]:
    """What lies in the folder, and what of it is left aside, a line each."""
    lines = [f"scenes:   {content.scenes.words}{_dates(content)}"]
    lines += [f"outlines: {_where(layer)}: {_counted(layer)}, {_meant(layer)}" for layer in content.outlines]
    unused = "" if labels_source(content) in ("gps", None) else "; not used: no outlines are clearing objects"
    for file in content.gps:
        times = "with" if file.timed else "without"
        points = "1 point" if file.points == 1 else f"{file.points} points"
        lines.append(f"GPS:      {file.path}: {points}, {times} times{unused}")
    return lines + [f"not used: {path}: {reason}" for path, reason in content.left_aside]


def written(content: FolderContent, name: str) -> str:
    """The file.

    Args:
        content: of the folder.
        name: of the data set.
    """
    return "\n".join([*_head(content, name), *_options(content), *_regions(content), *_labels(content)]) + "\n"


def labels_source(content: FolderContent) -> str | None:
    """How masks can be made; None where that depends on a role that is not known."""
    outline_roles = {layer.role for layer in content.outlines}
    if roles.CLEARING in outline_roles and content.gps:
        return "gps"
    if None in outline_roles:
        return None
    labelled = any(layer.counted(label) for layer in content.outlines for label in roles.CLASSES)
    asked = any(layer.lacks_label for layer in content.outlines)
    return "polygons" if labelled or asked else "unlabelled"


def _dates(content: FolderContent) -> str:
    """How many dates the scenes have, and from when to when; nothing where there are no scenes."""
    days = content.scenes.days
    if len(days) < 2:
        return f"; 1 date, {days[0]}" if days else ""
    return f"; {len(days)} dates, {days[0]} to {days[-1]}"


def _where(layer: Outlines) -> str:
    return layer.path if layer.layer is None else f"{layer.path}, layer {layer.layer}"


def _counted(layer: Outlines) -> str:
    least, most = (f"{layer.hectares[end]:.2g}" for end in (0, -1))
    polygons = "1 polygon" if layer.regions == 1 else f"{layer.regions} polygons"
    return f"{polygons} of {least if least == most else f'{least} to {most}'} ha"


def _meant(layer: Outlines) -> str:
    """Role and labels as far as they are known, and the columns."""
    labels = layer.label or ", ".join(f"{count} {label}" for label, count in layer.labels.items())
    known = " ".join(filter(None, (layer.role or "role not known", labels)))
    return f"{known}; columns {', '.join(layer.columns) or 'none'}"


def _text(value: str) -> str:
    """A text as YAML, in quotes unless it is plainly a text."""
    is_plain = value.replace("_", "a").replace("/", "a").replace(".", "a").replace("-", "a").isalpha()
    return value if is_plain and value[0].isalpha() else json.dumps(value, ensure_ascii=False)


def _question(indent: int, text: str, key: str) -> list[str]:
    """A comment that asks, and the key that waits for its answer."""
    margin = " " * indent
    comment = textwrap.wrap(f"{MARK} {text}", WIDTH - indent, subsequent_indent="#   ", break_long_words=False)
    return [*(margin + line for line in comment), f"{margin}{key}: {OPEN}"]


def _head(content: FolderContent, name: str) -> list[str]:
    return [
        f"# Your own files: {content.scenes.words}{_dates(content)}.",
        "# Written by `rojsat data new`; what else a data set may hold: docs/data.md.",
        f"name: {name}",
        f"source: {content.scenes.source}",
        f"root: {_text(str(content.folder))} # paths below are relative to it",
    ]


def _options(content: FolderContent) -> list[str]:
    source, options = content.scenes.source, content.scenes.options
    if source == "safe":
        return ["options:", f"  levels: [{', '.join(options['levels'])}]"]
    if source == "stac":
        question = "no scenes lie in the folder; {} day of those to search and download, as 2023-06-01?"
        first, last = (_question(2, question.format(end), key) for end, key in (("first", "start"), ("last", "end")))
        return ["options:", "  api: earth_search # or planetary_computer, cdse, any API's URL", *first, *last]
    lines = ["options:"] if source == "geotiff" or not content.outlines else []
    if source == "geotiff":
        lines += ["  files: # one of each is a scene", *(line for kind in options["files"] for line in _kind(kind))]
    if not content.outlines:
        lines += ["  role: control # of the regions: no outlines lie in the folder, each site is one"]
    return lines


def _kind(kind: Mapping[str, Any]) -> Iterator[str]:
    """A kind of GeoTIFFs."""
    yield f"    - pattern: {json.dumps(kind['pattern'], ensure_ascii=False)}"
    if kind["bands"] is None:
        asked = f"what do the {kind['count']} bands hold, in order? [B02, B03, …]; SCL, TCI (first of three), null too"
        yield from _question(6, asked, "bands")
    else:
        yield f"      bands: [{', '.join(band or 'null' for band in kind['bands'])}]"
    if "scale" in kind:
        yield "      scale: 1.0 # numbers with decimals: taken as reflectance"


def _regions(content: FolderContent) -> list[str]:
    if not content.outlines:
        asked = "which files hold outlines, as [{path: stands.gpkg, role: stand, label: need}]? None lies in the folder"
        return _question(0, asked, "regions") if content.scenes.source in ("safe", "stac") else []
    ids = Counter(name for layer in content.outlines for name in layer.ids)
    lines = ["regions:"]
    for layer in content.outlines:
        lines += [f"  - path: {_text(layer.path)} # {_counted(layer)}"]
        lines += [] if layer.layer is None else [f"    layer: {_text(layer.layer)}"]
        lines += _role(layer) + _label(layer) + _ids(layer, is_repeated=any(ids[name] > 1 for name in layer.ids))
    return lines


def _role(layer: Outlines) -> list[str]:
    if layer.role is not None:
        return [f"    role: {layer.role}"]
    asked = f"what are the polygons of {_where(layer)}: stand (labelled need or clear), clearing (objects in which "
    return _question(4, f"{asked}workers' GPS points lie) or control (looked at, not trained on)?", "role")


def _label(layer: Outlines) -> list[str]:
    if layer.label is not None:
        return [f"    label: {layer.label} # as its name says"]
    if layer.labels:
        return ["    # labels: the column label"]
    if not layer.lacks_label:
        return []
    where = "" if layer.role else "; null unless they are stands"
    asked = (
        f"label of all stands of {_where(layer)}, need or clear{where}? For one a stand give the file a column label"
    )
    return _question(4, asked, "label")


def _ids(layer: Outlines, *, is_repeated: bool) -> list[str]:
    lines = []
    if layer.id_choices:
        lines += _question(4, f"which column holds the ids of the stands: {', '.join(layer.id_choices)}?", "id_field")
    elif layer.id_field is not None:
        lines += [f"    id_field: {_text(layer.id_field)}"]
    if is_repeated or layer.is_numbered:
        stem = layer.path.rpartition("/")[2].partition(".")[0] + (f"_{layer.layer}" if layer.layer else "")
        numbered = "no column holds ids: they are the numbers of the rows"
        reason = numbered if layer.is_numbered else "another file has the same ids"
        lines += [f"    prefix: {_text(f'{stem}_')} # {reason}"]
    return lines


def _labels(content: FolderContent) -> list[str]:
    source = labels_source(content)
    lines = _gps(content) if source in ("gps", None) else []
    if source is None:
        choices = f"{'gps (clearing objects with GPS points), ' if content.gps else ''}polygons (stands), unlabelled"
        lines += ["labels:", *_question(2, f"what masks are made from: {choices}?", "source")]
        return [*lines, f"target: {TARGETS['polygons']}"]
    lines += ["labels:", f"  source: {source}", f"target: {TARGETS[source]}"]
    if source == "gps":
        lines += ["chips:", f"  margin: {MARGIN} # metres of surroundings, which windows of 32 pixels need"]
    return lines


def _gps(content: FolderContent) -> list[str]:
    if not content.gps:
        return []
    lines = ["gps:", "  files:", *(f"    - {_text(file.path)}" for file in content.gps)]
    if all(file.states_crs for file in content.gps):
        return lines
    without = ", ".join(file.path for file in content.gps if not file.states_crs)
    asked = f"coordinate system of columns x and y of {without}, as EPSG:3006?"
    return [*lines, "  options:", *_question(4, asked, "csv_crs")]
