"""The modules of the cases, in the order of the table."""

import importlib

NAMES = ("products", "rasters", "outlines", "tracks", "labels", "learning")


def load() -> None:
    """Import them all, so that their cases are known."""
    for name in NAMES:
        importlib.import_module(f"bench.silent_errors.{name}")
