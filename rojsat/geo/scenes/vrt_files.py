"""VRT files of users, as sen2r writes them: XML that names other rasters, which are checked before GDAL opens it."""

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

MOST_BYTES = 64 << 20
"""Bytes of a VRT file: one of all dates of a country has a few."""

_DEEPEST = 5
"""VRTs that name VRTs; GDAL itself would follow more."""

_SOURCES = ("SourceFilename", "SourceDataset")
_RAW = "VRTRawRasterBand"


def check(path: Path, address: Callable[[str], None], depth: int = 0) -> None:
    """Refuse a VRT that leads to anything but rasters of this machine.

    Args:
        path: the file.
        address: raises ValueError for the address of what is no file of this machine.
        depth: of VRTs that name this one.

    Raises:
        ValueError: if it does, or is no VRT.
    """
    if not path.is_file():  # GDAL says so
        return
    if path.stat().st_size > MOST_BYTES or depth > _DEEPEST:
        raise ValueError(f"{path} is no VRT file that is read: it is too large, or VRTs name each other")
    try:
        root = ElementTree.fromstring(path.read_bytes())
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise ValueError(f"{path} is no VRT file: {error}") from error
    for element in root.iter():
        python = element.tag == "PixelFunctionLanguage" and (element.text or "").strip().lower() == "python"
        if python or element.tag == "PixelFunctionCode" or element.get("subClass") == _RAW:
            raise ValueError(f"{path} holds code or takes bytes of another file for pixels; write it out as a GeoTIFF")
        if element.tag in _SOURCES:
            _check_source(path, element, address, depth)


def _check_source(path: Path, element: ElementTree.Element, address: Callable[[str], None], depth: int) -> None:
    text = (element.text or "").strip()
    try:
        address(text)
    except ValueError as error:
        raise ValueError(f"{path}: its source {error}") from error
    is_relative = element.get("relativeToVRT", element.get("relativetoVRT", "0")) == "1"
    source = path.parent / text if is_relative else Path(text)
    if source.is_file():
        with source.open("rb") as file:
            start = file.read(1024).lstrip()
        if start.startswith(b"<"):
            check(source, address, depth + 1)
