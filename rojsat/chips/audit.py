"""The audit of a split: how far apart training and test really are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from rojsat.chips.splits import PARTS

EARTH_RADIUS = 6378137.0
"""Equatorial radius of WGS 84, metres; the sphere of Web Mercator."""

NAMED = 5
"""Regions that a sentence names at most."""


@dataclass(frozen=True)
class Leak:
    """Something of the test part that training shows too.

    Attributes:
        kind: `chips`, bit for bit the same; `regions`, on other dates; `ground`, boxes that overlap or touch.
        names: hashes of the chips, or regions; none for `ground`.
    """

    kind: Literal["chips", "regions", "ground"]
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        """What it is, in words."""
        if self.kind == "chips":
            return f"{len(self.names)} test chips are in training, bit for bit"
        if self.kind == "regions":
            shown = ", ".join(self.names[:NAMED]) + (", ..." if len(self.names) > NAMED else "")
            return f"same regions ({shown}) in training and test, on other dates; says little of unseen regions"
        return "chips of training and test overlap or touch on the ground"


@dataclass(frozen=True)
class Audit:
    """What a split lets a network know of its test part; `dataclasses.asdict` makes it ready for JSON.

    Attributes:
        chips: number of chips by part.
        regions: number of regions by part.
        leaks: what training and test share, the worst first; none in a clean split.
        distance: smallest ground distance between chips of training and test, metres; None where they share no CRS.
    """

    chips: Mapping[str, int]
    regions: Mapping[str, int]
    leaks: tuple[Leak, ...]
    distance: float | None

    def __str__(self) -> str:
        """The verdict, a sentence without its full stop."""
        if self.leaks:
            return f"leak: {'; '.join(map(str, self.leaks))}"
        if self.distance is None:
            return "clean: no region shared; training and test have no CRS in common, so no distance"
        return f"clean: no region shared; training and test are at least {self.distance:.0f} m apart"


def audit(index: pd.DataFrame, parts: pd.Series) -> Audit:
    """Look for what a split lets a network know of its test part.

    Args:
        index: the chips' table: region, hash, crs, transform, easting, northing, height, width.
        parts: "train", "val" or "test" a row of `index`; other rows are in no part.
    """
    rows = {part: index[(parts == part).to_numpy()] for part in PARTS}
    apart = distance(rows["train"], rows["test"])
    return Audit(
        chips={part: len(found) for part, found in rows.items()},
        regions={part: int(found["region"].nunique()) for part, found in rows.items()},
        leaks=tuple(_leaks(rows["train"], rows["test"], apart)),
        distance=apart,
    )


def _leaks(train: pd.DataFrame, test: pd.DataFrame, apart: float | None) -> Iterator[Leak]:
    """What training and test share; regions that they share touch themselves, which is not listed twice."""
    if chips := _shared(train["hash"], test["hash"]):
        yield Leak("chips", chips)
    if regions := _shared(train["region"], test["region"]):
        yield Leak("regions", regions)
    elif apart == 0:
        yield Leak("ground")


def _shared(train: pd.Series, test: pd.Series) -> tuple[str, ...]:
    """The names that stand in both columns, sorted."""
    return tuple(sorted(set(train.astype(str)) & set(test.astype(str))))


def distance(train: pd.DataFrame, test: pd.DataFrame) -> float | None:
    """Smallest ground distance between the boxes of two sets of chips, metres; None without a common CRS."""
    gaps = []
    for crs in sorted(set(train["crs"]) & set(test["crs"])):
        gaps.append(_gap(_boxes(train[train["crs"] == crs]), _boxes(test[test["crs"] == crs]), crs))
    return min(gaps) if gaps else None


def _boxes(rows: pd.DataFrame) -> np.ndarray:
    """Left, bottom, right, top of every distinct chip, (N, 4), units of the CRS."""
    size = np.array([abs(transform[0]) for transform in rows["transform"]])  # pixel size
    left, top = rows["easting"].to_numpy(float), rows["northing"].to_numpy(float)
    right = left + size * rows["width"].to_numpy(float)
    bottom = top - size * rows["height"].to_numpy(float)
    return np.unique(np.stack([left, bottom, right, top], axis=1), axis=0)


def _gap(train: np.ndarray, test: np.ndarray, crs: str) -> float:
    """Smallest distance between boxes (N, 4) and (M, 4), ground metres."""
    a, b = train[:, None], test[None]  # (N, 1, 4), (1, M, 4)
    across = np.maximum(0, np.maximum(a[..., 0] - b[..., 2], b[..., 0] - a[..., 2]))
    along = np.maximum(0, np.maximum(a[..., 1] - b[..., 3], b[..., 1] - a[..., 3]))
    return float(np.min(np.hypot(across, along) * ground(crs, a[..., 3])))


def ground(crs: str, northing: np.ndarray) -> np.ndarray | float:
    """Ground metres a unit of the CRS: 1, but cos(latitude) in Web Mercator (Snyder 1987, equation 7-4)."""
    return 1 / np.cosh(northing / EARTH_RADIUS) if crs.upper() == "EPSG:3857" else 1.0
