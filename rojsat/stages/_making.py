"""Which folders of data must be made, and whether the files that they were made from have changed since."""

import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rojsat.config import input_files, lazy, recipes
from rojsat.config.input_files import Changes, FileGroup
from rojsat.config.schema import Experiment

if TYPE_CHECKING:
    from rojsat.geo import made_from
else:
    made_from = lazy.module("rojsat.geo.made_from")

STAGES = tuple(recipes.FOLDERS)


def missing(experiment: Experiment) -> list[str]:
    """The stages that must run before the experiment can, in their order.

    Raises:
        ValueError: a folder of that name was made from something else, or files that one was made from have changed
            since and `data.if_changed` says to stop.
    """
    not_made = recipes.missing(experiment)
    stale = _stale(experiment, STAGES[-1])
    if not stale:
        return not_made
    made = [recipes.is_made(recipes.folder(stage, experiment), recipes.recipe(stage, experiment)) for stage in STAGES]
    return [stage for stage, is_made in zip(STAGES, made, strict=True) if stage in stale or not is_made]


def make(stage: str, experiment: Experiment, write: Callable[[Any], None], *, resume: str | None = None) -> None:
    """Make the folder of a stage, unless it is there and made from the files of now; prints which.

    Args:
        stage: one of `raw`, `masks`, `chips`.
        experiment: composed.
        write: see `recipes.make`.
        resume: see there; the files are put to it.

    Raises:
        ValueError: see `missing`; of the stages up to this one.
    """
    folder, made_by = recipes.folder(stage, experiment), recipes.recipe(stage, experiment)
    if recipes.is_made(folder, made_by):
        _record_late(experiment)
    again = stage in _stale(experiment, stage)
    recorded = input_files.record(_groups(stage, experiment) or {}, _folders(stage, experiment))
    state = None if resume is None else f"{resume} {input_files.digest(recorded)}"
    if not recipes.make(folder, made_by, write, resume=state, made_from=recorded, again=again):
        print(f"made already: {recipes.shown(folder)}")


def _stale(experiment: Experiment, last: str) -> Sequence[str]:
    """The stages up to `last` to be made again; those that stay although files have changed are printed.

    Raises:
        ValueError: if there are some and `data.if_changed` says to stop.
    """
    changes: dict[str, Changes] = {}
    for stage in STAGES:
        if recipes.read(recipes.folder(stage, experiment)) is not None:
            stage_changes = _changes(stage, experiment)
            if stage_changes or any(before in changes for before in _before(stage)):
                changes[stage] = stage_changes
    stale = [stage for stage in changes if STAGES.index(stage) <= STAGES.index(last)]
    if not stale or experiment.data.if_changed == "make_again":
        return stale
    report = "\n".join(_report(changes, experiment))
    if experiment.data.if_changed == "keep":
        print(f"{report}\nkept all the same (data.if_changed=keep)", flush=True)
        return []
    raise ValueError(f"{report}\n{_advice(stale, list(changes), experiment)}")


def _report(changes: Mapping[str, Changes], experiment: Experiment) -> Iterator[str]:
    yield f"what {experiment.data.name} was made from has changed since:"
    for stage, stage_changes in changes.items():
        if stage_changes:
            yield f" {recipes.shown(recipes.folder(stage, experiment))}"
            yield from stage_changes.lines()


def _advice(stale: Sequence[str], every: Sequence[str], experiment: Experiment) -> str:
    folders = [recipes.shown(recipes.folder(stage, experiment)) for stage in every]
    replaced = ", ".join(folders[: len(stale)])
    rest = f", and then {', '.join(folders[len(stale) :])} by their stages (or all by `inspect`)"
    return (
        f"To be made again: {', '.join(folders)}. The same command with data.if_changed=make_again replaces {replaced}"
        f"{rest if len(folders) > len(stale) else ''}; data.if_changed=keep goes on with what was made"
    )


def _changes(stage: str, experiment: Experiment) -> Changes:
    """What of the files and folders that a stage's folder was made from has changed."""
    folder = recipes.folder(stage, experiment)
    recorded, folders = input_files.read(folder), _folders(stage, experiment)
    if recorded is None:
        return Changes(folders=sorted(folders))
    groups = _groups(stage, experiment)
    if groups is None:
        print(f"{recipes.shown(folder)}: whether its files have changed cannot be seen from here", flush=True)
        recorded, groups = {**recorded, "files": {}}, {}
    changes = input_files.compare(recorded, groups, folders)
    if changes.retimed:
        print(
            f"other times, same sizes, beginnings and ends: taken as the same: {input_files.listed(changes.retimed)}",
            flush=True,
        )
    return changes


def _groups(stage: str, experiment: Experiment) -> Mapping[str, FileGroup] | None:
    """The files that decide a stage's folder, besides folders before it; None where they cannot be listed here."""
    data, raw = experiment.data, recipes.folder("raw", experiment)
    has_files = {
        "raw": bool(data.root or data.regions or data.gps.files or data.harvests or data.options.get("area")),
        "masks": data.labels.source in ("rasters", "corrections", "completed_tendings"),
    }
    if not has_files.get(stage, False):
        return {}
    root = None if data.root is None else Path(data.root)
    if importlib.util.find_spec("rasterio") is None or (root is not None and not root.exists()):
        return None
    if stage == "raw":
        decides = {key: value for key, value in recipes.recipe("raw", experiment).items() if key != "clouds"}
        return made_from.of_raw(**{**decides, "root": root})  # a mask is computed from the scenes' own files
    files = data.labels.options.get("files", [])
    return made_from.of_masks(raw, files) if raw.exists() else None


def _before(stage: str) -> tuple[str, ...]:
    return STAGES[: STAGES.index(stage)]


def _folders(stage: str, experiment: Experiment) -> dict[str, str]:
    """The digests of what the folders before were made from; those without a record are left out."""
    records = {before: input_files.read(recipes.folder(before, experiment)) for before in _before(stage)}
    return {before: input_files.digest(record) for before, record in records.items() if record is not None}


def _record_late(experiment: Experiment) -> None:
    """Record the files of folders that were made before there were records, from now on."""
    raw = recipes.folder("raw", experiment)
    if recipes.read(raw) is None or input_files.read(raw) is not None or not _groups("raw", experiment):
        return
    for stage in STAGES:
        folder = recipes.folder(stage, experiment)
        if recipes.read(folder) is not None and input_files.read(folder) is None:
            groups: Mapping[str, Any] = _groups(stage, experiment) or {}
            input_files.write(folder, input_files.record(groups, _folders(stage, experiment)))
            print(
                f"{recipes.shown(folder)} was made without a record of its files: whether they have changed since is "
                "not known. Recorded now: later changes will be noticed",
                flush=True,
            )
