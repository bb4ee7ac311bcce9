"""Paths and patterns of files that a user names, relative to the root of a data set or to the working directory."""

from collections.abc import Sequence
from pathlib import Path


def absolute(path: str, root: Path | None) -> Path:
    """A path that the user names, as an absolute path."""
    return ((root or Path.cwd()) / Path(path).expanduser()).resolve()


def matching(pattern: str, root: Path | None) -> list[Path]:
    """The files that a path or a pattern names, sorted; those that macOS adds (`._X`) are left aside.

    A file of that very name is one, also where the name holds signs of a pattern.
    """
    path = absolute(pattern, root)
    if path.exists():
        return [path]
    names = Path(path.anchor).glob(str(path.relative_to(path.anchor)))
    return sorted(match for match in names if not match.name.startswith("._"))


def files(patterns: Sequence[str], root: Path | None, *, key: str) -> list[Path]:
    """The files that any of the paths or patterns names, sorted, each once.

    Args:
        patterns: as of `matching`.
        root: of relative ones; None: the working directory.
        key: of the experiment that has them, for the message.

    Raises:
        ValueError: for a pattern that no file matches.
    """
    paths: set[Path] = set()
    for pattern in patterns:
        matches = matching(pattern, root)
        if not matches:
            raise ValueError(f"{key}: no file matches {absolute(pattern, root)}")
        paths |= set(matches)
    return sorted(paths)
