"""Map sheets: rectangles of a projected coordinate system, and the names of Finland's. Knows numpy only.

Finland's division TM35 is of EPSG:3067. Sheets of 1:200 000 are 192 km by 96 km; a row has a letter, from K at
northing 6 570 km upwards, without O, a column a digit, of which 5 begins at easting 500 km. Each is divided into four,
numbered 1 and 2 upwards in the west, 3 and 4 in the east: 1:100 000, 1:50 000 and 1:25 000. These are divided into
eight of 6 km by 6 km, A to H in the same way (1:10 000), and these into four again (1:5 000).

Names and division: Maanmittauslaitos, "Näin löydät oikean karttalehden". Sizes and origin: JHS 197, appendix 8, as
public code states them that names it as its source (Oskari's `TM35MapSheetDivision`); the appendix was not at hand.
"""

import numpy as np
from numpy.typing import NDArray

TM35FIN = "EPSG:3067"

SCALES = {
    200_000: (192_000, 96_000),
    100_000: (96_000, 48_000),
    50_000: (48_000, 24_000),
    25_000: (24_000, 12_000),
    10_000: (6_000, 6_000),
    5_000: (3_000, 3_000),
}
"""Width and height of the sheets of Finland's scales, metres."""

LETTERS = "KLMNPQRSTUVWX"
"""Of the rows of sheets of 1:200 000, northwards."""

WEST, SOUTH = -460_000, 6_570_000
"""Easting of the column 0, northing of the row K."""

_PARTS = {100_000: "1234", 50_000: "1234", 25_000: "1234", 10_000: "ABCDEFGH", 5_000: "1234"}


def cells(
    east: NDArray[np.float64], north: NDArray[np.float64], width: float, height: float, west: float, south: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Column and row, (N,), of the sheets that points (N,) lie in; a point on an edge lies east or north of it.

    Args:
        east: units of the CRS.
        north: likewise.
        width: of a sheet, likewise.
        height: likewise.
        west: the western edge of column 0.
        south: the southern edge of row 0.
    """
    return np.floor((east - west) / width).astype(np.int64), np.floor((north - south) / height).astype(np.int64)


def tm35_name(east: float, north: float, scale: int) -> str:
    """The name of the Finnish sheet that a point of EPSG:3067 lies in, `L4133B`.

    Args:
        east: metres.
        north: metres.
        scale: one of `SCALES`, 25000 for 1:25 000.

    Raises:
        ValueError: no such scale, or a point beyond all sheets.
    """
    check_scale(scale)
    column, row = (int(each[0]) for each in _cells(200_000, east, north))
    if not (0 <= row < len(LETTERS) and 2 <= column <= 6):
        raise ValueError(f"({east:.0f}, {north:.0f}) of {TM35FIN} lies beyond the map sheets of Finland")
    name, above = f"{LETTERS[row]}{column}", SCALES[200_000]
    for finer, labels in _PARTS.items():
        if finer < scale:
            break
        size = SCALES[finer]
        per_column = above[1] // size[1]  # sheets one above the other
        column, row = (int(each[0]) for each in _cells(finer, east, north))
        name += labels[column % (above[0] // size[0]) * per_column + row % per_column]
        above = size
    return name


def check_scale(scale: int) -> None:
    """Refuse a scale that Finland has no sheets of.

    Raises:
        ValueError: naming those that it has.
    """
    if scale not in SCALES:
        raise ValueError(f"scale={scale} has no map sheets; possible are {', '.join(map(str, SCALES))}")


def _cells(scale: int, east: float, north: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return cells(np.array([east]), np.array([north]), *SCALES[scale], WEST, SOUTH)
