"""The look that all figures share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl

COLOURS = {"train": "#4477aa", "val": "#cc6677", "test": "#228833"}  # Paul Tol's bright scheme
UNKNOWN = "#d9d9d9"

_STYLE: Any = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "figure.constrained_layout.use": True,
    "savefig.dpi": 150,
}


@contextmanager
def style() -> Iterator[None]:
    """The look of all figures."""
    with mpl.rc_context(_STYLE):
        yield
