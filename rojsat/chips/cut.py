"""Chips between cutting and storing, and the chips that were left out with the reason. Knows numpy and pandas only."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.chips import harvest_years, seen
from rojsat.chips.bands import CLOUD
from rojsat.chips.boxes import COLUMNS
from rojsat.chips.seen import cloudy, lead_array, measured

KINDS: dict[str, Any] = {"boa": np.uint16, "toa": np.uint16, harvest_years.ARRAY: np.uint16} | dict.fromkeys(
    ("tci", "scl", "csmask", "cloud", "outline"), np.uint8
)
"""Arrays a chip may have, `boa` or `toa` it must have, and how they are stored."""


_APART = ("arrays", "window", "box", "years")


@dataclass(frozen=True)
class Cut:
    """A chip before it is stored and padded.

    Attributes:
        region, role, label: id of the region, stand or clearing or control, its label or None.
        datetime, relative_orbit: of the scene, UTC and 1 to 143 (0 = unknown).
        crs: coordinate system, `EPSG:32633`.
        transform: six affine numbers at the chip's upper-left corner: (step, 0, easting, 0, -step,
            northing).
        arrays: `boa` (B, h, w) uint16, 0 = nodata, or `toa` likewise, or both; if known `tci` (3, h, w) uint8,
            `scl` (h, w) uint8, `csmask` (h, w) uint8, see `bands.CSMASK`, `cloud` (h, w) uint8, 1 where a cloud is
            near, `outline` (h, w) uint8, 1 inside the region's polygon, and `harvest` (h, w) uint16, days since the
            latest harvest, 0 = none known.
        scale, offset: boa reflectance = stored * scale + offset.
        toa_scale, toa_offset: likewise for toa.
        row, col: upper-left pixel of the chip's box in the region's grid.
        window: whether the chip is one of several windows of a large region.
        zeroed: whether its degree counts as 0, because the scene is later than the clearing of the region.
        strength: of the label, where labels differ in it: strong or weak; the index has the column only then.
        box: row, column, height and width of the region's own box in the chip; None: it is cut without surroundings.
        years: of the region, since the latest harvest; NaN: none known. In the index where there is `harvest`.
    """

    region: str
    role: str
    label: str | None
    datetime: pd.Timestamp
    relative_orbit: int
    crs: str
    transform: tuple[float, ...]
    arrays: Mapping[str, NDArray[Any]] = field(repr=False)
    scale: float = 1e-4
    offset: float = 0.0
    toa_scale: float = 1e-4
    toa_offset: float = 0.0
    row: int = 0
    col: int = 0
    window: bool = False
    zeroed: bool = False
    strength: str | None = None
    box: tuple[int, int, int, int] | None = None
    years: float = float("nan")

    @property
    def date(self) -> str:
        """Day of the scene (UTC), ISO."""
        return self.datetime.strftime("%Y-%m-%d")

    @property
    def id(self) -> str:
        """`<region>_<date>_<orbit>`, with row and column in the region's grid if it is one of several windows."""
        region_id = f"{self.region}_{self.date}_{self.relative_orbit:03d}"
        return f"{region_id}_r{self.row}c{self.col}" if self.window else region_id

    @property
    def kinds(self) -> str:
        """Its arrays, sorted, with commas between."""
        return ",".join(sorted(self.arrays))

    @cached_property
    def nodata(self) -> float:
        """Share of pixels that lack a band, in [0, 1]; of the region's own box, as that of cloud."""
        return float(1 - measured(self.arrays)[self._inside].mean())

    @cached_property
    def cloud(self) -> float:
        """Share of the pixels with data that are cloud, or near one, in [0, 1]; NaN without cloud mask or data."""
        data = measured(self.arrays)[self._inside]
        if not {*seen.KINDS} & {*self.arrays} or not data.any():
            return float("nan")
        return float(cloudy(self.arrays, CLOUD)[self._inside][data].mean())

    @property
    def _inside(self) -> tuple[slice, slice]:
        """Rows and columns of the region's own box."""
        if self.box is None:
            return slice(None), slice(None)
        top, left, height, width = self.box
        return slice(top, top + height), slice(left, left + width)

    @property
    def hash(self) -> str:
        """Sha256 of the pixels and their shapes, hexadecimal."""
        digest = hashlib.sha256()
        for kind in sorted(self.arrays):
            array = np.ascontiguousarray(self.arrays[kind], dtype=KINDS[kind])
            digest.update(f"{kind}{array.shape}".encode() + array.astype(array.dtype.newbyteorder("<")).tobytes())
        return digest.hexdigest()

    def facts(self) -> dict[str, Any]:
        """The chip's row of the index."""
        height, width = self.arrays[lead_array(self.arrays)].shape[-2:]
        left_out = {*_APART, *(("strength",) if self.strength is None else ())}
        names = [attribute.name for attribute in fields(self) if attribute.name not in left_out]
        return {
            "chip": self.id,
            **{name: getattr(self, name) for name in [*names, "date", "kinds", "nodata", "cloud", "hash"]},
            "transform": list(self.transform),
            "easting": self.transform[2],
            "northing": self.transform[5],
            "height": height,
            "width": width,
            **({} if self.box is None else dict(zip(COLUMNS, self.box, strict=True))),
            **({harvest_years.CHANNEL: self.years} if harvest_years.ARRAY in self.arrays else {}),
        }


@dataclass(frozen=True)
class Dropped:
    """A chip, or a complete region (no date, orbit -1), that was left out, the reason, and its shares where known."""

    region: str
    role: str
    reason: str
    date: str | None = None
    relative_orbit: int = -1
    nodata: float = float("nan")
    cloud: float = float("nan")
