"""The files that a folder of data is made from: recorded in it, and compared with what lies there now.

Knows nothing of what the files hold. The time of a file only saves reading it: what is in it decides, so that a copy, a
clone or `touch` changes nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from rojsat.config import s3_folder
from rojsat.config.s3_folder import Folder

NAME = "inputs.json"
"""In a folder of data: the files, and the folders before it, that it was made from."""

IN_FULL = 1 << 20
"""Bytes up to which a file is hashed in full."""

END = 1 << 16
"""Bytes of the beginning and of the end of a larger file that are hashed. Products and compressed rasters differ there:
their heads list the sizes of their blocks, zip files end with the checksums of all that they hold."""

SHOWN = 5
"""Files that a message names; of more it says how many."""


class FileGroup(NamedTuple):
    """Files that are one thing for a user: a product, a Shapefile with its parts, a raster.

    Attributes:
        base: the folder that they lie in.
        names: below it, with slashes.
        in_full: whether each is hashed in full, however large: files that people edit.
    """

    base: Path
    names: tuple[str, ...]
    in_full: bool = False


@dataclass(frozen=True)
class Changes:
    """What differs between a record and the files of now.

    Attributes:
        changed: groups that hold something else.
        new: groups that were not there.
        gone: groups that are not there any more.
        retimed: groups with other times, of which rojsat read only the ends of large files.
        folders: folders of data before that were made again since.
    """

    changed: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    retimed: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether anything differs that counts."""
        return bool(self.changed or self.new or self.gone or self.folders)

    def lines(self) -> list[str]:
        """What differs, a line a kind."""
        kinds = {"changed": self.changed, "new": self.new, "gone": self.gone, "made again since": self.folders}
        return [f"  {kind}: {listed(names)}" for kind, names in kinds.items() if names]


def listed(names: Iterable[str]) -> str:
    """The first names, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    return ", ".join(every[:SHOWN]) + more


def record(groups: Mapping[str, FileGroup], folders: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Record files as they are now.

    Args:
        groups: by the name that a user knows.
        folders: by the stage that made them, the digests of the records of the folders before.

    Returns:
        JSON-ready; empty where there is nothing to record.
    """
    files = {name: _facts(group) for name, group in sorted(groups.items())}
    return {key: value for key, value in (("files", files), ("folders", dict(folders or {}))) if value}


def _facts(group: FileGroup) -> dict[str, Any]:
    """Number, bytes, stamp and content of a group."""
    stamp, size = _stamp(group)
    return {"files": len(group.names), "bytes": size, "stamp": stamp, "content": _content(group)}


def _stamp(group: FileGroup) -> tuple[str, int]:
    """Hash of names, sizes and times, and the bytes in all."""
    total, size = hashlib.sha256(), 0
    for name in group.names:
        state = (group.base / name).stat()
        total.update(f"{name}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
        size += state.st_size
    return total.hexdigest(), size


def _content(group: FileGroup) -> str:
    """Hash of names, sizes and what the files hold."""
    total = hashlib.sha256()
    for name in group.names:
        path = group.base / name
        with path.open("rb") as file:
            size = path.stat().st_size
            if group.in_full or size <= IN_FULL:
                digest = hashlib.file_digest(file, "sha256").digest()
            else:
                head = file.read(END)
                file.seek(-END, 2)
                digest = hashlib.sha256(head + file.read(END)).digest()
        total.update(f"{name}\0{size}\0".encode() + digest)
    return total.hexdigest()


def digest(recorded: Mapping[str, Any]) -> str:
    """SHA-256 of what a record holds but for times."""
    contents = {name: facts["content"] for name, facts in recorded.get("files", {}).items()}
    text = json.dumps([contents, recorded.get("folders", {})], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def read(folder: Folder) -> dict[str, Any] | None:
    """The record in a folder of data; None without any."""
    file = folder / NAME
    content: dict[str, Any] | None = json.loads(file.read_text()) if file.exists() else None
    return content


def write(folder: Folder, recorded: Mapping[str, Any]) -> None:
    """Write a record into a folder of data; nothing where there is nothing to record."""
    if recorded:
        s3_folder.write_at_once(folder / NAME, json.dumps(recorded, indent=1, sort_keys=True) + "\n")


def compare(recorded: Mapping[str, Any], groups: Mapping[str, FileGroup], folders: Mapping[str, str]) -> Changes:
    """Compare a record with the files of now; those whose sizes and times are the same are not opened.

    Args:
        recorded: see `record`.
        groups: of now.
        folders: digests of now of the folders before; those that are not there are left out.
    """
    files, before = recorded.get("files", {}), recorded.get("folders", {})
    changes = Changes(
        new=sorted(groups.keys() - files.keys()),
        gone=sorted(files.keys() - groups.keys()),
        folders=sorted(stage for stage, now in folders.items() if before.get(stage) != now),
    )
    for name in sorted(files.keys() & groups.keys()):
        stamp, size = _stamp(groups[name])
        if stamp == files[name]["stamp"]:
            continue
        if size != files[name]["bytes"] or _content(groups[name]) != files[name]["content"]:
            changes.changed.append(name)
        elif not groups[name].in_full and size > IN_FULL:
            changes.retimed.append(name)
    return changes
