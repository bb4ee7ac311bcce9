"""Files below a folder, at any depth: links are followed, and nothing is passed over because it cannot be read."""

import os
from collections.abc import Iterator
from pathlib import Path


def files(root: Path) -> list[str]:
    """Names of all files below a folder, with slashes, sorted; without what macOS adds (`._X`, `__MACOSX`).

    Raises:
        ValueError: if a folder cannot be read.
    """
    return sorted(_walk(root, macos=False))


def everything(root: Path) -> list[str]:
    """Names of all files below a folder, with slashes, sorted, also of what macOS adds.

    Raises:
        ValueError: if a folder cannot be read.
    """
    return sorted(_walk(root, macos=True))


def _walk(root: Path, *, macos: bool) -> Iterator[str]:
    visited: set[tuple[int, int]] = set()
    for folder, inner, names in os.walk(root, onerror=_unreadable, followlinks=True):
        state = Path(folder).stat()
        if (state.st_dev, state.st_ino) in visited:  # a link to a folder that was walked already
            inner.clear()
            continue
        visited.add((state.st_dev, state.st_ino))
        inner[:] = sorted(name for name in inner if macos or not of_macos(name))
        prefix = os.path.relpath(folder, root).replace(os.sep, "/")
        yield from (name if prefix == "." else f"{prefix}/{name}" for name in names if macos or not of_macos(name))


def of_macos(name: str) -> bool:
    """Whether macOS adds a file or folder of that name by itself."""
    return name.startswith("._") or name == "__MACOSX"


def _unreadable(error: OSError) -> None:
    raise ValueError(f"{error.filename} cannot be read ({error.strerror}); give yourself the right to, or move it away")
