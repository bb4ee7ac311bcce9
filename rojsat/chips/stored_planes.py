"""Planes of chips in their own units, from the numbers that the store holds. Knows numpy only."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rojsat.chips import channels
from rojsat.chips.channels import Plane

SCALES = ["scale", "offset", "toa_scale", "toa_offset"]
"""Columns of the index that reflectance is computed with."""


def planes(
    names: Sequence[str],
    arrays: Mapping[str, NDArray[Any]],
    bands: Mapping[str, Sequence[str]],
    scales: Mapping[str, Any],
) -> dict[str, Plane]:
    """Stored planes by their names: reflectance, NaN where nodata; TCI / 255; the outline, 0 or 1.

    Args:
        names: as `channels.needs` gives them.
        arrays: as `Chip.arrays` has them; all may have N chips in front, (N, B, H, W) and (N, H, W).
        bands: names of the bands of `boa` and `toa`.
        scales: `scale` and `offset` of `boa`, `toa_scale` and `toa_offset` of `toa`, one for all or (N,) each.

    Returns:
        (H, W) or (N, H, W) float32 each.
    """
    by_kind: dict[str, list[str]] = {}
    for name in names:
        by_kind.setdefault(channels.kind(name), []).append(name)
    return {
        name: plane
        for kind, of_kind in by_kind.items()
        for name, plane in zip(of_kind, _stack(kind, of_kind, arrays[kind], bands, scales), strict=True)
    }


def _stack(
    kind: str,
    names: Sequence[str],
    array: NDArray[Any],
    bands: Mapping[str, Sequence[str]],
    scales: Mapping[str, Any],
) -> NDArray[np.float32]:
    """Planes of one array, (B, H, W) or (B, N, H, W)."""
    if kind == "outline":
        return array.astype(np.float32)[None]
    first = np.moveaxis(array, -3, 0)
    if kind == "tci":
        return first[[channels.TCI.index(name) for name in names]].astype(np.float32) / np.float32(255)
    stored = first[[list(bands[kind]).index(name.removeprefix("toa.")) for name in names]]
    prefix = "toa_" if kind == "toa" else ""
    scale, offset = (np.asarray(scales[f"{prefix}{name}"], np.float32)[..., None, None] for name in ("scale", "offset"))
    reflectance = stored * scale
    reflectance += offset
    np.copyto(reflectance, np.nan, where=stored <= 0)
    return reflectance
