"""What the codes of Finnish stand data mean; lists and their sources are in `codes.yaml`."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import yaml

from rojsat.config import lookup

LISTS: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
"""Name of each code, by the list it is in."""

TENDING, WEEDING = "tending", "weeding"
"""Kinds of work that an operation can be."""


def known(kind: str, code: str) -> bool:
    """Whether a list has a code.

    Raises:
        UnknownNameError: if there is no such list.
    """
    if kind not in LISTS:
        raise lookup.unknown("list of codes", kind, LISTS)
    return code in LISTS[kind]


def work(code: str) -> str | None:
    """The kind of work that an operation is: `tending`, `weeding`, or None for all others."""
    return LISTS["work"].get(code)


def unknown(kind: str, codes: Iterable[str | None]) -> Counter[str]:
    """How often each code stands that a list does not have; a code that is absent (None) is none."""
    return Counter(code for code in codes if code is not None and not known(kind, code))
