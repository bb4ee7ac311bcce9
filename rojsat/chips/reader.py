"""The waist: chips as raw numbers in a Zarr store beside a table. Knows numpy, pandas and zarr only.

Only reads; `writer` writes.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.chips import (
    boxes,
    channels,
    harvest_years,
    index_file,
    outline_file,
    store_arrays,
    store_facts,
    stored_planes,
)
from rojsat.chips.bands import CLOUD
from rojsat.chips.chip import Chip
from rojsat.chips.degree_scale import stored_heat
from rojsat.config import s3_folder
from rojsat.config.s3_folder import Folder

ORDER = ["role", "region", "date", "relative_orbit", "row", "col"]
"""What the index is sorted by."""

CHUNK = 16
"""Chips in a chunk of the store: reading or writing one costs little more than reading or writing a single chip."""

KEPT = 32
"""Chunks kept in memory while chips are read, over all arrays."""


class NoChipsError(ValueError):
    """There is no chip of this role and these channels."""


class Chips:
    """Reads a chip store.

    Attributes:
        index: one row a chip, sorted by `ORDER`; with the columns of `boxes`, whether or not the store has them.
        dropped: chips and regions that were left out: region, role, date, relative_orbit, reason.
        digest: sha256 over all pixels, their rows of the index, and masks.
        recipe: how the chips were cut.
        facts: all of `chips.json`.
        heat: what masks hold that are not scaled; None: degrees.
    """

    def __init__(self, path: Folder | str) -> None:
        """Open the store at `path` (`data/processed/<data set>`, or `s3://bucket/prefix/<data set>`).

        Raises:
            ValueError: if it is absent or was never finished, or S3 does not give it.
        """
        self.path = s3_folder.folder(path)
        self.facts = store_facts.read(self.path)
        self.digest: str = self.facts["digest"]
        self.recipe: dict[str, Any] = self.facts["recipe"]
        self.heat = stored_heat(self.facts)
        self.index = index_file.read_chips(self.path / "index.parquet", self.facts["regions"])
        self.dropped = index_file.read(self.path / "dropped.parquet")
        self._rows: dict[str, Any] = {row["chip"]: row for row in self.index.to_dict("records")}
        self._stored_arrays = store_arrays.opened(self.path, sorted(self.index["role"].unique()))
        self._arrays, self._bands = self._stored_arrays.by_role, self._stored_arrays.bands
        self._expanded: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._scales: dict[str, dict[str, NDArray[np.float32]]] = {}
        self._computed: dict[tuple[str, tuple[str, ...], int], NDArray[np.float32]] = {}
        self._read_masks: dict[str, NDArray[np.float32]] = {}
        self._chunks: OrderedDict[tuple[str, str, int], NDArray[Any]] = OrderedDict()
        self._last: Chip | None = None

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles there are chips of, sorted."""
        return tuple(self._arrays)

    def expand(self, role: str, names: Sequence[str]) -> tuple[str, ...]:
        """Write out channel names and groups as single channels that chips of `role` can give.

        Raises:
            UnknownNameError: if they cannot; the message names the nearest they can.
            ValueError: if there is no chip of `role`.
        """
        key = (role, *names)
        if key not in self._expanded:
            boa, toa = self.bands(role, "boa"), self.bands(role, "toa")
            arrays = self._arrays[role]
            optional = {"outline": "outline" in arrays, "harvest": harvest_years.ARRAY in arrays}
            self._expanded[key] = channels.expand(names, boa, toa, tci="tci" in arrays, **optional)
        return self._expanded[key]

    def names(self, role: str) -> tuple[str, ...]:
        """All single channels that chips of `role` can give: TCI, stored bands, indices, outline, years."""
        boa, toa = self.bands(role, "boa"), self.bands(role, "toa")
        tci = channels.TCI if "tci" in self._arrays[role] else ()
        indices = [index for index in channels.__all__ if set(channels.bands(index)) <= set(boa)]
        outline = (channels.OUTLINE,) if "outline" in self._arrays[role] else ()
        years = (harvest_years.CHANNEL,) if harvest_years.ARRAY in self._arrays[role] else ()
        return (*tci, *boa, *(f"toa.{band}" for band in toa), *indices, *outline, *years)

    def rows(self, role: str, names: Sequence[str]) -> pd.DataFrame:
        """Rows of the index: the chips of `role` whose scenes hold what the single channels `names` need.

        Raises:
            NoChipsError: if there is none.
        """
        needed = {channels.kind(plane) for plane in channels.needs(names)}
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
        if role not in self._arrays:
            raise ValueError(f"{self.path} has no chips of role {role!r}; it has {', '.join(self.roles)}")
        return self._bands[role][kind]

    def size(self, role: str) -> tuple[int, int]:
        """Common height and width of the chips of `role`, pixels."""
        height, width = next(iter(self._arrays[role].values())).shape[-2:]
        return height, width

    def read(self, chip: str | int) -> Chip:
        """Read one chip by its id or its position in `index`.

        Raises:
            ValueError: if there is no such chip.
        """
        row = self._row(chip)
        if self._last is None or self._last.row["chip"] != row["chip"]:
            self._last = self._read(row)
        return self._last

    def channels(self, chip: str | int, names: Sequence[str]) -> NDArray[np.float32]:
        """`Chip.channels` of one chip; `names` may hold groups.

        All chips of its chunk are computed at once, which takes less time than decoding the chunk, and kept.

        Raises:
            ValueError: if there is no such chip, or its scene lacks what the channels need.
        """
        row = self._row(chip)
        expanded = self.expand(row["role"], names)
        number, slot = divmod(row["position"], CHUNK)
        lacking = {channels.kind(plane) for plane in channels.needs(expanded)} - set(row["kinds"].split(","))
        if lacking:
            raise ValueError(
                f"chip {row['chip']} has no {', '.join(sorted(lacking))}; `Chips.rows` gives those that do"
            )
        return self._chunk_channels(row["role"], expanded, number)[:, slot].copy()

    def _chunk_channels(self, role: str, names: tuple[str, ...], number: int) -> NDArray[np.float32]:
        """(C, N, H, W): channels of all chips of a chunk; those of the last two stay in memory."""
        key = (role, names, number)
        computed = self._computed.get(key)
        if computed is None:
            needed = channels.needs(names)
            arrays = {kind: self._chunk(role, kind, number) for kind in {channels.kind(plane) for plane in needed}}
            part = slice(number * CHUNK, (number + 1) * CHUNK)
            scales = {name: values[part] for name, values in self._scales_of(role).items()}
            computed = channels.compute(names, stored_planes.planes(needed, arrays, self._bands[role], scales))
            self._computed = {**dict(list(self._computed.items())[-1:]), key: computed}
        return computed

    def _scales_of(self, role: str) -> dict[str, NDArray[np.float32]]:
        """`stored_planes.SCALES` by position; 0 of a slot without a chip."""
        if role not in self._scales:
            rows, slots = self.index[self.index["role"] == role], next(iter(self._arrays[role].values())).shape[0]
            by_position = {name: np.zeros(slots, np.float32) for name in stored_planes.SCALES}
            for name, values in by_position.items():
                values[rows["position"]] = rows[name]
            self._scales[role] = by_position
        return self._scales[role]

    def seen(self, chip: str | int, cloud: Sequence[int] = CLOUD) -> NDArray[np.bool_]:
        """`Chip.seen` of one chip."""
        return self.read(chip).seen(cloud)

    def mask(self, chip: str | int, cloud: Sequence[int] = CLOUD) -> NDArray[np.float32]:
        """`Chip.mask` of one chip."""
        return self.read(chip).mask(cloud)

    def stored(self, chip: str | int) -> NDArray[np.float32]:
        """(H, W) float32: what the mask of one chip holds, degree or heat, seen or not; -1 where unlabelled."""
        return self.read(chip).stored

    def region_mask(self, region: str) -> NDArray[np.float32] | None:
        """What the mask of a region holds, on its grid, (h, w) float32, -1 where unlabelled; None without a mask."""
        if region in self._stored_arrays.masks and region not in self._read_masks:
            self._read_masks[region] = self._stored_arrays.mask(region)
        return self._read_masks.get(region)

    @cached_property
    def outlines(self) -> dict[str, list[NDArray[np.float64]]]:
        """Rings of each region, `(N, 2)` column and row on its grid; none in a store without outlines."""
        return outline_file.read(self.path)

    def apart(self) -> "Chips":
        """The same store with chunks and masks of its own in memory, for another thread."""
        other = copy(self)
        other._chunks, other._computed, other._read_masks, other._last = OrderedDict(), {}, {}, None
        return other

    def _row(self, chip: str | int) -> dict[str, Any]:
        """The row of the index of a chip, by its id or its position there."""
        name = self.index["chip"].iloc[chip] if isinstance(chip, int | np.integer) else chip
        if name not in self._rows:
            raise ValueError(f"{self.path} has no chip {name!r}; ids look like {self.index['chip'].iloc[0]!r}")
        row: dict[str, Any] = self._rows[name]
        return row

    def _read(self, row: Mapping[str, Any]) -> Chip:
        role, (number, slot) = row["role"], divmod(row["position"], CHUNK)
        arrays = {kind: self._chunk(role, kind, number)[slot].copy() for kind in row["kinds"].split(",")}
        return Chip(row, arrays, self._bands[role], self._stored(row))

    def _chunk(self, role: str, kind: str, number: int) -> NDArray[Any]:
        """A chunk of an array, (N, ...); those read last stay in memory."""
        key = (role, kind, number)
        if key not in self._chunks:
            self._chunks[key] = self._stored_arrays.read(role, kind, number * CHUNK, (number + 1) * CHUNK)
            if len(self._chunks) > KEPT:
                self._chunks.popitem(last=False)
        self._chunks.move_to_end(key)
        return self._chunks[key]

    def _stored(self, row: Mapping[str, Any]) -> NDArray[np.float32]:
        stored = np.full(self.size(row["role"]), -1, np.float32)  # (H, W)
        top, left, mask = row["row"], row["col"], self.region_mask(row["region"])
        if mask is not None:
            part = mask[top : top + row["box_height"], left : left + row["box_width"]]
            stored[boxes.inside(row)] = np.where((part >= 0) & row["zeroed"], np.float32(0), part)
        return stored
