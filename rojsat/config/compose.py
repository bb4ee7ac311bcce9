"""Composes an experiment from `experiments/*.yaml` and the command line, over the dataclasses of `schema`.

A key that the schema does not hold is an error, in a file and on the command line.
"""

import copy
import functools
import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from rojsat.config import (
    composed_files,
    decides,
    foreign_models,
    lookup,
    named_files,
    questions,
    refusals,
    value_types,
    variants,
)
from rojsat.config.composed_files import GROUPS
from rojsat.config.keys import ConfigError, check_file, check_key, hint
from rojsat.config.provenance import text_digest
from rojsat.config.schema import Experiment

ROOT = Path(__file__).resolve().parents[2]
"""The repository: `experiments/`, `data/`, `reports/` and `mlruns/` stand in it."""

EXPERIMENTS = ROOT / "experiments"

TASKS = ("classification", "segmentation")


def names(group: str = "") -> list[str]:
    """Names of the experiments, or of the files of a `group`."""
    stems = sorted(path.stem for path in (EXPERIMENTS / group).glob("*.yaml"))
    return [name for name in stems if group or name not in ("default", "pipeline")]


def header(name: str) -> str:
    """The comment at the head of a file of `experiments/`, without its marks."""
    lines = (EXPERIMENTS / f"{name.strip('/')}.yaml").read_text().removeprefix("# @package _global_\n").splitlines()
    comment = itertools.takewhile(lambda line: line.startswith("#"), lines)
    return "\n".join(line.lstrip("# ") for line in comment)


def _check(name: str, overrides: Sequence[str]) -> None:
    """Check the chosen files and the keys of the command line before anything is composed."""
    check_file(EXPERIMENTS, EXPERIMENTS / "default.yaml")
    check_file(EXPERIMENTS, EXPERIMENTS / f"{name}.yaml")
    check_file(EXPERIMENTS, EXPERIMENTS / "chips" / "default.yaml", "data.chips.")
    for group in GROUPS:
        for chosen in names(group):
            check_file(EXPERIMENTS, EXPERIMENTS / group / f"{chosen}.yaml", "data." if group == "data" else "")
    for override in overrides:
        key, equals, value = override.lstrip("+~").partition("=")
        if not equals:
            raise ConfigError(f"{override!r} is not of the form key=value")
        check_key(key, "command line")
        for chosen in variants.names(value) if key == "variant" else [value] if key in GROUPS else []:
            if chosen not in names(key):
                raise lookup.unknown(key, chosen, names(key))


def load(name: str = "default", overrides: Sequence[str] = ()) -> Experiment:
    """Compose an experiment.

    Args:
        name: a file of `experiments/`, without its ending. `default` names no network: its `model.name` is empty.
        overrides: `key=value`, in Hydra's override syntax.

    Raises:
        ConfigError: a key or a value that cannot be.
        rojsat.config.lookup.UnknownNameError: no such experiment, data set, size, task or variant.
    """
    files = sorted(EXPERIMENTS.rglob("*.yaml"))
    state = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    experiment = copy.deepcopy(_composed(EXPERIMENTS, state, name, tuple(overrides)))
    named_files.resolve(experiment)
    return experiment


@functools.cache
def _composed(folder: Path, state: tuple[Any, ...], name: str, overrides: tuple[str, ...]) -> Experiment:
    """What `load` composes, once for each `state` of the files in `folder`."""
    if name != "default" and name not in names():
        raise lookup.unknown("experiment", name, names())
    _check(name, overrides)
    variant = variants.asked(overrides)
    variants.check(folder / "variant", variant)
    try:
        words = composed_files.words(overrides, variant)
        config = composed_files.composed(folder, state, name, [*words, f"exp={name}"])
        config.variant = variant
        variants.forget(folder / "variant", config, words)
        _check_answers(config)
        return _typed(config, fill=name == "default")
    except (HydraException, OmegaConfBaseException) as error:
        reason = refusals.words(error)
        of_command_line = any(word.lstrip("+~").partition("=")[0] in reason for word in overrides)
        raise ConfigError(reason if of_command_line else f"experiment {name}: {reason}") from error


def _check_answers(config: DictConfig) -> None:
    """Refuse a data set whose file leaves questions open."""
    open_keys = [key for key in OmegaConf.missing_keys(config) if key.startswith("data.")]
    if open_keys:
        file = EXPERIMENTS / "data" / f"{config.data.name}.yaml"
        asked = questions.of(file) if file.is_file() else [f"{key} has no value" for key in open_keys]
        raise ConfigError("\n  ".join([f"{file} leaves questions open; write the answers where ??? stands:", *asked]))


def _typed(config: DictConfig, *, fill: bool = False) -> Experiment:
    """The dataclasses of a composed experiment.

    Args:
        config: composed; changed in place.
        fill: whether names that are missing are left empty, which otherwise is an error.
    """
    OmegaConf.resolve(config)
    for key in OmegaConf.missing_keys(config) if fill else ():
        OmegaConf.update(config, key, "")
    return cast(Experiment, OmegaConf.to_object(config))


def with_values(experiment: Experiment, values: Mapping[str, Any]) -> Experiment:
    """A copy of the experiment with other values.

    Args:
        experiment: composed.
        values: by key, dots between levels.

    Raises:
        ConfigError: a value of the wrong type.
    """
    changed = copy.deepcopy(experiment)
    for key, new in values.items():
        part, _, below = key.partition(".")
        config = OmegaConf.structured(getattr(changed, part) if below else changed)  # all takes ten times as long
        try:
            OmegaConf.update(config, below or key, new, merge=False, force_add=".options." in key)
        except OmegaConfBaseException as error:
            raise ConfigError(value_types.refusal(key, new, value_types.annotation(hint(key)))) from error
        if below:
            setattr(changed, part, OmegaConf.to_object(config))
        else:
            changed = _typed(config)
    named_files.resolve(changed)
    return changed


def public(address: str) -> str:
    """The address of a server or a database, without user and password."""
    parts = urlsplit(address)
    if not parts.username:
        return address
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def written(experiment: Experiment) -> str:
    """The composed experiment as YAML, without the password of `tune.storage`."""
    config = OmegaConf.structured(experiment)
    if experiment.tune.storage is not None:
        config.tune.storage = public(experiment.tune.storage)
    return OmegaConf.to_yaml(config)


@functools.cache
def _as_its_files_say(folder: Path, exp: str, *words: str) -> tuple[str, str, str]:  # noqa: ARG001
    """Fingerprint of an experiment with these choices of files alone, its data set and the experiment's own size.

    Composed once for each `folder` of files.
    """
    experiment = load(exp, words)
    return decides.fingerprint(experiment), experiment.data.name, load(exp).size


def run_name(experiment: Experiment) -> str:
    """What the experiment's run and report are called: its file's name, variants, data set, size, a hash.

    `unet_roi6`; `unet_roi6_iou` with a variant; `unet_roi6_iou_full` at that size; `unet_objects_9` on another data set
    of `experiments/data`; with `-` and six digits of a hash behind where other overrides change a key that decides the
    result, see `rojsat.config.decides`.
    """
    exp, size, variant, data = experiment.exp, experiment.size, experiment.variant, experiment.data.name
    words = (f"size={size}", f"variant={variant}")
    without_overrides, own_data, own_size = _as_its_files_say(EXPERIMENTS, exp, *words)
    is_other = data != own_data and data in names("data")
    if is_other:
        without_overrides, *_ = _as_its_files_say(EXPERIMENTS, exp, *words, f"data={data}")
    parts = [exp, *variants.names(variant), *([data] if is_other else []), *([] if size == own_size else [size])]
    fingerprint = decides.fingerprint(experiment)
    return "_".join(parts) + ("" if fingerprint == without_overrides else f"-{fingerprint[:6]}")


def report_folder(experiment: Experiment) -> Path:
    """The folder of what a run of the experiment leaves."""
    return ROOT / "reports" / experiment.size / run_name(experiment)


def search_folder(experiment: Experiment) -> Path:
    """The folder of what a search around the experiment leaves."""
    return ROOT / "reports" / "searches" / run_name(experiment)


def evaluation_name(experiment: Experiment) -> str:
    """What an evaluation over folds is called: the run's name and the split's, a hash where that has options.

    Of a model that was fitted elsewhere its own name stands before.
    """
    setting = experiment.evaluate
    of_model = f"{foreign_models.name(setting.model)}_on_" if setting.model else ""
    name = f"{of_model}{run_name(experiment)}_{setting.folds or experiment.split.name}"
    if not setting.fold_options:
        return name
    return f"{name}-{text_digest(json.dumps(setting.fold_options, sort_keys=True))[:6]}"


def evaluation_folder(experiment: Experiment) -> Path:
    """The folder of what an evaluation of the experiment over folds leaves."""
    return ROOT / "reports" / "evaluations" / evaluation_name(experiment)


def parse(arguments: Sequence[str]) -> Experiment:
    """Compose the experiment that a command line `[exp=NAME] [key=value ...]` asks for.

    Raises:
        ConfigError: a key or a value that cannot be.
        rojsat.config.lookup.UnknownNameError: no such experiment.
    """
    chosen = [word.removeprefix("exp=") for word in arguments if word.startswith("exp=")]
    rest = [word for word in arguments if not word.startswith("exp=")]
    if len(chosen) > 1:
        raise ConfigError(f"one experiment at a time, not {len(chosen)}: {', '.join(chosen)}")
    return load(chosen[0] if chosen else "default", rest)
