"""The modules of the cases, in the order of the table."""

import importlib

NAMES = (
    "products",
    "overlaps",
    "downloads",
    "rasters",
    "units",
    "outlines",
    "shapes",
    "tracks",
    "exports",
    "labels",
    "learning",
)


def load() -> None:
    """Import them all, so that their cases are known."""
    for name in NAMES:
        importlib.import_module(f"bench.silent_errors.{name}")
