"""A QGIS project, `.qgz`, of rasters and outlines that lie beside it: opens wherever the folder is moved.

Written with the standard library alone: what QGIS 3.20 or newer reads of a project, without what it sets itself. The
same layers give the same bytes. Names of layers and groups are in English and Swedish, `Stands / Bestånd`.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pyproj import CRS

VERSION = "3.22.16-Białowieża"
"""Of QGIS, whose project files these are like."""

_ZIP_TIME = (2020, 1, 1, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class QgisLayer:
    """A raster or the features of a vector file.

    Attributes:
        name: in English and Swedish.
        file: beside the project.
        crs: anything pyproj reads.
        style: element `rasterrenderer` of a raster, `renderer-v2` of features.
        layer: of a vector file; None: a raster.
        labels: element `labeling`; None: no labels.
        abstract: shown where the mouse rests on the name.
        aliases: of columns, in English and Swedish.
        visible: whether it is drawn at first.
        expanded: whether its legend is shown at first.
        opacity: from 0, not to be seen, to 1.
    """

    name: str
    file: str
    crs: Any
    style: Element
    layer: str | None = None
    labels: Element | None = None
    abstract: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)
    visible: bool = True
    expanded: bool = False
    opacity: float = 1.0


@dataclass(frozen=True)
class QgisGroup:
    """A group of layers, the first lies above the others.

    Attributes:
        name: in English and Swedish.
        layers: or groups.
        visible: whether it is drawn at first.
        expanded: whether its layers are listed at first.
    """

    name: str
    layers: Sequence["QgisLayer | QgisGroup"]
    visible: bool = True
    expanded: bool = True


def write(
    path: Path,
    groups: Sequence[QgisLayer | QgisGroup],
    *,
    crs: Any,
    bounds: Sequence[float],
    title: str,
    abstract: str,
) -> Path:
    """Write a project, complete or not at all.

    Args:
        path: of the project, ending in `.qgz`.
        groups: the first lies above the others.
        crs: of the map, anything pyproj reads.
        bounds: what is shown at first: left, bottom, right, top in `crs`.
        title: of the window.
        abstract: of the project, what the map is worth.
    """
    root = _document(groups, crs=crs, bounds=bounds, title=title, abstract=abstract)
    indent(root, " ")
    doctype = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    content = doctype + tostring(root, encoding="unicode") + "\n"
    beside = path.with_name(f".{path.name}.partial")
    entry = zipfile.ZipInfo(f"{path.stem}.qgs", _ZIP_TIME)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    with zipfile.ZipFile(beside, "w") as archive:
        archive.writestr(entry, content.encode())
    beside.replace(path)
    return path


def _document(groups: Sequence[QgisLayer | QgisGroup], *, crs: Any, bounds: Sequence[float], **texts: str) -> Element:
    root = Element("qgis", projectname=texts["title"], version=VERSION)
    SubElement(root, "homePath", path="")
    SubElement(root, "title").text = texts["title"]
    SubElement(root, "projectCrs").append(_crs(crs))
    numbered = {id(layer): number for number, layer in enumerate(_layers(groups))}
    tree = SubElement(root, "layer-tree-group")
    for each in groups:
        _node(tree, each, numbered)
    layers = SubElement(root, "projectlayers")
    for layer in _layers(groups):
        layers.append(_map_layer(layer, _id(layer, numbered)))
    order = SubElement(root, "layerorder")
    for layer in _layers(groups):
        SubElement(order, "layer", id=_id(layer, numbered))
    properties = SubElement(root, "properties")
    SubElement(SubElement(properties, "Paths"), "Absolute", type="bool").text = "false"
    SubElement(SubElement(properties, "SpatialRefSys"), "ProjectionsEnabled", type="int").text = "1"
    metadata = SubElement(root, "projectMetadata")
    for name in ("title", "abstract"):
        SubElement(metadata, name).text = texts[name]
    view = SubElement(root, "ProjectViewSettings", UseProjectScales="0")
    left, bottom, right, top = (f"{value:.10g}" for value in bounds)
    SubElement(view, "DefaultViewExtent", xmin=left, ymin=bottom, xmax=right, ymax=top).append(_crs(crs))
    return root


def _layers(groups: Sequence[QgisLayer | QgisGroup]) -> Iterator[QgisLayer]:
    """All layers, from the highest to the lowest."""
    for each in groups:
        if isinstance(each, QgisGroup):
            yield from _layers(each.layers)
        else:
            yield each


def _id(layer: QgisLayer, numbered: Mapping[int, int]) -> str:
    """What names a layer in its project; QGIS replaces names of ten letters or fewer."""
    return f"{re.sub(r'[^a-zA-Z0-9]+', '_', layer.name.split(' / ')[0])}_{numbered[id(layer)]:012}"


def _node(parent: Element, each: QgisLayer | QgisGroup, numbered: Mapping[int, int]) -> None:
    """The line of a layer or group in the list of layers."""
    shown = {
        "name": each.name,
        "checked": "Qt::Checked" if each.visible else "Qt::Unchecked",
        "expanded": str(int(each.expanded)),
    }
    if isinstance(each, QgisLayer):
        provider = "gdal" if each.layer is None else "ogr"
        source = {"id": _id(each, numbered), "source": _source(each), "providerKey": provider}
        SubElement(parent, "layer-tree-layer", source | shown)
        return
    group = SubElement(parent, "layer-tree-group", shown)
    for layer in each.layers:
        _node(group, layer, numbered)


def _source(layer: QgisLayer) -> str:
    return f"./{layer.file}" + ("" if layer.layer is None else f"|layername={layer.layer}")


def _map_layer(layer: QgisLayer, name: str) -> Element:
    is_raster = layer.layer is None
    element = Element("maplayer", type="raster" if is_raster else "vector", hasScaleBasedVisibilityFlag="0")
    for tag, text in (("id", name), ("datasource", _source(layer)), ("abstract", layer.abstract)):
        if text:
            SubElement(element, tag).text = text
    SubElement(element, "layername").text = layer.name
    SubElement(element, "srs").append(_crs(layer.crs))
    if is_raster:
        SubElement(element, "provider").text = "gdal"
        pipe = SubElement(element, "pipe")
        layer.style.set("opacity", f"{layer.opacity:g}")
        pipe.append(layer.style)
        SubElement(pipe, "rasterresampler", maxOversampling="2")
    else:
        element.set("geometry", "Polygon")
        element.set("labelsEnabled", str(int(layer.labels is not None)))
        SubElement(element, "provider", encoding="UTF-8").text = "ogr"
        element.append(layer.style)
        if layer.labels is not None:
            element.append(layer.labels)
        aliases = SubElement(element, "aliases")
        for column, alias in layer.aliases.items():
            SubElement(aliases, "alias", field=column, name=alias)
        SubElement(element, "layerOpacity").text = f"{layer.opacity:g}"
    SubElement(element, "blendMode").text = "0"
    return element


def _crs(crs: Any) -> Element:
    """The coordinate system as QGIS writes it; one of no authority by its WKT alone."""
    known = CRS.from_user_input(crs)
    authority = known.to_authority(min_confidence=100)
    element = Element("spatialrefsys")
    SubElement(element, "wkt").text = known.to_wkt("WKT2_2019")
    if authority:
        SubElement(element, "authid").text = ":".join(authority)
    SubElement(element, "geographicflag").text = "true" if known.is_geographic else "false"
    return element
