"""One chip of the store: its pixels, channels and mask. Knows numpy only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rojsat.chips import channels, harvest_years
from rojsat.chips.bands import CLOUD
from rojsat.chips.seen import cloudy, measured


@dataclass(frozen=True)
class Chip:
    """One region in one scene, or one window of it, padded at the right and bottom to the role's common size.

    Around the region's own box there may be surroundings: `rojsat.chips.boxes` says where the box is.

    Attributes:
        row: its row of the index.
        arrays: the pixels of its scene: `boa` (B, H, W) uint16, 0 = nodata, `toa` likewise, or both; `tci` (3, H, W)
            uint8, `scl` (H, W) uint8, `csmask` (H, W) uint8, see `bands.CSMASK`, `cloud` (H, W) uint8, 1 where a cloud
            is near, `outline` (H, W) uint8, 1 inside the region's polygon, `harvest` (H, W) uint16, days since the
            latest harvest, 0 = none known. Padding is 0 in all.
        bands: names of the bands of `boa` and `toa`.
        stored: (H, W) float32, what the region's mask holds: degree in [0, 1], or heat, 0 or more; -1 where unknown,
            as in all surroundings, seen or not; 0 where it is known but the scene is later than the clearing, if the
            store was cut so.
    """

    row: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]
    bands: Mapping[str, tuple[str, ...]]
    stored: NDArray[np.float32]

    @property
    def degree(self) -> NDArray[np.float32]:
        """(H, W) float32 degree in [0, 1], -1 where unknown; of heat, scaled over all regions."""
        return np.minimum(self.stored, np.float32(1))

    def plane(self, name: str) -> NDArray[np.float32]:
        """A stored plane by its name: (H, W) float32 reflectance, NaN if nodata; TCI / 255; outline, 0 or 1; years."""
        if name == channels.OUTLINE:
            return self.arrays["outline"].astype(np.float32)
        if name == harvest_years.CHANNEL:
            return harvest_years.channel(self.arrays[harvest_years.ARRAY])
        if name in channels.TCI:
            return self.arrays["tci"][channels.TCI.index(name)] / np.float32(255)
        kind, band = ("toa", name.removeprefix("toa.")) if name.startswith("toa.") else ("boa", name)
        stored = self.arrays[kind][self.bands[kind].index(band)]
        prefix = "toa_" if kind == "toa" else ""
        scale, offset = self.row[f"{prefix}scale"], self.row[f"{prefix}offset"]
        return np.where(stored > 0, stored * np.float32(scale) + np.float32(offset), np.float32(np.nan))

    def channels(self, names: Sequence[str]) -> NDArray[np.float32]:
        """The single channels `names`: (C, H, W) float32, NaN where one is unknown, never infinite."""
        return channels.compute(names, {name: self.plane(name) for name in channels.needs(names)})

    def seen(self, cloud: Sequence[int] = CLOUD) -> NDArray[np.bool_]:
        """(H, W): no padding, data in every band of `boa` (else `toa`), no class of `cloud` (SCL) and none near."""
        seen = measured(self.arrays) & ~cloudy(self.arrays, cloud)
        seen[self.row["height"] :] = False
        seen[:, self.row["width"] :] = False
        return seen

    def mask(self, cloud: Sequence[int] = CLOUD) -> NDArray[np.float32]:
        """(H, W) float32 degree in [0, 1], -1 where unlabelled or unseen."""
        return np.where(self.seen(cloud), self.degree, np.float32(-1))
