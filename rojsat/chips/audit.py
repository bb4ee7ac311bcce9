"""The audit of a split: how far apart training and test really are."""

from typing import Any

import numpy as np
import pandas as pd

from rojsat.chips.splits import PARTS

EARTH_RADIUS = 6378137.0
"""Equatorial radius of WGS 84, metres; the sphere of Web Mercator."""


def audit(index: pd.DataFrame, parts: pd.Series) -> dict[str, Any]:
    """What a split lets a network see of its test set.

    Args:
        index: the chips' table: region, hash, crs, transform, easting, northing, height, width.
        parts: "train", "val" or "test" a row of `index`; other rows are in no part.

    Returns:
        JSON-ready: `chips` and `regions` (number by part), `shared_regions` (in training and test),
        `equal_chips` (pairs of hashes in training and test), `distance` (smallest ground distance between
        chips of training and test, metres; null where they share no CRS) and `verdict`, a sentence.
    """
    here = {part: index[(parts == part).to_numpy()] for part in PARTS}
    shared = sorted(set(here["train"]["region"].astype(str)) & set(here["test"]["region"].astype(str)))
    facts = {
        "chips": {part: len(rows) for part, rows in here.items()},
        "regions": {part: int(rows["region"].nunique()) for part, rows in here.items()},
        "shared_regions": shared,
        "equal_chips": len(set(here["train"]["hash"]) & set(here["test"]["hash"])),
        "distance": distance(here["train"], here["test"]),
    }
    return facts | {"verdict": _verdict(facts)}


def _verdict(facts: dict[str, Any]) -> str:
    if facts["equal_chips"]:
        return f"leak: {facts['equal_chips']} test chips are in training, bit for bit"
    if facts["shared_regions"]:
        names = ", ".join(facts["shared_regions"][:5]) + (", ..." if len(facts["shared_regions"]) > 5 else "")
        return f"leak: same regions ({names}) in training and test, on other dates; says little of unseen regions"
    if facts["distance"] == 0:
        return "leak: chips of training and test overlap or touch on the ground"
    if facts["distance"] is None:
        return "clean: no region shared; training and test have no CRS in common, so no distance"
    return f"clean: no region shared; training and test are at least {facts['distance']:.0f} m apart"


def distance(one: pd.DataFrame, other: pd.DataFrame) -> float | None:
    """Smallest ground distance between the boxes of two sets of chips, metres; None without a common CRS."""
    gaps = []
    for crs in sorted(set(one["crs"]) & set(other["crs"])):
        gaps.append(_gap(_boxes(one[one["crs"] == crs]), _boxes(other[other["crs"] == crs]), crs))
    return min(gaps) if gaps else None


def _boxes(rows: pd.DataFrame) -> np.ndarray:
    """Left, bottom, right, top of every distinct chip, (N, 4), units of the CRS."""
    size = np.array([abs(transform[0]) for transform in rows["transform"]])  # pixel size
    left, top = rows["easting"].to_numpy(float), rows["northing"].to_numpy(float)
    right = left + size * rows["width"].to_numpy(float)
    bottom = top - size * rows["height"].to_numpy(float)
    return np.unique(np.stack([left, bottom, right, top], axis=1), axis=0)


def _gap(one: np.ndarray, other: np.ndarray, crs: str) -> float:
    """Smallest distance between boxes (N, 4) and (M, 4), ground metres."""
    a, b = one[:, None], other[None]  # (N, 1, 4), (1, M, 4)
    across = np.maximum(0, np.maximum(a[..., 0] - b[..., 2], b[..., 0] - a[..., 2]))
    along = np.maximum(0, np.maximum(a[..., 1] - b[..., 3], b[..., 1] - a[..., 3]))
    return float(np.min(np.hypot(across, along) * ground(crs, a[..., 3])))


def ground(crs: str, northing: np.ndarray) -> np.ndarray | float:
    """Ground metres a unit of the CRS: 1, but cos(latitude) in Web Mercator (Snyder 1987, equation 7-4)."""
    return 1 / np.cosh(northing / EARTH_RADIUS) if crs.upper() == "EPSG:3857" else 1.0
