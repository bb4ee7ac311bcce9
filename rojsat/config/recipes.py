"""Folders that are complete or absent: made beside, renamed when done, with the recipe that made them.

Knows which part of the experiment decides each stage of the data, but nothing of what the folders hold.
"""

import dataclasses
import hashlib
import json
import logging
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, overload

from filelock import FileLock

from rojsat.config import compose, input_files, label_extents, s3_folder, stated_keys
from rojsat.config.s3_folder import Folder, S3Folder
from rojsat.config.schema import Experiment

log = logging.getLogger(__name__)

RECIPE = "recipe.json"

RESUME = "resume.json"
"""In an incomplete folder: its recipe, and the fingerprint of what it is made from."""

FOLDERS = {"raw": "raw", "masks": "masks", "chips": "processed"}
"""The stages of the data, in their order, and the folder of `data/` that each one makes."""

IF_CHANGED = ("stop", "keep", "make_again")
"""What to do where files that a folder was made from have changed since: an error, nothing, or make it again."""

_ADDS = {
    "raw": ("source", "root", "options", "regions", "gps", "clouds", "harvests"),
    "masks": ("labels",),
    "chips": ("chips",),
}
"""The keys of `data` that each stage adds to what decides its output."""


@overload
def folder(stage: Literal["raw", "masks"], experiment: Experiment) -> Path: ...


@overload
def folder(stage: str, experiment: Experiment) -> Folder: ...


def folder(stage: str, experiment: Experiment) -> Folder:
    """Where a stage of the data leaves what it makes for the experiment; chips of `data.store` lie on S3.

    Raises:
        ValueError: `data.store` is no folder of S3, or s3fs is not installed.
    """
    if stage == "chips" and experiment.data.store is not None:
        return s3_folder.of_url(f"{experiment.data.store}/{experiment.data.name}")
    return compose.ROOT / "data" / FOLDERS[stage] / experiment.data.name


def shown(path: Folder) -> str:
    """A folder as a person reads it: below the repository, or on S3."""
    return str(path) if isinstance(path, S3Folder) else str(path.relative_to(compose.ROOT))


def recipe(stage: str, experiment: Experiment) -> dict[str, Any]:
    """What decides the output of a stage of the data: its own keys and those of the stages before it."""
    data, stages = stated_keys.of_data(dataclasses.asdict(experiment.data)), list(FOLDERS)
    upto = stages[: stages.index(stage) + 1]
    if data["chips"]["margin"] == 0:
        del data["chips"]["margin"]  # stores cut before the key existed have no surroundings either
    made_by = {key: data[key] for step in upto for key in _ADDS[step] if key in data}
    if made_by["clouds"] is None:
        del made_by["clouds"]  # likewise: no mask was computed
    return made_by


def missing(experiment: Experiment) -> list[str]:
    """The stages of the data that must run before the experiment can, in their order.

    Raises:
        ValueError: a folder of that name was made from something else.
    """
    if is_made(folder("chips", experiment), recipe("chips", experiment)):
        return []
    return [stage for stage in FOLDERS if not is_made(folder(stage, experiment), recipe(stage, experiment))]


def read(path: Folder) -> dict[str, Any] | None:
    """The recipe that made the folder `path`, or None where there is no such folder."""
    file = path / RECIPE
    content: dict[str, Any] | None = json.loads(file.read_text()) if file.exists() else None
    return content


def differences(expected: Mapping[str, Any], other: Mapping[str, Any], prefix: str = "") -> list[str]:
    """What differs between two recipes: one line `key: value of the other, not the expected one` a difference."""
    lines = []
    for key in sorted(expected.keys() | other.keys()):
        value, other_value = expected.get(key), other.get(key)
        if isinstance(value, Mapping) and isinstance(other_value, Mapping):
            lines += differences(value, other_value, f"{prefix}{key}.")
        elif value != other_value:
            lines.append(f"{prefix}{key}: {other_value!r}, not {value!r}")
    return lines


def is_made(path: Folder, made_by: Mapping[str, Any]) -> bool:
    """Whether the folder `path` is there and was made by the recipe `made_by`.

    Raises:
        ValueError: if it is there and something else made it: nothing is overwritten unasked.
    """
    content = read(path)
    if content is None:
        if s3_folder.files(path) and not (path / RESUME).exists():
            raise ValueError(f"{path} has no {RECIPE}: rojsat did not make it. Move it, or choose data.name")
        return False
    unlike = differences(made_by, content)
    if unlike:
        raise ValueError(
            f"{path} was made differently ({'; '.join(unlike)}). "
            f"Give this data set a name of its own (data.name=NAME), or delete the folder{label_extents.advice(unlike)}"
        )
    return True


def fingerprint(*paths: Path) -> str:
    """Sha256 over names, sizes and times of change of files, and of those in folders: has anything changed?"""
    total = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        for file in files:
            state = file.stat()
            total.update(f"{file} {state.st_size} {state.st_mtime_ns}\n".encode())
    return total.hexdigest()


def make(
    path: Folder,
    made_by: Mapping[str, Any],
    write: Callable[[Any], None],
    *,
    resume: str | None = None,
    made_from: Mapping[str, Any] | None = None,
    again: bool = False,
) -> bool:
    """Make the folder `path`, unless it is there already.

    One process at a time makes a folder; a second one waits and finds it made. A folder of S3 is made in its place: it
    counts as made when its recipe is there, which is written last. Of several machines, one at a time may make it.

    Args:
        path: the folder to make.
        made_by: the recipe that decides its content.
        write: fills the folder that it is given, a path or one of S3; a path takes its name when that is done.
        resume: None: `write` gets an empty folder; nothing stays behind when it raises, and what a killed process
            left is removed. Else `write` can go on: it gets what an interrupted call with the same recipe and the same
            `resume` (a fingerprint of code and inputs) left.
        made_from: the record of the files that it is made from, see `rojsat.config.input_files`; kept in the folder.
        again: whether a folder that was made from other files is replaced; until the new one is complete it stays, on
            a disk.

    Returns:
        Whether it was made now.

    Raises:
        ValueError: if `path` is there and something else made it.
    """
    recorded = dict(made_from or {})
    beside = compose.ROOT / "data" / FOLDERS["chips"] if isinstance(path, S3Folder) else path.parent
    beside.mkdir(parents=True, exist_ok=True)
    # no ending: pystac takes one for a file
    partial = path if isinstance(path, S3Folder) else path.with_name(f".partial-{path.name}")
    with FileLock(beside / f".lock-{path.name}"):
        if is_made(path, made_by) and not (again and input_files.read(path) != recorded):
            return False
        _prepare(partial, {"recipe": dict(made_by), "fingerprint": resume}, keep=resume is not None)
        try:
            write(partial)
        except BaseException as error:
            _leave(partial, error, keep=resume is not None)
            raise
        input_files.write(partial, recorded)
        (partial / RECIPE).write_text(json.dumps(made_by, indent=1, sort_keys=True) + "\n")
        (partial / RESUME).unlink()
        if isinstance(path, Path) and isinstance(partial, Path):
            _put(partial, path)
        return True


def _put(partial: Path, path: Path) -> None:
    """Give a complete folder its name; one that is there, empty (as DVC and git leave them) or replaced, goes."""
    old = path.with_name(f".replaced-{path.name}")
    shutil.rmtree(old, ignore_errors=True)
    if path.exists():
        path.rename(old)
    partial.rename(path)
    shutil.rmtree(old, ignore_errors=True)


def _prepare(partial: Folder, state: Mapping[str, Any], *, keep: bool) -> None:
    """Make the folder `partial`, or keep it where it was begun in the same state."""
    begun = partial / RESUME
    if keep and begun.exists() and json.loads(begun.read_text()) == state:
        log.info("going on with what an interrupted run left in %s", partial)
        return
    if isinstance(partial, S3Folder):
        _clear(partial)
    else:
        s3_folder.remove(partial)
        partial.mkdir()
    s3_folder.write_at_once(begun, json.dumps(state))


def _clear(path: S3Folder) -> None:
    """Empty a folder of S3: the recipe first, so that what is left counts as unfinished if this is interrupted."""
    if not s3_folder.files(path):
        return
    (path / RESUME).write_text(json.dumps(None))
    if (path / RECIPE).exists():
        (path / RECIPE).unlink()
    for file in s3_folder.files(path):
        if file.name != RESUME:
            s3_folder.remove(file)


def _leave(partial: Folder, error: BaseException, *, keep: bool) -> None:
    """Keep what there is where the next call can go on with it."""
    if keep and any(path.name != RESUME for path in s3_folder.files(partial)):
        log.warning("interrupted (%s); the same command goes on from there", type(error).__name__)
    else:
        s3_folder.remove(partial)
