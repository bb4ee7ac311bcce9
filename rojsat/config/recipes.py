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
from typing import Any

from filelock import FileLock

from rojsat.config import compose, input_files, label_extents, stated_keys
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


def folder(stage: str, experiment: Experiment) -> Path:
    """Where a stage of the data leaves what it makes for the experiment."""
    return compose.ROOT / "data" / FOLDERS[stage] / experiment.data.name


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


def read(path: Path) -> dict[str, Any] | None:
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


def is_made(path: Path, made_by: Mapping[str, Any]) -> bool:
    """Whether the folder `path` is there and was made by the recipe `made_by`.

    Raises:
        ValueError: if it is there and something else made it: nothing is overwritten unasked.
    """
    content = read(path)
    if content is None:
        if path.exists() and any(path.iterdir()):
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
    path: Path,
    made_by: Mapping[str, Any],
    write: Callable[[Path], None],
    *,
    resume: str | None = None,
    made_from: Mapping[str, Any] | None = None,
    again: bool = False,
) -> bool:
    """Make the folder `path`, unless it is there already.

    One process at a time makes a folder; a second one waits and finds it made.

    Args:
        path: the folder to make.
        made_by: the recipe that decides its content.
        write: fills the folder that it is given; the folder takes its name when that is done.
        resume: None: `write` gets an empty folder; nothing stays behind when it raises, and what a killed process
            left is removed. Else `write` can go on: it gets what an interrupted call with the same recipe and the same
            `resume` (a fingerprint of code and inputs) left.
        made_from: the record of the files that it is made from, see `rojsat.config.input_files`; kept in the folder.
        again: whether a folder that was made from other files is replaced; until the new one is complete it stays.

    Returns:
        Whether it was made now.

    Raises:
        ValueError: if `path` is there and something else made it.
    """
    recorded = dict(made_from or {})
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".partial-{path.name}")  # no ending: pystac takes one for a file
    with FileLock(path.with_name(f".lock-{path.name}")):
        if is_made(path, made_by) and not (again and input_files.read(path) != recorded):
            return False
        _prepare(partial, {"recipe": dict(made_by), "fingerprint": resume}, keep=resume is not None)
        try:
            write(partial)
        except BaseException as error:
            _leave(partial, error, keep=resume is not None)
            raise
        (partial / RESUME).unlink()
        (partial / RECIPE).write_text(json.dumps(made_by, indent=1, sort_keys=True) + "\n")
        input_files.write(partial, recorded)
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


def _prepare(partial: Path, state: Mapping[str, Any], *, keep: bool) -> None:
    """Make the folder `partial`, or keep it where it was begun in the same state."""
    begun = partial / RESUME
    if keep and begun.exists() and json.loads(begun.read_text()) == state:
        log.info("going on with what an interrupted run left in %s", partial)
        return
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    beside = partial / f".{RESUME}"
    beside.write_text(json.dumps(state))
    beside.rename(begun)


def _leave(partial: Path, error: BaseException, *, keep: bool) -> None:
    """Keep what there is where the next call can go on with it."""
    if keep and any(path.name != RESUME for path in partial.iterdir()):
        log.warning("interrupted (%s); the same command goes on from there", type(error).__name__)
    else:
        shutil.rmtree(partial, ignore_errors=True)
