"""What of an experiment can be known to be wrong without data, without torch and in milliseconds.

`rojsat.config.command.execute` calls it before a command makes anything. What only torch or a network knows is checked
by `rojsat.learn.choices.check`, before data are made too.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from rojsat.config import catalogue, date_words, decides, devices, keys, lookup, recipes, value_types
from rojsat.config.keys import ConfigError
from rojsat.config.schema import Experiment, Named

_BOUNDS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "least": (lambda value, bound: value >= bound, "{} or more"),
    "most": (lambda value, bound: value <= bound, "{} or less"),
    "above": (lambda value, bound: value > bound, "above {}"),
    "below": (lambda value, bound: value < bound, "below {}"),
}

CHANNELS, SPLITS, CHOICES = "chips/channels", "chips/splits", "learn/choices"
"""Files that say what there is."""

_SOURCES = ("geo/finland/stand_regions", "SOURCES")
_REGION_NAMES = {"role": ("chips/roles", "ROLES"), "source": _SOURCES, "parts": ("geo/vectors/region_parts", "PARTS")}

NAMED_OPTIONS = {"backbone": "BACKBONES", "encoder": "ENCODERS"}
"""Options of networks that are names, and what lists them in the network's module."""


def check(experiment: Experiment, *, all_folds: bool = False) -> None:
    """Refuse an experiment that cannot be.

    Args:
        experiment: composed; without a network where the command needs data alone.
        all_folds: whether the command trains every fold of a split, which then is no option that must be given.

    Raises:
        ConfigError: a value that is out of its range or of another type, options that are missing, a device that is not
            there, a loss that does not fit, channels twice.
        rojsat.config.lookup.UnknownNameError: a name or an option that does not exist; the message names the nearest.
    """
    _check_values(experiment)
    _check_device(experiment.train.device)
    _check_source(experiment)
    _check_channels(experiment.inputs.channels)
    if fault := date_words.fault(experiment.inputs.dates):
        raise ConfigError(fault)
    for kind in ("loss", "optimizer", "schedule"):
        _check_function(experiment, kind, {"loss": "losses"}.get(kind, f"{kind}s"))
    _check_split(experiment, all_folds)
    _check_loss(experiment)
    _check_head(experiment.model.head)
    if experiment.model.name:
        _check_model(experiment)


def check_files(experiment: Experiment) -> None:
    """Refuse an experiment that names files which are not there and are needed to begin.

    Raises:
        ConfigError: the folder of a source, a file of weights or of a split.
    """
    root, weights = experiment.data.root, experiment.model.weights
    if not any(recipes.folder(stage, experiment).exists() for stage in ("raw", "chips")):
        _check_root(experiment.data.source, root)
    if weights and Path(weights).suffix and not Path(weights).expanduser().is_file():
        raise ConfigError(f"model.weights={weights}: no such file; null trains from scratch")
    path = experiment.split.options.get("path")
    if experiment.split.name == "file" and not Path(str(path)).is_file():
        raise ConfigError(f"split.options.path={path}: no such file")


def _check_root(source: str, root: str | None) -> None:
    """Refuse a source without the folder that it reads."""
    option = catalogue.options(catalogue.entry("geo/sources", source, "source"), "write").get("root")
    if root is None and option is not None and option.is_required:
        raise ConfigError(f"source {source} reads a folder: name it by data.root=FOLDER")
    if root is not None and not Path(root).is_dir():
        raise ConfigError(f"data.root={root}: there is no such folder")


def _check_values(experiment: Experiment) -> None:
    """Refuse values out of the range, or none of the names, that the schema states."""
    for key, facts in decides.table().items():
        for value in _members(keys.value(experiment, key)):
            broken = [name for name, (holds, _) in _BOUNDS.items() if name in facts and not holds(value, facts[name])]
            if broken or (isinstance(value, float) and not math.isfinite(value)):
                ranges = [words.format(facts[name]) for name, (_, words) in _BOUNDS.items() if name in facts]
                raise ConfigError(f"{key}={value}: it is {' and '.join(ranges) or 'a finite number'}")
            if "among" in facts:
                _check_name(key, value, catalogue.names(*facts["among"].split(":")))
    for number, regions in enumerate(experiment.data.regions):
        for key, names in _REGION_NAMES.items():
            for value in _members(getattr(regions, key)):
                _check_name(f"data.regions[{number}].{key}", value, catalogue.names(*names))
    for number, file in enumerate(experiment.data.harvests):
        registers = catalogue.names("geo/harvests/registers", "REGISTERS")
        _check_name(f"data.harvests[{number}].register", file.register, registers)


def _members(value: Any) -> list[Any]:
    """The members of a list, or the value itself; nothing where it is not set."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _check_name(kind: str, name: str, possible: tuple[str, ...] | list[str]) -> None:
    if name not in possible:
        raise lookup.unknown(kind, name, possible)


def _check_device(device: str) -> None:
    """Refuse a device that is not there."""
    if not devices.present(device):
        possible = [name for name in catalogue.names("learn/machine", "DEVICES") if devices.present(name)]
        raise ConfigError(f"train.device={device}: torch finds none here; possible: {', '.join(possible)}")


def _check_source(experiment: Experiment) -> None:
    """Refuse sources of scenes and labels that do not exist, and their options."""
    data = experiment.data
    _check_name("data.source", data.source, catalogue.modules("geo/sources"))
    source = catalogue.entry("geo/sources", data.source, "source")
    _check_options("data.options", data.options, _without(catalogue.options(source, "write"), "root"))
    over = data.labels.options.get("over") or {"source": "unlabelled"}
    for key, labels in (("data.labels", vars(data.labels)), ("data.labels.options.over", over)):
        _check_name(f"{key}.source", str(labels.get("source")), catalogue.modules("geo/labels"))
        possible = catalogue.options(catalogue.entry("geo/labels", labels["source"], "label"), "masks")
        _check_options(f"{key}.options", labels.get("options") or {}, possible)
    tracks = _without(catalogue.options("geo/gps/tracks", "read_tracks"), "crs", "regions")
    _check_options("data.gps.options", data.gps.options, tracks)
    if "://" not in experiment.dask.scheduler:
        schedulers = catalogue.names("jobs/dask_work", "SCHEDULERS")
        _check_name("dask.scheduler", experiment.dask.scheduler, (*schedulers, "tcp://HOST:PORT"))


def _without(options: Mapping[str, catalogue.Option], *reserved: str) -> dict[str, catalogue.Option]:
    return {name: option for name, option in options.items() if name not in reserved}


def _check_channels(channels: list[str]) -> None:
    """Refuse channels that no chip can have, or that come twice; which of them a store has is known when it exists."""
    bands = catalogue.first_arguments("chips/bands", "MSI")
    tci, s2 = catalogue.value(CHANNELS, "TCI"), catalogue.value(CHANNELS, "S2")
    known = [catalogue.value(CHANNELS, "OUTLINE"), catalogue.value("chips/harvest_years", "CHANNEL")]
    single = [*catalogue.names(CHANNELS, "__all__"), *tci, *known, *bands]
    single += [f"toa.{band}" for band in bands]
    groups = {"tci": tci, "s2": s2, "boa": bands, "toa": [f"toa.{band}" for band in bands]}
    for name in channels:
        _check_name("inputs.channels:", name, [*groups, *single])
    expanded = [channel for name in channels for channel in groups.get(name, (name,))]
    twice = sorted({channel for channel in expanded if expanded.count(channel) > 1})
    if twice or not channels:
        raise ConfigError(f"inputs.channels={channels}: {f'{twice} come twice' if twice else 'there is none'}")


def _check_function(experiment: Experiment, kind: str, module: str) -> None:
    """Refuse a loss, an optimizer or a schedule that does not exist, and its options."""
    choice = getattr(experiment, kind)
    _check_name(kind, choice.name, catalogue.names(f"learn/{module}", "__all__"))
    _check_options(f"{kind}.options", choice.options, catalogue.options(f"learn/{module}", choice.name))


def _check_split(experiment: Experiment, all_folds: bool) -> None:
    """Refuse a split that does not exist, its options, and those of the folds that are evaluated."""
    split, folds = experiment.split, experiment.evaluate
    check_options = partial(_check_options, skipped=("fold",) if all_folds else ())
    _check_name("split", split.name, catalogue.names(SPLITS, "__all__"))
    if not all_folds or folds.folds in (None, split.name):
        split_options = {**split.options, **(folds.fold_options if all_folds else {})}
        check_options("split.options", split_options, catalogue.options(SPLITS, split.name))
    elif folds.folds is not None:
        check_options("evaluate.fold_options", folds.fold_options, catalogue.options(SPLITS, folds.folds))
    if all_folds and (not folds.seeds or len(set(folds.seeds)) < len(folds.seeds)):
        raise ConfigError(f"evaluate.seeds={list(folds.seeds)} must be different numbers from 0, at least one")


def _check_loss(experiment: Experiment) -> None:
    """Refuse a loss that does not fit the task or the outputs of the network."""
    loss, task, outputs = experiment.loss.name, experiment.task, experiment.model.outputs
    if task == "classification" and loss in catalogue.names("learn/losses", "OF_PIXELS"):
        raise ConfigError(f"loss.name={loss} needs pixels, and task classification has labels of complete chips")
    fewest, most = catalogue.value("learn/losses", "OUTPUTS")[loss]
    if outputs < fewest or (most is not None and outputs > most):
        takes = f"{fewest} or more" if most is None else f"{fewest}" if most == fewest else f"{fewest} to {most}"
        raise ConfigError(f"loss.name={loss} takes model.outputs={takes}, not {outputs}; or choose another loss")


def _check_head(head: Named) -> None:
    """Refuse a head that does not exist, and its options."""
    _check_name("model.head", head.name, catalogue.names("learn/models/heads", "__all__"))
    _check_options("model.head.options", head.options, catalogue.options("learn/models/heads", head.name))


def _check_model(experiment: Experiment) -> None:
    """Refuse a model that does not exist or is for another task, and its options."""
    model, task = experiment.model, experiment.task
    by_task = catalogue.members(CHOICES, "MODELS")
    _check_name("task", task, tuple(by_task))
    packages = dict(_models(by_task[task]))
    if model.name not in packages:
        others = {name: other for other, names in by_task.items() for name, _ in _models(names) if other != task}
        if model.name in others:
            possible = ", ".join(sorted(packages))
            raise ConfigError(f"model.name={model.name} is for task {others[model.name]}, not {task}: {possible}")
        raise lookup.unknown("model", model.name, packages)
    file = catalogue.entry(packages[model.name], model.name, packages[model.name].rpartition("/")[2].removesuffix("s"))
    options = _without(catalogue.options(file, "build"), *catalogue.names(CHOICES, "BUILT"))
    _check_options("model.options", model.options, options)
    _check_features(experiment.inputs.features, task, packages[model.name])
    for option, variable in NAMED_OPTIONS.items():
        if option in model.options and catalogue.has(file, variable):  # else a package knows the names
            _check_name(f"model.options.{option}", model.options[option], catalogue.names(file, variable))


def _check_features(features: list[str], task: str, package: str) -> None:
    """Refuse features of an encoder for what is no estimator on pixels, none, or one that comes twice."""
    if not features or len(set(features)) < len(features):
        raise ConfigError(f"inputs.features={features}: {'one comes twice' if features else 'there is none'}")
    if features != ["channels"] and (task, package.rpartition("/")[2]) != ("segmentation", "pixels"):
        estimators = ", ".join(catalogue.modules("learn/models/pixels"))
        raise ConfigError(
            f"inputs.features={features} is for estimators on pixels, task segmentation with model.name={estimators}"
        )


def _models(packages: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Names of models with the package of each, below `rojsat/`."""
    for package in packages:
        for name in catalogue.modules(f"learn/models/{package}"):
            yield name, f"learn/models/{package}"


def _check_options(
    key: str, given: Mapping[str, Any], options: Mapping[str, catalogue.Option], skipped: tuple[str, ...] = ()
) -> None:
    """Refuse options that do not exist, of another type, or that are missing; those `skipped` may be."""
    for name, value in given.items():
        if name not in options:
            raise lookup.unknown(f"{key}:", name, options)
        if not value_types.fits(value, options[name].annotation):
            raise ConfigError(value_types.refusal(f"{key}.{name}", value, options[name].annotation))
    missing = [name for name, option in options.items() if option.is_required and name not in {*given, *skipped}]
    if missing:
        raise ConfigError(f"{key} lacks {', '.join(missing)}: set {key}.{missing[0]}=VALUE")
