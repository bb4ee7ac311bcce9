"""Which experiments and variants the page of the study needs at each size: `matrix.yaml`, which the pipelines read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from rojsat.config import lookup

FILE = Path(__file__).with_name("matrix.yaml")

OF_DATA = ("year", "objects")
"""Variants that are another data set: they exist for the embedded one alone."""

LONG = "long"
"""The matrix of what is trained at the length of the study, from random weights."""

OVERRIDES = ("size=full", "variant=scratch")
"""What is `LONG`: the length and amount of data of the study, without weights that would have to be downloaded."""

DISCRETE = "discrete"
"""The variant that the study's discussion speaks of; the others are its future work."""


@dataclass(frozen=True)
class Matrix:
    """What the page needs.

    Attributes:
        data: sets.
        experiments: run as they are, with the file that each builds on.
        base: those that variants are laid over.
        variants: over each of `base`, with the data set that each takes.
        leak: the experiment split by dates, and those split by regions that it is compared with.
        searches: experiments whose learning rate is searched, and the options of the search.
        edges: experiments whose odd spots near edges are looked into.
    """

    data: Sequence[str]
    experiments: Mapping[str, str]
    base: Sequence[str]
    variants: Mapping[str, str]
    leak: Mapping[str, Sequence[str]]
    searches: Mapping[str, str]
    edges: Sequence[str]


def read(size: str, *, embedded: bool = True) -> Matrix:
    """The matrix of a size.

    Args:
        size: quick, full or long.
        embedded: whether the page is made of the embedded data set; of others, variants `OF_DATA` are left out.

    Raises:
        UnknownNameError: if there is no such size.
    """
    sizes = yaml.safe_load(FILE.read_text())
    if size not in sizes:
        raise lookup.unknown("size", size, sizes)
    found = sizes[size]
    if not embedded:
        found["variants"] = {name: data for name, data in found["variants"].items() if name not in OF_DATA}
    return Matrix(**found)
