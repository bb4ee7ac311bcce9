"""What the sections of the page are made of, and which of it is missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rojsat.config import compose


@dataclass(frozen=True)
class NeededFiles:
    """Files that a section reads.

    Attributes:
        command: what makes them.
        files: where they lie.
    """

    command: str
    files: tuple[Path, ...]


@dataclass(frozen=True)
class OutputFolder:
    """What a command leaves.

    Attributes:
        path: the folder.
        command: what makes it.
    """

    path: Path
    command: str

    def need(self, *files: str) -> NeededFiles:
        """Some of its files."""
        return NeededFiles(self.command, tuple(self.path / file for file in files))


def check(needs: Iterable[NeededFiles]) -> None:
    """Look whether everything exists that the page is made of.

    Raises:
        ValueError: naming every file that does not, and the command that makes it.
    """
    missing: dict[str, list[Path]] = {}
    for need in needs:
        files = missing.setdefault(need.command, [])
        files += [file for file in need.files if file not in files and not file.exists()]
    lines = [
        f"  {command}\n    makes {', '.join(str(file.relative_to(compose.ROOT)) for file in files)}"
        for command, files in missing.items()
        if files
    ]
    if lines:
        raise ValueError("the page needs files that do not exist; run\n" + "\n".join(lines))
