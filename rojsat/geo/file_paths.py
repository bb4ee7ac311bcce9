"""Paths and patterns of files that a user names, relative to the root of a data set or to the working directory."""

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
