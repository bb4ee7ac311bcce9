"""The waist: chips as raw numbers in a Zarr store beside a table. Knows numpy, pandas and zarr only.

Only reads; `writer` writes.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import zarr
from numpy.typing import NDArray

from rojsat.chips import boxes, channels
from rojsat.chips.bands import CLOUD
from rojsat.chips.seen import cloudy, measured

ORDER = ["role", "region", "date", "relative_orbit", "row", "col"]
"""What the index is sorted by."""

CHUNK = 16
"""Chips in a chunk of the store: reading or writing one costs little more than reading or writing a single chip."""

KEPT = 32
"""Chunks kept in memory while chips are read, over all arrays."""


class NoChipsError(ValueError):
    """There is no chip of this role and these channels."""


@dataclass(frozen=True)
class Chip:
    """One region in one scene, or one window of it, padded at the right and bottom to the role's common size.

    Around the region's own box there may be surroundings: `rojsat.chips.boxes` says where the box is.

    Attributes:
        row: its row of the index.
        arrays: the pixels of its scene: `boa` (B, H, W) uint16, 0 = nodata, `toa` likewise, or both; `tci` (3, H, W)
            uint8, `scl` (H, W) uint8, `cloud` (H, W) uint8, 1 where a cloud is near, `outline` (H, W) uint8, 1 inside
            the region's polygon. Padding is 0 in all.
        bands: names of the bands of `boa` and `toa`.
        degree: (H, W) float32 degree in [0, 1] of the region's mask, -1 where unknown, as in all surroundings, seen
            or not; 0 where it is known but the scene is later than the clearing, if the store was cut so.
    """

    row: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]
    bands: Mapping[str, tuple[str, ...]]
    degree: NDArray[np.float32]

    def plane(self, name: str) -> NDArray[np.float32]:
        """A stored plane by its name: (H, W) float32 reflectance, NaN where nodata; TCI / 255; the outline, 0 or 1."""
        if name == channels.OUTLINE:
            return self.arrays["outline"].astype(np.float32)
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
        """(H, W): no padding, data in every band of `boa` (else `toa`), no SCL value of `cloud` and none near."""
        seen = measured(self.arrays) & ~cloudy(self.arrays, cloud)
        seen[self.row["height"] :] = False
        seen[:, self.row["width"] :] = False
        return seen

    def mask(self, cloud: Sequence[int] = CLOUD) -> NDArray[np.float32]:
        """(H, W) float32 degree in [0, 1], -1 where unlabelled or unseen."""
        return np.where(self.seen(cloud), self.degree, np.float32(-1))


class Chips:
    """Reads a chip store.

    Attributes:
        index: one row a chip, sorted by `ORDER`; with the columns of `boxes`, whether or not the store has them.
        dropped: chips and regions that were left out: region, role, date, relative_orbit, reason.
        digest: sha256 over all pixels, their rows of the index, and masks.
        recipe: how the chips were cut.
        facts: all of `chips.json`.
    """

    def __init__(self, path: Path | str) -> None:
        """Open the store at `path` (`data/processed/<data set>`).

        Raises:
            ValueError: if it is absent or was never finished.
        """
        self.path = Path(path)
        if not (self.path / "chips.json").exists():
            make = f"python -m rojsat.stages.chips data={self.path.name}"
            raise ValueError(f"{self.path} holds no (finished) chips; `{make}` cuts them")
        self.facts: dict[str, Any] = json.loads((self.path / "chips.json").read_text())
        self.digest: str = self.facts["digest"]
        self.recipe: dict[str, Any] = self.facts["recipe"]
        self.index = boxes.with_boxes(_table(self.path / "index.parquet"))
        self.dropped = _table(self.path / "dropped.parquet")
        self._rows: dict[str, Any] = {row["chip"]: row for row in self.index.to_dict("records")}
        store: Any = zarr.open_group(self.path / "store.zarr", mode="r")
        self._groups = {role: store[role] for role in sorted(self.index["role"].unique())}
        self._arrays = {role: dict(group.arrays()) for role, group in self._groups.items()}
        self._masks = dict(store["masks"].arrays()) if "masks" in store else {}
        self._degrees: dict[str, NDArray[np.float32]] = {}
        self._chunks: OrderedDict[tuple[str, str, int], NDArray[Any]] = OrderedDict()
        self._last: Chip | None = None

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles there are chips of, sorted."""
        return tuple(self._groups)

    def expand(self, role: str, names: Sequence[str]) -> tuple[str, ...]:
        """Write out channel names and groups as single channels that chips of `role` can give.

        Raises:
            UnknownNameError: if they cannot; the message names the nearest they can.
            ValueError: if there is no chip of `role`.
        """
        boa, toa = self.bands(role, "boa"), self.bands(role, "toa")
        return channels.expand(
            names, boa, toa, tci="tci" in self._arrays[role], outline="outline" in self._arrays[role]
        )

    def names(self, role: str) -> tuple[str, ...]:
        """All single channels that chips of `role` can give: TCI, stored bands, indices, then the outline."""
        boa, toa = self.bands(role, "boa"), self.bands(role, "toa")
        tci = channels.TCI if "tci" in self._arrays[role] else ()
        indices = [index for index in channels.__all__ if set(channels.bands(index)) <= set(boa)]
        outline = (channels.OUTLINE,) if "outline" in self._arrays[role] else ()
        return (*tci, *boa, *(f"toa.{band}" for band in toa), *indices, *outline)

    def rows(self, role: str, names: Sequence[str]) -> pd.DataFrame:
        """Rows of the index: the chips of `role` whose scenes hold what the single channels `names` need.

        Raises:
            NoChipsError: if there is none.
        """
        needed = {_kind(plane) for plane in channels.needs(names)}
        role_rows = self.index[self.index["role"] == role]
        able = role_rows[[needed <= set(kinds.split(",")) for kinds in role_rows["kinds"]]]
        if not len(able):
            raise NoChipsError(f"{self.path} has no chip of role {role!r} with {', '.join(sorted(needed))}")
        return able.reset_index(drop=True)

    def bands(self, role: str, kind: str) -> tuple[str, ...]:
        """Bands of the array `boa` or `toa` of the chips of `role`, in the order stored; none without it.

        Raises:
            ValueError: if there is no chip of `role`.
        """
        if role not in self._groups:
            raise ValueError(f"{self.path} has no chips of role {role!r}; it has {', '.join(self.roles)}")
        return tuple(self._groups[role].attrs.get(f"{kind}_bands", ()))

    def size(self, role: str) -> tuple[int, int]:
        """Common height and width of the chips of `role`, pixels."""
        height, width = self._arrays[role]["boa"].shape[-2:]
        return height, width

    def read(self, chip: str | int) -> Chip:
        """Read one chip by its id or its position in `index`.

        Raises:
            ValueError: if there is no such chip.
        """
        name = self.index["chip"].iloc[chip] if isinstance(chip, int | np.integer) else chip
        if self._last is None or self._last.row["chip"] != name:
            self._last = self._read(name)
        return self._last

    def channels(self, chip: str | int, names: Sequence[str]) -> NDArray[np.float32]:
        """`Chip.channels` of one chip; `names` may hold groups."""
        row_chip = self.read(chip)
        return row_chip.channels(self.expand(row_chip.row["role"], names))

    def seen(self, chip: str | int, cloud: Sequence[int] = CLOUD) -> NDArray[np.bool_]:
        """`Chip.seen` of one chip."""
        return self.read(chip).seen(cloud)

    def mask(self, chip: str | int, cloud: Sequence[int] = CLOUD) -> NDArray[np.float32]:
        """`Chip.mask` of one chip."""
        return self.read(chip).mask(cloud)

    def _read(self, name: str) -> Chip:
        if name not in self._rows:
            raise ValueError(f"{self.path} has no chip {name!r}; ids look like {self.index['chip'].iloc[0]!r}")
        row = self._rows[name]
        role, position = row["role"], row["position"]
        arrays = {kind: self._chunk(role, kind, position) for kind in row["kinds"].split(",")}
        names = {kind: self.bands(role, kind) for kind in ("boa", "toa")}
        return Chip(row, arrays, names, self._degree(row))

    def _chunk(self, role: str, kind: str, position: int) -> NDArray[Any]:
        """One chip's part of an array; the chunks read last stay in memory."""
        number, slot = divmod(position, CHUNK)
        key = (role, kind, number)
        if key not in self._chunks:
            self._chunks[key] = np.asarray(self._arrays[role][kind][number * CHUNK : (number + 1) * CHUNK])
            if len(self._chunks) > KEPT:
                self._chunks.popitem(last=False)
        self._chunks.move_to_end(key)
        return self._chunks[key][slot].copy()

    def _degree(self, row: Mapping[str, Any]) -> NDArray[np.float32]:
        degree = np.full(self.size(row["role"]), -1, np.float32)  # (H, W)
        region, top, left = row["region"], row["row"], row["col"]
        if region in self._masks and region not in self._degrees:
            self._degrees[region] = np.asarray(self._masks[region][:])
        if region in self._degrees:
            part = self._degrees[region][top : top + row["box_height"], left : left + row["box_width"]]
            degree[boxes.inside(row)] = np.where((part >= 0) & row["zeroed"], np.float32(0), part)
        return degree


def _kind(plane: str) -> str:
    """The array that holds a plane."""
    if plane == channels.OUTLINE:
        return "outline"
    return "tci" if plane in channels.TCI else "toa" if plane.startswith("toa.") else "boa"


def _table(path: Path) -> pd.DataFrame:
    """Read a table whose missing text is None, not NaN."""
    table = pd.read_parquet(path)
    text = table.select_dtypes(["str", "object"])
    for name, column in text.items():
        table[name] = column.astype(object).where(column.notna(), None)
    return table
