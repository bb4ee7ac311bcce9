"""How large a world is and what it holds; the only module that knows *quick* and *full*."""

from dataclasses import dataclass

from affine import Affine

CRS = "EPSG:32633"
"""UTM zone 33N, as the Sentinel-2 tiles around Linköping (33VWF)."""
ORIGIN = (528_000.0, 6_480_000.0)
"""Upper-left corner, metres; both are multiples of 60 so that all native grids share it."""
PIXEL = 10.0
"""Side of a pixel of the world, metres."""

OBJECTS: tuple[tuple[int, int], ...] = (
    (45, 52),
    (38, 61),
    (67, 48),
    (40, 36),
    (54, 44),
    (58, 70),
    (49, 57),
    (61, 63),
    (33, 41),
    (42, 66),
)
"""Height and width of the clearing objects' boxes "1" to "10", pixels; common size (67, 70) as in the study."""
PASSED = "4"
"""The object that turns out not to be one: a worker only walked through it."""


@dataclass(frozen=True)
class WorldLayout:
    """Extent and contents of a world.

    Attributes:
        height: pixels of 10 m, a multiple of 6 (60 m bands).
        width: pixels of 10 m, a multiple of 6.
        scenes: (relative orbit, how many of its acquisitions from July to October were ordered), clearest ones.
        spring: likewise, from the end of March to June.
        stands: how many labelled stands are delivered.
        need_share: share of them that need clearing (study: about 0.6 of the test support).
        controls: control areas with known need, and as many known to be clear.
        objects: (height, width) of the clearing objects' boxes, pixels.
        stand_area: mean area of a forest stand, pixels (1 pixel = 0.01 ha).
        town: radius of the town, pixels.
    """

    height: int
    width: int
    scenes: tuple[tuple[int, int], ...]
    stands: int
    need_share: float = 0.6
    controls: int = 3
    objects: tuple[tuple[int, int], ...] = OBJECTS
    stand_area: int = 450
    town: int = 60
    spring: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        """Refuse a world whose native grids would not fit.

        Raises:
            ValueError: a side is no multiple of 6 pixels.
        """
        if self.height % 6 or self.width % 6:
            raise ValueError(
                f"a world of {self.height} x {self.width} pixels cannot be divided into 60 m pixels; use multiples of 6"
            )

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) of the 10 m grid."""
        return self.height, self.width


SPRING: dict[str, tuple[tuple[int, int], ...]] = {
    "quick": ((65, 3), (22, 2), (108, 2)),
    "full": ((65, 7), (22, 5), (108, 5)),
}
"""What the year has more than the season of the study, by size."""

LAYOUTS: dict[str, WorldLayout] = {
    "quick": WorldLayout(480, 600, scenes=((65, 4), (22, 3), (108, 3)), stands=40, controls=2, town=34),
    "full": WorldLayout(1200, 1500, scenes=((65, 9), (22, 7), (108, 7)), stands=200),
}


def corner(row: float, column: float) -> tuple[float, float]:
    """Upper-left corner of a 10 m pixel.

    Args:
        row: from the top.
        column: from the left.

    Returns:
        Easting and northing, metres.
    """
    return ORIGIN[0] + PIXEL * column, ORIGIN[1] - PIXEL * row


def transform(resolution: float = PIXEL, row: int = 0, column: int = 0) -> Affine:
    """Grid of the world, or of a window of it.

    Args:
        resolution: pixel size, metres.
        row: first row of the window, 10 m pixels.
        column: first column of the window, 10 m pixels.

    Returns:
        From (column, row) to (easting, northing).
    """
    left, top = corner(row, column)
    return Affine(resolution, 0.0, left, 0.0, -resolution, top)
