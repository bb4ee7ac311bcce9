"""Which experiments and changes the page of the study needs at each size: `matrix.yaml`, which the pipelines read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from rojsat import catalog

FILE = Path(__file__).with_name("matrix.yaml")

OF_DATA = ("year", "objects")
"""Changes that are another data set: they exist for the embedded one alone."""

DISCRETE = "discrete"
"""The change that the study's discussion speaks of; the others are its future work."""


@dataclass(frozen=True)
class Matrix:
    """What the page needs.

    Attributes:
        experiments: run as they are.
        base: those that changes are laid over.
        changes: over each of `base`.
        leak: the experiment split by dates, and those split by regions that it is compared with.
        searches: experiments whose learning rate is searched.
        edges: experiments whose odd spots near edges are looked into.
    """

    experiments: Sequence[str]
    base: Sequence[str]
    changes: Sequence[str]
    leak: Mapping[str, Sequence[str]]
    searches: Sequence[str]
    edges: Sequence[str]


def read(size: str, *, embedded: bool = True) -> Matrix:
    """The matrix of a size.

    Args:
        size: quick or paper.
        embedded: whether the page is made of the embedded data set; of others, changes `OF_DATA` are left out.

    Raises:
        UnknownNameError: if there is no such size.
    """
    sizes = yaml.safe_load(FILE.read_text())
    if size not in sizes:
        raise catalog.unknown("size", size, sizes)
    found = sizes[size]
    if not embedded:
        found["changes"] = [change for change in found["changes"] if change not in OF_DATA]
    return Matrix(**found)
