"""Stands in XML of the Finnish forest data standard: `ForestPropertyData`, schemas V19 and V20.

The file is read as a stream, a stand at a time: of a file of any size only the table is in memory.
"""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

from shapely import MultiPolygon, Polygon
from shapely.errors import ShapelyError

from rojsat.geo.finland import finnish_stands
from rojsat.geo.finland.finnish_stands import Operation, Stand, StandTable, TreeStand

NAMESPACE = "http://standardit.tapio.fi/schemas/forestData"
"""Of the root; those of its parts begin with it."""

ROOT = f"{NAMESPACE} ForestPropertyData"

_CHUNK = 1 << 16  # bytes that are parsed at a time until the root is known


def read(path: Path) -> StandTable:
    """Read the stands of a file.

    Raises:
        ValueError: naming the file, if it does not exist, is no complete XML, declares a document type (as files do
            that name other files or are made to fill the memory), is not of the standard, holds no stand or two with
            one id; and the stand, if its outline is not in EPSG:3067, or it has a number or a date that is none.
    """
    if not path.is_file():
        raise ValueError(f"{path} does not exist (it should hold stands in XML of the forest data standard)")
    _check_root(path)
    stands: list[Stand] = []
    tree_stands: list[TreeStand] = []
    operations: list[Operation] = []
    try:
        for element in _elements(path):
            stand = element.get("id")
            if stand is None:
                raise ValueError(f"{path}: the stand number {len(stands) + 1} has no id")
            where = f"{path}: stand {stand!r}"
            stands.append(_stand(stand, element, where))
            tree_stands.extend(_tree_stands(stand, element, where))
            operations.extend(_operations(stand, element, where))
    except ElementTree.ParseError as error:
        raise ValueError(f"{path} is no complete XML ({error}); download it again") from error
    return finnish_stands.assemble(stands, tree_stands, operations, path)


def _check_root(path: Path) -> None:
    """Refuse what is not of the standard, before anything else is parsed; a document type stands before the root."""
    names: list[str] = []

    def refuse(*_: object) -> None:
        raise ValueError(f"{path} declares a document type, as no file of the forest data standard does; do not use it")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, _: names.append(name)
    try:
        with path.open("rb") as file:
            while not names and (chunk := file.read(_CHUNK)):
                parser.Parse(chunk)
    except expat.ExpatError as error:
        if not names:
            raise ValueError(f"{path} is no complete XML ({error}); download it again") from error
    if not names or names[0] != ROOT:
        root = repr(names[0]) if names else "nothing"
        raise ValueError(f"{path} begins with {root}, not with {ROOT!r}: it is not of the forest data standard")


def _elements(path: Path) -> Iterator[Element]:
    """The stands, each dropped from memory before the next is parsed."""
    above: list[Element] = []
    for event, element in ElementTree.iterparse(path, events=("start", "end")):
        if event == "start":
            above.append(element)
            continue
        above.pop()
        if element.tag.startswith(f"{{{NAMESPACE}/") and _name(element) == "Stand":
            yield element
            above[-1].clear()


def _name(element: Element) -> str:
    """Of an element without its namespace, which differs from part to part of the standard."""
    return element.tag.rpartition("}")[2]


def _children(element: Element | None, name: str) -> list[Element]:
    return [] if element is None else [child for child in element if _name(child) == name]


def _child(element: Element | None, *names: str) -> Element | None:
    """The first child of the first child … by name; None if there is none."""
    for name in names:
        element = next(iter(_children(element, name)), None)
    return element


def _text(element: Element | None, *names: str) -> str | None:
    child = _child(element, *names)
    return (child.text or "").strip() or None if child is not None else None


def _stand(stand: str, element: Element, where: str) -> Stand:
    about = _child(element, "StandBasicData")
    return Stand(
        stand,
        _text(about, "DevelopmentClass"),
        _text(about, "MainTreeSpecies"),
        _text(about, "FertilityClass"),
        _text(about, "SoilType"),
        _outline(about, where),
    )


def _tree_stands(stand: str, element: Element, where: str) -> Iterator[TreeStand]:
    for tree_stand in _children(_child(element, "TreeStandData"), "TreeStandDataDate"):
        strata = len(_children(_child(tree_stand, "TreeStrata"), "TreeStratum"))
        yield TreeStand(stand, tree_stand.get("type"), finnish_stands.day(tree_stand.get("date"), where), strata)


def _operations(stand: str, element: Element, where: str) -> Iterator[Operation]:
    for operation in _children(_child(element, "Operations"), "Operation"):
        yield Operation(
            stand,
            _text(operation, "OperationType"),
            finnish_stands.year(_text(operation, "ProposalData", "ProposalYear"), where),
            finnish_stands.day(_text(operation, "CompletionData", "CompletionDate"), where),
        )


def _outline(about: Element | None, where: str) -> Polygon | MultiPolygon | None:
    """The outline of a stand; None where it has none."""
    shapes = [shape for child in (about if about is not None else ()) for shape in child.iter()]
    elements = [shape for shape in shapes if _name(shape) == "Polygon"]
    polygons = [_polygon(element, where) for element in elements]
    if len(polygons) > 1:
        return MultiPolygon(polygons)
    return polygons[0] if polygons else None


def _polygon(element: Element, where: str) -> Polygon:
    crs = element.get("srsName", finnish_stands.CRS)
    if crs.rpartition(":")[2] != finnish_stands.CRS.rpartition(":")[2]:
        raise ValueError(f"{where}: its outline is in {crs}; the forest data standard has {finnish_stands.CRS}")
    outer = _child(element, "exterior", "LinearRing")
    inner = [_child(interior, "LinearRing") for interior in _children(element, "interior")]
    try:
        return Polygon(_ring(outer), [_ring(ring) for ring in inner])
    except (ValueError, ShapelyError) as error:
        raise ValueError(f"{where}: its outline cannot be read: {error}") from error


def _ring(ring: Element | None) -> list[tuple[float, float]]:
    """Easting and northing, metres: `x,y x,y` in coordinates, `x y x y` in posList."""
    text = _text(ring, "coordinates") or _text(ring, "posList") or ""
    values = [float(value) for value in text.replace(",", " ").split()]
    return list(zip(values[::2], values[1::2], strict=True))
