"""The scale of the degree of need: the heat that becomes degree 1. Knows numpy only.

Heat says how much work was done on a pixel. In the study's way one percentile over all regions scales it, before there
is a split; masks then hold degrees. Else masks hold heat, and every split scales it by its training regions alone.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALL_REGIONS, TRAINING_REGIONS = "all_regions", "training_regions"

SCALES = (ALL_REGIONS, TRAINING_REGIONS)
"""Regions whose heat decides what degree 1 is."""


@dataclass(frozen=True)
class StoredHeat:
    """What masks hold that are not scaled yet: heat in units of its percentile over all regions, float32, -1 unknown.

    Cut at 1 it is the degree in the study's way.

    Attributes:
        percentile: which percentile becomes degree 1, in (0, 100].
        zeros: whether pixels of heat 0 count in it.
        threshold: the percentile over all regions, in `unit`.
        unit: of heat, as "points a pixel".
    """

    percentile: float
    zeros: bool
    threshold: float
    unit: str

    def facts(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def stored_heat(facts: Mapping[str, Any]) -> StoredHeat | None:
    """What the facts of masks or chips say of their heat; None where they hold degrees."""
    return StoredHeat(**facts["unscaled"]) if "unscaled" in facts else None


@dataclass(frozen=True)
class DegreeScale:
    """The scale of a split's degrees, from the heat of its training regions alone.

    Attributes:
        heat: what it scales.
        regions: the training regions.
        factor: heat that becomes degree 1, in units of the percentile over all regions.
    """

    heat: StoredHeat
    regions: tuple[str, ...]
    factor: float

    @property
    def limit(self) -> float:
        """Heat that becomes degree 1, in its own unit."""
        return self.factor * self.heat.threshold

    def facts(self) -> dict[str, Any]:
        """JSON-ready: `scale`, the number of `regions`, `percentile`, `factor`, and `threshold` in its `unit`."""
        return {
            "scale": TRAINING_REGIONS,
            "regions": len(self.regions),
            "percentile": self.heat.percentile,
            "factor": self.factor,
            "threshold": self.limit,
            "unit": self.heat.unit,
        }


def of_training(heat: StoredHeat, by_region: Mapping[str, NDArray[np.float32]]) -> DegreeScale:
    """The scale that the training regions give.

    Args:
        heat: what their masks hold.
        by_region: the mask of each training region, (h, w), -1 where unknown; every pixel counts once, on however many
            dates it was seen.

    Raises:
        ValueError: if the percentile of their heat is 0.
    """
    known = [mask[mask >= 0].astype(np.float64) for mask in by_region.values()]
    factor = threshold(np.concatenate(known) if known else np.zeros(0), heat.percentile, zeros=heat.zeros)
    if factor <= 0:
        raise ValueError(
            f"the {heat.percentile:g} percentile of the heat of the {len(by_region)} training regions is 0: set "
            "data.labels.options.zeros=false or a higher percentile, or train on more regions"
        )
    return DegreeScale(heat, tuple(sorted(by_region)), factor)


def threshold(values: NDArray[np.float64], percentile: float, *, zeros: bool) -> float:
    """The percentile of the heat of pixels (P,), those of heat 0 among them where `zeros`; 0 without any."""
    counted = values if zeros else values[values > 0]
    return float(np.percentile(counted, percentile)) if len(counted) else 0.0


def check_heat(is_possible: bool) -> None:
    """Refuse to learn heat from masks that hold degrees.

    Raises:
        ValueError: unless it `is_possible`.
    """
    if not is_possible:
        raise ValueError(
            "a head of counts learns heat, and these masks hold degrees: set "
            "data.labels.options.scale=training_regions (of labels from GPS), or another model.head.name"
        )


def degrees(heat: NDArray[Any], limit: float, *, cut: bool = True) -> NDArray[Any]:
    """Heat cut at `limit` (unless not `cut`) and divided by it: in [0, 1] (Svensson 2020); below 0, unknown, it stays.

    Not cut, it is heat in units of that of degree 1.
    """
    return np.where(heat < 0, heat, (np.minimum(heat, limit) if cut else heat) / limit)


def words(facts: Mapping[str, Any]) -> str:
    """What `DegreeScale.facts` say, a sentence without its full stop."""
    return (
        f"Degree 1 is {facts['threshold']:.3g} {facts['unit']}, the {facts['percentile']:g}th percentile of the "
        f"{facts['regions']} training regions alone ({facts['factor']:.3g} times that of all regions)"
    )
