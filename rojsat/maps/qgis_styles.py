"""How layers of a QGIS project look: colours of rasters, fills, hatches and labels of outlines, as XML of QGIS 3.20.

Degrees have the colours of the figures (`rojsat.figures`); what is not seen is grey, what is not walked is hatched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

DEGREE_COLOURS = (
    *("#ffffe5", "#fff7bc", "#fee391", "#fec44f", "#fe9929"),
    *("#ec7014", "#cc4c02", "#993404", "#662506"),
)
"""Of degrees from 0 to 1 at equal steps: ColorBrewer's YlOrBr."""

NOT_SEEN_COLOUR, HATCH_COLOUR, OUTLINE_COLOUR = "#d9d9d9", "#8fa3b5", "#1f4e79"
"""As in the figures."""

OUTSIDE_COLOUR = "#332288"
"""Far outside the pixels of the training: Paul Tol's indigo, unlike all colours of degrees."""

DIFFERENCE_COLOURS = ((-0.5, "#0571b0"), (-0.25, "#92c5de"), (0.0, "#f7f7f7"), (0.25, "#f4a582"), (0.5, "#ca0020"))
"""Of prediction minus mask: ColorBrewer's RdBu, blue where less is predicted than the mask has."""

RANK_COLOURS = ("#7a0177", "#c51b8a", "#f768a1", "#b39ddb", "#90a4ae")
"""Of stands from the first to visit to the last: ColorBrewer's RdPu, its last, that fade on white, replaced."""


@dataclass(frozen=True)
class Rule:
    """Some features of a layer, and how they look.

    Attributes:
        label: in the legend.
        condition: expression of QGIS that is true of them; empty: of all.
        symbol: element `symbol`.
    """

    label: str
    condition: str
    symbol: Element


def degree(band: int) -> Element:
    """Degrees in [0, 1] of a band."""
    steps = len(DEGREE_COLOURS) - 1
    return _ramp(band, [(number / steps, colour) for number, colour in enumerate(DEGREE_COLOURS)])


def difference(band: int) -> Element:
    """Prediction minus mask of a band; beyond ±0.5 as there."""
    return _ramp(band, DIFFERENCE_COLOURS)


def marked(band: int, *, below: bool, colour: str, label: str) -> Element:
    """The pixels of a band that are at most 0.5, or above it; all others are transparent.

    Args:
        band: its number, from 1.
        below: whether those up to 0.5 are marked.
        colour: of the marked pixels.
        label: in the legend.
    """
    sides = [(0.5, colour if below else None), (float("inf"), None if below else colour)]
    renderer, shader = _shader(band, 0, 1, "DISCRETE")
    for value, shown in sides:
        alpha, text = ("0", "") if shown is None else ("255", label)
        number = "inf" if value == float("inf") else f"{value:g}"
        SubElement(shader, "item", alpha=alpha, color=shown or "#ffffff", value=number, label=text)
    return renderer


def true_colour() -> Element:
    """Red, green and blue of 8 bits in the first three bands."""
    bands = {"redBand": "1", "greenBand": "2", "blueBand": "3"}
    return Element("rasterrenderer", {"type": "multibandcolor", "opacity": "1", "alphaBand": "-1"} | bands)


def _ramp(band: int, stops: Sequence[tuple[float, str]]) -> Element:
    """Colours between stops are interpolated; a raster's nodata is transparent."""
    (first, _), *_, (last, _) = stops
    renderer, shader = _shader(band, first, last, "INTERPOLATED")
    for value, colour in stops:
        SubElement(shader, "item", alpha="255", color=colour, value=f"{value:g}", label=f"{value:g}")
    return renderer


def _shader(band: int, least: float, most: float, kind: str) -> tuple[Element, Element]:
    """A renderer of one band, and its element that takes the colours."""
    renderer = Element(
        "rasterrenderer",
        type="singlebandpseudocolor",
        band=str(band),
        opacity="1",
        alphaBand="-1",
        classificationMin=f"{least:g}",
        classificationMax=f"{most:g}",
    )
    shader = SubElement(
        SubElement(renderer, "rastershader"),
        "colorrampshader",
        colorRampType=kind,
        minimumValue=f"{least:g}",
        maximumValue=f"{most:g}",
        classificationMode="1",
        clip="0",
    )
    return renderer, shader


def fill(colour: str | None, outline: str | None, width: float = 0.3) -> Element:
    """A symbol of polygons.

    Args:
        colour: of its inside; None: transparent.
        outline: colour of its edge; None: no edge.
        width: of the edge, mm on the screen.
    """
    symbol = _symbol("fill")
    _layer(symbol, "SimpleFill", _fill_properties(colour, outline, width))
    return symbol


def hatch(colour: str = HATCH_COLOUR, *, edge: bool = False) -> Element:
    """A symbol of polygons: lines at 45°, with an edge or without."""
    symbol = _symbol("fill")
    pattern = {"angle": "45", "color": _rgba(colour), "distance": "2", "distance_unit": "MM"}
    lines = _layer(symbol, "LinePatternFill", pattern | {"line_width": "0.4", "line_width_unit": "MM"})
    line = {"line_color": _rgba(colour), "line_style": "solid", "line_width": "0.4", "line_width_unit": "MM"}
    _layer(SubElement(lines, "symbol", type="line", name="@0@0", alpha="1"), "SimpleLine", line)
    if edge:
        _layer(symbol, "SimpleFill", _fill_properties(None, colour, 0.3))
    return symbol


def rules(each: Sequence[Rule]) -> Element:
    """A renderer of features that the first rules draw like the last."""
    renderer = Element("renderer-v2", type="RuleRenderer", forceraster="0", symbollevels="0", enableorderby="0")
    parent, symbols = SubElement(renderer, "rules", key="{all}"), SubElement(renderer, "symbols")
    for number, rule in enumerate(each):
        shown = {"key": f"{{{number}}}", "symbol": str(number), "label": rule.label}
        SubElement(parent, "rule", shown | ({"filter": rule.condition} if rule.condition else {}))
        rule.symbol.set("name", str(number))
        symbols.append(rule.symbol)
    return renderer


def single(symbol: Element) -> Element:
    """A renderer of features that all look alike."""
    renderer = Element("renderer-v2", type="singleSymbol", forceraster="0", symbollevels="0", enableorderby="0")
    symbol.set("name", "0")
    SubElement(renderer, "symbols").append(symbol)
    return renderer


def labels(field: str) -> Element:
    """Labels of features with the value of a field: black with a white buffer, inside their polygon."""
    labeling = Element("labeling", type="simple")
    settings = SubElement(labeling, "settings", calloutType="simple")
    text = {"fieldName": field, "fontSize": "9", "fontSizeUnit": "Point", "fontWeight": "75", "textColor": "0,0,0,255"}
    style = SubElement(settings, "text-style", {"isExpression": "0", "textOpacity": "1"} | text)
    buffer = {"bufferDraw": "1", "bufferSize": "0.8", "bufferSizeUnits": "MM", "bufferColor": "255,255,255,255"}
    SubElement(style, "text-buffer", {"bufferOpacity": "1", "bufferNoFill": "1"} | buffer)
    # 1: over its point; the point inside the polygon
    SubElement(settings, "placement", placement="1", centroidInside="1", quadOffset="4", priority="5")
    SubElement(settings, "rendering", drawLabels="1", displayAll="0", obstacle="0", scaleVisibility="0")
    return labeling


def _symbol(kind: str) -> Element:
    return Element("symbol", type=kind, alpha="1", clip_to_extent="1", force_rhr="0", name="0")


def _layer(symbol: Element, kind: str, properties: Mapping[str, str]) -> Element:
    """A layer of a symbol, `class` of QGIS with its properties."""
    layer = SubElement(symbol, "layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    options = SubElement(layer, "Option", type="Map")
    for name in sorted(properties):
        SubElement(options, "Option", type="QString", name=name, value=properties[name])
    return layer


def _fill_properties(colour: str | None, outline: str | None, width: float) -> dict[str, str]:
    return {
        "color": _rgba(colour or "#ffffff"),
        "style": "solid" if colour else "no",
        "joinstyle": "bevel",
        "outline_color": _rgba(outline or "#ffffff"),
        "outline_style": "solid" if outline else "no",
        "outline_width": f"{width:g}",
        "outline_width_unit": "MM",
    }


def _rgba(colour: str) -> str:
    """`#1f4e79` as `31,78,121,255`."""
    return ",".join(str(int(colour[digit : digit + 2], 16)) for digit in (1, 3, 5)) + ",255"
