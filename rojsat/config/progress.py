"""Says on a terminal what is being done, before a stretch in which nothing else is printed. Standard library only."""

import sys


def doing(what: str) -> None:
    """Print a short line, `reads 85 chips …`, where somebody looks on; files and pipes are spared it."""
    if sys.stdout.isatty():
        print(f"{what} …", flush=True)
