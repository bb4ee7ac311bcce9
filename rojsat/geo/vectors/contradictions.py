"""Stands that contradict each other: the same ground with two labels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd

from rojsat.chips import roles
from rojsat.geo.vectors import common_ground

FEW = 0.05
"""Share of a stand's ground under the other label from which it is reported: below, drawn outlines just meet."""

_SHOWN = 5
"""Stands that a message names; of more it says how many."""


@dataclass(frozen=True)
class Contradiction:
    """A stand and one with the other label on its ground.

    Attributes:
        region: its id.
        label: its label.
        other: the other stand's id.
        share: of its ground that the other one covers, in [0, 1].
        back: of the other one's ground that it covers.
    """

    region: str
    label: str
    other: str
    share: float
    back: float

    @property
    def is_same(self) -> bool:
        """Whether both have one outline."""
        return min(self.share, self.back) >= common_ground.SAME

    def __str__(self) -> str:
        """In words."""
        other = next(label for label in roles.CLASSES if label != self.label)
        return f"{self.share:.0%} of {self.region} ({self.label}) is {self.other} ({other})"


def find(regions: gpd.GeoDataFrame) -> list[Contradiction]:
    """Stands of which more than `FEW` lies in a stand with the other label, the largest share first.

    Args:
        regions: with the columns `region`, `role`, `label`, in any coordinate system.
    """
    stands = regions[(regions["role"] == roles.STAND) & regions["label"].isin(roles.CLASSES)]
    both = [*_pairs(stands)] if stands["label"].nunique() > 1 else []
    return sorted(
        (pair for pair in both if pair.share > FEW), key=lambda pair: (-round(pair.share, 3), pair.region, pair.other)
    )


def _pairs(stands: gpd.GeoDataFrame) -> Iterator[Contradiction]:
    """Every stand with each that has the other label and common ground."""
    names, labels = (stands[name].to_numpy() for name in ("region", "label"))
    for first, second, *shares in common_ground.pairs(
        stands.geometry, lambda stand, other: labels[stand] != labels[other]
    ):
        yield Contradiction(str(names[first]), str(labels[first]), str(names[second]), *shares)


def warning(contradictions: Sequence[Contradiction]) -> str:
    """What a person should know of them: a sentence without its full stop."""
    more = f", ... {len(contradictions)} in all" if len(contradictions) > _SHOWN else ""
    return (
        f"stands contradict each other on the same ground: {', '.join(map(str, contradictions[:_SHOWN]))}{more}; masks "
        "are unknown there, and their chips show both: correct outlines or labels"
    )


def check(contradictions: Sequence[Contradiction]) -> None:
    """Refuse outlines that come twice, with both labels.

    Raises:
        ValueError: naming the pairs.
    """
    same = [f"{pair.region} (need) and {pair.other} (clear)" for pair in contradictions if _is_listed(pair)]
    if same:
        more = f", ... {len(same)} pairs in all" if len(same) > _SHOWN else ""
        raise ValueError(
            f"the same outline has two labels: {', '.join(same[:_SHOWN])}{more}; keep one of each pair in data.regions "
            "(a stand that was cleared meanwhile is one stand with a date in the column cleared)"
        )


def _is_listed(pair: Contradiction) -> bool:
    return pair.is_same and pair.label == roles.NEED
