"""What the XML files of an ESA product say: its acquisition, its numbers, the grid of its tile.

Element names: Sentinel-2 Products Specification Document (S2-PDGS-TAS-DI-PSD), issues 12 to 15.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element

import pandas as pd
from affine import Affine
from shapely import Polygon

from rojsat.chips.bands import TOA
from rojsat.geo.scenes import catalog
from rojsat.geo.sources._choice import ORBITS
from rojsat.geo.sources.safe import xml_root

LEVELS = {"Level-1C_User_Product": "L1C", "Level-2A_User_Product": "L2A"}
"""Level by the name of the root element."""

QUANTIFICATION = {"L1C": ("QUANTIFICATION_VALUE",), "L2A": ("BOA_QUANTIFICATION_VALUE", "L2A_BOA_QUANTIFICATION_VALUE")}
"""Elements of the quantification value, the second as Sen2Cor named it before baseline 02.07."""

OFFSET = {"L1C": "RADIO_ADD_OFFSET", "L2A": "BOA_ADD_OFFSET"}
"""Elements of the offset of each band."""

OFFSETS_SINCE = "04.00"
"""First processing baseline whose stored numbers carry an offset."""

USER = "99.99"
"""Processing baseline of what a user made with Sen2Cor."""

OWN = "own Sen2Cor product"
"""What such a product is called."""


@dataclass(frozen=True)
class Metadata:
    """What the main XML file of a product says.

    Attributes:
        level: `L1C` or `L2A`.
        mission: `S2A`.
        baseline: processing baseline, `05.00`.
        time: start of its datatake, UTC: the time in the names of the product and its images.
        generated: when the product was made, UTC.
        orbit: relative orbit, 1 to 143.
        quantification: reflectance = (stored + offset) / quantification.
        offsets: by band, 0 for every band before baseline 04.00.
        nodata: stored number that means "no observation".
        saturated: stored number of a saturated pixel.
        images: names of its images, without `.jp2`.
        footprint: ground with data, degrees; None where the XML has none.
    """

    level: str
    mission: str
    baseline: str
    time: pd.Timestamp
    generated: pd.Timestamp
    orbit: int
    quantification: float
    offsets: Mapping[str, float]
    nodata: int
    saturated: int
    images: frozenset[str]
    footprint: Polygon | None


@dataclass(frozen=True)
class Tile:
    """What the XML file of a tile says.

    Attributes:
        tile: `33VXG`.
        strip: sensing time of its datastrip, as in `20190723T101347`.
        crs: `EPSG:32633`.
        shapes: height and width in pixels by resolution in metres.
        transforms: upper-left corner and pixel size by resolution in metres.
        of_user: whether a user made it, not ESA (`S2A_USER_…`).
    """

    tile: str
    strip: str
    crs: str
    shapes: Mapping[int, tuple[int, int]]
    transforms: Mapping[int, Affine]
    of_user: bool = False


def product(xml: bytes, where: str) -> Metadata:
    """Read `MTD_MSIL1C.xml`, `MTD_MSIL2A.xml` or what they were called before December 2016.

    Args:
        xml: the file.
        where: its name, for messages.

    Raises:
        ValueError: if it is no such XML, or an element is missing or makes no sense.
    """
    root = xml_root.parse(xml, where)
    level = LEVELS.get(root.tag.rpartition("}")[2])
    if level is None:
        raise ValueError(f"{where} is no metadata of a Sentinel-2 product of level L1C or L2A: its root is {root.tag}")
    baseline = _match(_text(root, where, "PROCESSING_BASELINE"), r"[0-9]{2}\.[0-9]{2}", where)
    orbit = int(_number(_text(root, where, "SENSING_ORBIT_NUMBER"), where))
    quantification = _number(_text(root, where, *QUANTIFICATION[level]), where)
    if orbit not in ORBITS or quantification <= 0:
        raise ValueError(f"{where}: relative orbit {orbit} or quantification value {quantification} makes no sense")
    return Metadata(
        level=level,
        mission="S2" + _match(_text(root, where, "SPACECRAFT_NAME"), r"Sentinel-2([A-Z])", where),
        baseline=baseline,
        time=_time(_text(root, where, "DATATAKE_SENSING_START"), where),
        generated=_time(_text(root, where, "GENERATION_TIME"), where),
        orbit=orbit,
        quantification=quantification,
        offsets=_offsets(root, level, baseline, where),
        nodata=_special(root, where)["NODATA"],
        saturated=_special(root, where).get("SATURATED", catalog.SATURATED),
        images=_images(root),
        footprint=_footprint(root, where),
    )


def tile(xml: bytes, where: str) -> Tile:
    """Read `MTD_TL.xml` or what it was called before December 2016.

    Args:
        xml: the file.
        where: its name, for messages.

    Raises:
        ValueError: if it is no such XML, or an element is missing or makes no sense.
    """
    root = xml_root.parse(xml, where)
    shapes, transforms = {}, {}
    for element in root.iterfind(".//{*}Size"):
        rows, cols = (int(_number(_text(element, where, name), where)) for name in ("NROWS", "NCOLS"))
        shapes[_resolution(element, where)] = (rows, cols)
    for element in root.iterfind(".//{*}Geoposition"):
        left, top, width, height = (_number(_text(element, where, n), where) for n in ("ULX", "ULY", "XDIM", "YDIM"))
        transforms[_resolution(element, where)] = Affine(width, 0, left, 0, height, top)
    _check_grids(shapes, transforms, where)
    return Tile(
        tile=_match(_text(root, where, "TILE_ID", "TILE_ID_2A"), r".*_T([0-9]{2}[A-Z]{3})(?:_.*)?", where),
        strip=_match(_text(root, where, "DATASTRIP_ID", "DATASTRIP_ID_2A"), r".*_S([0-9]{8}T[0-9]{6})(?:_.*)?", where),
        crs=_match(_text(root, where, "HORIZONTAL_CS_CODE"), r"EPSG:32[67][0-9]{2}", where),
        shapes=shapes,
        transforms=transforms,
        of_user=re.match(r"S2[A-Z]_USER_", _text(root, where, "TILE_ID", "TILE_ID_2A")) is not None,
    )


def _check_grids(shapes: Mapping[int, tuple[int, int]], transforms: Mapping[int, Affine], where: str) -> None:
    for metres in (10, 20, 60):
        if metres not in shapes or metres not in transforms:
            raise ValueError(f"{where} has no Size or Geoposition of {metres} m pixels")
        if min(shapes[metres]) < 1 or (transforms[metres].a, transforms[metres].e) != (metres, -metres):
            raise ValueError(f"{where} describes a grid of {metres} m pixels that is none: {shapes[metres]} pixels")


def _text(root: Element, where: str, *names: str) -> str:
    """Text of the first element of one of these names."""
    for name in names:
        element = root.find(f".//{{*}}{name}")
        if element is not None and element.text and element.text.strip():
            return element.text.strip()
    raise ValueError(f"{where} has no element {' or '.join(names)}; get the product again")


def _match(text: str, expression: str, where: str) -> str:
    match = re.fullmatch(expression, text)
    if match is None:
        raise ValueError(f"{where} says {text!r}, which does not read as {expression}")
    return match[match.re.groups]


def _number(text: str | None, where: str) -> float:
    try:
        number = float(text or "")
    except ValueError as error:
        raise ValueError(f"{where} says {text!r} where a number belongs") from error
    if not abs(number) < 1e9:  # no number of these files is as large, and NaN is none
        raise ValueError(f"{where} says {text!r} where a number belongs")
    return number


def _time(text: str, where: str) -> pd.Timestamp:
    try:
        return pd.to_datetime(text, format="ISO8601", utc=True)
    except ValueError as error:
        raise ValueError(f"{where} says {text!r} where a time belongs") from error


def _resolution(element: Element, where: str) -> int:
    return int(_number(element.get("resolution"), where))


def _offsets(root: Element, level: str, baseline: str, where: str) -> dict[str, float]:
    """Offset of each band; `band_id` counts the bands as ESA orders them, from 0."""
    offsets = {}
    for element in root.iterfind(f".//{{*}}{OFFSET[level]}"):
        number = int(_number(element.get("band_id"), where))
        if not 0 <= number < len(TOA):
            raise ValueError(f"{where}: {OFFSET[level]} of band_id {number}; there are 0 to {len(TOA) - 1}")
        offsets[TOA[number]] = _number(element.text, where)
    if not offsets and OFFSETS_SINCE <= baseline < USER:
        raise ValueError(f"{where} has no element {OFFSET[level]}, which baseline {baseline} must have")
    return offsets or dict.fromkeys(TOA, 0.0)


def _special(root: Element, where: str) -> dict[str, int]:
    """Stored numbers that are no reflectance, by what they mean."""
    values = {
        _text(element, where, "SPECIAL_VALUE_TEXT"): int(_number(_text(element, where, "SPECIAL_VALUE_INDEX"), where))
        for element in root.iterfind(".//{*}Special_Values")
    }
    if "NODATA" not in values:
        raise ValueError(f"{where} does not name its NODATA (Special_Values)")
    return values


def _footprint(root: Element, where: str) -> Polygon | None:
    """`EXT_POS_LIST`: latitudes and longitudes, one after the other."""
    element = root.find(".//{*}EXT_POS_LIST")
    numbers = [_number(text, where) for text in (element.text or "").split()] if element is not None else []
    if len(numbers) < 6 or len(numbers) % 2:
        return None
    outline = Polygon(zip(numbers[1::2], numbers[::2], strict=True))
    return outline if outline.is_valid else None


def _images(root: Element) -> frozenset[str]:
    names = ("IMAGE_FILE", "IMAGE_ID", "IMAGE_FILE_2A", "IMAGE_ID_2A")
    texts = [element.text or "" for name in names for element in root.iterfind(f".//{{*}}{name}")]
    return frozenset(PurePosixPath(text.strip()).name for text in texts if text.strip())
