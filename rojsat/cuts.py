"""Writes the waist: freshly cut chips become the Zarr store and the table that `chips.Chips` reads.

Knows numpy, pandas and zarr only, so that a store can be made from any arrays.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import zarr
from numpy.typing import NDArray

from rojsat.bands import CLOUD
from rojsat.chips import ORDER

KINDS = {"boa": np.uint16, "toa": np.uint16, "tci": np.uint8, "scl": np.uint8}
"""Arrays a chip may have, `boa` it must have, and how they are stored."""


@dataclass(frozen=True)
class Cut:
    """A chip before it is stored, not yet padded.

    Attributes:
        region, role, label: id of the region, stand or clearing or probe, its label as a whole or None.
        datetime, relative_orbit: of the scene, UTC and 1 to 143 (0 = unknown).
        crs: coordinate system, `EPSG:32633`.
        transform: six affine numbers at the chip's upper-left corner: (step, 0, easting, 0, -step,
            northing).
        arrays: `boa` (B, h, w) uint16, 0 = nodata; if known `toa` likewise, `tci` (3, h, w) uint8,
            `scl` (h, w) uint8.
        scale, offset: boa reflectance = stored * scale + offset.
        toa_scale, toa_offset: likewise for toa.
        row, col: upper-left pixel of the chip in the region's grid.
        window: whether the chip is one of several windows of a large region.
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

    @property
    def date(self) -> str:
        """Day of the scene (UTC), ISO."""
        return self.datetime.strftime("%Y-%m-%d")

    @property
    def id(self) -> str:
        """`<region>_<date>_<orbit>`, with the place in the region's grid if it is one of several windows."""
        whole = f"{self.region}_{self.date}_{self.relative_orbit:03d}"
        return f"{whole}_r{self.row}c{self.col}" if self.window else whole

    @property
    def nodata(self) -> float:
        """Share of pixels that lack a band of `boa`, in [0, 1]."""
        return float((self.arrays["boa"] == 0).any(axis=0).mean())

    @property
    def cloud(self) -> float:
        """Share of the pixels with data that are cloud (SCL 8, 9, 10), in [0, 1]; NaN without SCL or data."""
        data = (self.arrays["boa"] > 0).all(axis=0)
        if "scl" not in self.arrays or not data.any():
            return float("nan")
        return float(np.isin(self.arrays["scl"][data], CLOUD).mean())

    @property
    def hash(self) -> str:
        """Sha256 of the pixels and their shapes, hexadecimal."""
        found = hashlib.sha256()
        for kind in sorted(self.arrays):
            array = np.ascontiguousarray(self.arrays[kind], dtype=KINDS[kind])
            found.update(f"{kind}{array.shape}".encode() + array.astype(array.dtype.newbyteorder("<")).tobytes())
        return found.hexdigest()


@dataclass(frozen=True)
class Dropped:
    """A chip, or a whole region (no date, orbit -1), that was left out, and why."""

    region: str
    role: str
    reason: str
    date: str | None = None
    relative_orbit: int = -1


@dataclass(frozen=True)
class Layout:
    """What the arrays of one role look like.

    Attributes:
        size: common height and width, pixels.
        capacity: no more chips than this will come.
        boa, toa: bands of these arrays; no band of `toa`: no such array.
        tci, scl: whether there is such an array.
    """

    size: tuple[int, int]
    capacity: int
    boa: tuple[str, ...]
    toa: tuple[str, ...] = ()
    tci: bool = False
    scl: bool = False

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of one chip in each array there is."""
        count = {"boa": len(self.boa), "toa": len(self.toa), "tci": 3 * self.tci}
        shapes: dict[str, tuple[int, ...]] = {kind: (n, *self.size) for kind, n in count.items() if n}
        return shapes | ({"scl": self.size} if self.scl else {})


def write(
    destination: Path,
    cuts: Iterable[Cut | Dropped],
    *,
    layouts: Mapping[str, Layout],
    masks: Mapping[str, NDArray[np.float32]],
    regions: Mapping[str, Any],
    recipe: Mapping[str, Any],
    versions: Mapping[str, str] | None = None,
) -> None:
    """Write a chip store; if anything fails, `destination` is gone.

    Args:
        destination: an empty folder, or none yet.
        cuts: chips in any order, each written as it comes, and what was left out.
        layouts: for every role there is.
        masks: degree of each region on its grid, (h, w) float32 in [0, 1], -1 = unknown.
        regions: facts about the regions for `chips.json` (shape, transform and crs of their grids).
        recipe: how the chips were cut, for `chips.json`.
        versions: tools that cut them, for `chips.json`.

    Raises:
        ValueError: if a chip comes twice, does not fit its layout, or none comes at all.
    """
    destination.mkdir(parents=True, exist_ok=True)
    try:
        store = zarr.open_group(destination / "store.zarr", mode="w", zarr_format=3)
        index, dropped = _fill(store, cuts, layouts)
        for region in sorted(masks):
            store.create_array(f"masks/{region}", data=masks[region].astype(np.float32), fill_value=-1.0)
        index.to_parquet(destination / "index.parquet", index=False)
        dropped.to_parquet(destination / "dropped.parquet", index=False)
        facts = {
            "digest": digest(index, masks),
            "chips": len(index),
            "recipe": dict(recipe),
            "versions": {name: version(name) for name in ("numpy", "zarr")} | dict(versions or {}),
            "layouts": {role: asdict(layout) for role, layout in layouts.items()},
            "regions": dict(regions),
        }
        (destination / "chips.json").write_text(json.dumps(facts, indent=1) + "\n")
    except BaseException:  # an interrupt too
        shutil.rmtree(destination)
        raise


def digest(index: pd.DataFrame, masks: Mapping[str, NDArray[np.float32]]) -> str:
    """Sha256 over the pixels of all chips, what the index says of them, and the masks; hexadecimal."""
    found = hashlib.sha256()
    said = ["chip", "role", "label", "crs", "transform", "scale", "offset", "toa_scale", "toa_offset", "hash"]
    for row in index.sort_values(ORDER)[said].itertuples(index=False):
        found.update(json.dumps([list(v) if isinstance(v, np.ndarray) else v for v in row]).encode())
    for region in sorted(masks):
        found.update(f"{region}{masks[region].shape}".encode() + masks[region].astype("<f4").tobytes())
    return found.hexdigest()


def _fill(
    store: zarr.Group, cuts: Iterable[Cut | Dropped], layouts: Mapping[str, Layout]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    groups = {role: _create(store, role, layout) for role, layout in layouts.items()}
    rows: dict[str, dict[str, Any]] = {}
    dropped: list[Dropped] = []
    counts = dict.fromkeys(layouts, 0)
    for cut in cuts:
        if isinstance(cut, Dropped):
            dropped.append(cut)
            continue
        if cut.id in rows:
            raise ValueError(f"chip {cut.id} was cut twice")
        _put(groups[cut.role], cut, counts[cut.role])
        rows[cut.id] = _row(cut, counts[cut.role])
        counts[cut.role] += 1
    if not rows:
        reasons = "; ".join(sorted({one.reason for one in dropped})[:5]) or "there was nothing to cut"
        raise ValueError(f"no chip was cut; {len(dropped)} were left out: {reasons}")
    for role, arrays in groups.items():
        for array in arrays.values():
            array.resize((counts[role], *array.shape[1:]))
    index = pd.DataFrame(list(rows.values())).sort_values(ORDER, ignore_index=True)
    columns = ["region", "role", "date", "relative_orbit", "reason"]
    left = pd.DataFrame([asdict(one) for one in dropped], columns=columns)
    return index, left.sort_values(columns, ignore_index=True)


def _create(store: zarr.Group, role: str, layout: Layout) -> dict[str, zarr.Array]:
    group = store.create_group(role, attributes={"boa_bands": list(layout.boa), "toa_bands": list(layout.toa)})
    return {
        kind: group.create_array(
            kind, shape=(layout.capacity, *shape), chunks=(1, *shape), dtype=KINDS[kind], fill_value=0
        )
        for kind, shape in layout.shapes().items()
    }


def _put(arrays: Mapping[str, zarr.Array], cut: Cut, position: int) -> None:
    if set(arrays) != set(cut.arrays):
        raise ValueError(f"chip {cut.id} has {sorted(cut.arrays)}, the others have {sorted(arrays)}")
    for kind, array in arrays.items():
        pixels, shape = cut.arrays[kind], array.shape[1:]
        if pixels.shape[:-2] != shape[:-2] or pixels.shape[-2] > shape[-2] or pixels.shape[-1] > shape[-1]:
            raise ValueError(f"{kind} of chip {cut.id} is {pixels.shape}; it must fit into {shape}")
        whole = np.zeros(shape, KINDS[kind])
        whole[..., : pixels.shape[-2], : pixels.shape[-1]] = pixels
        array[position] = whole


def _row(cut: Cut, position: int) -> dict[str, Any]:
    height, width = cut.arrays["boa"].shape[-2:]
    said = [one.name for one in fields(cut) if one.name not in ("arrays", "window")]
    return {
        "chip": cut.id,
        **{name: getattr(cut, name) for name in [*said, "date", "nodata", "cloud", "hash"]},
        "transform": list(cut.transform),
        "easting": cut.transform[2],
        "northing": cut.transform[5],
        "height": height,
        "width": width,
        "position": position,
    }
