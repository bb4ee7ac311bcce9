"""Mistakes with products that show the same ground: of two tiles, at midnight, behind a folder that may not be read."""

import os
from pathlib import Path

import numpy as np

from bench.silent_errors import ground
from bench.silent_errors.ground import EAST, NORTH, STAND_FILE
from bench.silent_errors.sandbox import Sandbox
from bench.silent_errors.trials import Trial, case
from rojsat.chips.bands import RESOLUTION, TOA

SOUTHWARD = 60
"""Metres by which the second tile lies further south: a multiple of the pixels of every resolution."""


def _two_tiles(sandbox: Sandbox, first: str, second: str) -> list[Path]:
    """Two products of the same ground, the second of the tile to the south, sensed at such times."""
    lower = {}
    for band in TOA:
        plane, rows = ground.reflectance(band, RESOLUTION[band]), SOUTHWARD // RESOLUTION[band]
        lower[band] = np.vstack([plane[rows:], plane[-rows:] + 0.0023 * SOUTHWARD / 10])
    ground.stands().to_file(sandbox.archive / "stands.gpkg")
    corner = (EAST, NORTH - SOUTHWARD)
    return [
        ground.write_product(sandbox.archive, sensing=first, strip=first),
        ground.write_product(sandbox.archive, ground=lower, tile="33VXF", corner=corner, sensing=second, strip=second),
    ]


def _views(sandbox: Sandbox) -> int:
    """How many chips a stand has that both tiles show."""
    sandbox.make(ground.words("safe", sandbox.archive, [STAND_FILE], "data.options.bands=[B02, B03, B04, B08]"))
    index = sandbox.chips.index
    return int((index["region"] == "c1").sum())


@case(names="tiles?|overlap")
def scene_of_a_neighbouring_tile(sandbox: Sandbox) -> Trial:
    """Two tiles of one overpass overlap: a stand in both was seen once, not twice."""
    products = _two_tiles(sandbox, "20190723T101031", "20190723T101031")
    return Trial(1, lambda: _views(sandbox), lambda: len(products))


@case(names="midnight|copy|same pixels")
def overpass_across_midnight(sandbox: Sandbox) -> Trial:
    """Two overlapping tiles of one overpass, one sensed before midnight of UTC and one after, bear two dates."""
    _two_tiles(sandbox, "20190723T235951", "20190724T000013")

    def by_script() -> int:
        return len({path.name.split("_")[2][:8] for path in sandbox.archive.glob("*.SAFE")})

    return Trial(1, lambda: _views(sandbox), by_script)


def folder_that_may_not_be_read(sandbox: Sandbox) -> Trial:
    """One of two products lies in a folder that this user may not read."""
    ground.write_product(sandbox.archive)
    closed = sandbox.archive / "closed"
    closed.mkdir()
    ground.write_product(closed, sensing="20190813T101031")
    ground.stands().to_file(sandbox.archive / "stands.gpkg")

    def by_rojsat() -> int:
        closed.chmod(0)
        try:
            sandbox.make(ground.words("safe", sandbox.archive, [STAND_FILE]))
        finally:
            closed.chmod(0o755)
        return int(sandbox.chips.index["date"].nunique())

    def by_script() -> int:
        closed.chmod(0)
        try:
            return len(list(sandbox.archive.rglob("*_B04_10m.jp2")))
        finally:
            closed.chmod(0o755)

    return Trial(2, by_rojsat, by_script)


if os.geteuid() != 0:  # root may read all
    case(names="permission|may not be read|cannot be read")(folder_that_may_not_be_read)
