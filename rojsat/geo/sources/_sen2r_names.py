"""Names of sen2r's files: `S2A2A_20190723_022_<site>_BOA_10.tif`.

"Output file structure" of sen2r (Ranghetti et al. 2020, Computers & Geosciences 139).
"""

import re
from dataclasses import dataclass
from pathlib import PurePath

import pandas as pd

from rojsat.geo.sources._choice import ORBITS, read_day

_NAME = re.compile(
    r"(?P<mission>S2[A-D])(?P<level>1C|2A)_(?P<day>[0-9]{8})_(?P<orbit>[0-9]{3})_(?P<site>[^_./]*)"
    r"_(?P<product>[A-Za-z0-9-]+)_(?P<resolution>10|20|60)"
)
ENDINGS = (".tif", ".tiff", ".vrt", ".dat")
_UNUSED = re.compile("RGB[0-9a-f]{3}[BT]|SNW|WVP|AOT")


@dataclass(frozen=True, order=True)
class FileName:
    """What the name of a file says, without its ending.

    Attributes:
        day: sensing date.
        orbit: relative orbit.
        site: name of the extent; empty where sen2r had none.
        mission: `S2A`.
        level: `1C` or `2A`.
        product: `BOA`, `SCL`, `NDVI`.
        resolution: 10, 20 or 60: sen2r's choice for all of the archive, SCL has 20 m pixels nevertheless.
    """

    day: pd.Timestamp
    orbit: int
    site: str
    mission: str
    level: str
    product: str
    resolution: int

    def __str__(self) -> str:
        acquisition = f"{self.mission}{self.level}_{self.day:%Y%m%d}_{self.orbit:03d}"
        return f"{acquisition}_{self.site}_{self.product}_{self.resolution}"


def parse_name(text: str) -> FileName:
    """Read the name of a file, without its ending.

    Raises:
        ValueError: if it is none of sen2r's, or its date or orbit does not exist.
    """
    match = _NAME.fullmatch(text)
    if match is None or int(match["orbit"]) not in ORBITS:
        raise ValueError(f"{text!r} is no name of sen2r's, as S2A2A_20190723_022_Barbellino_BOA_10")
    site, mission, level, product = match.group("site", "mission", "level", "product")
    day, orbit, resolution = read_day(match["day"]), int(match["orbit"]), int(match["resolution"])
    return FileName(day, orbit, site, mission, level, product, resolution)


def usable_name(path: PurePath) -> FileName | None:
    """What the name of a file says; None where it is no raster of sen2r's with 10 m pixels, or of no use."""
    if path.suffix.lower() not in ENDINGS:
        return None
    try:
        name = parse_name(path.stem)
    except ValueError:
        return None
    return None if name.resolution != 10 or _UNUSED.fullmatch(name.product) else name
