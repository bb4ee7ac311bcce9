"""The keys that an experiment can have, and the nearest one to a key that it cannot."""

import functools
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_origin, get_type_hints

import yaml

from rojsat.config import lookup
from rojsat.config.schema import Experiment

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Twenty times as fast as OmegaConf's: of most files nothing but the keys is wanted."""


class ConfigError(ValueError):
    """An experiment that cannot be composed."""


def keys(schema: type = Experiment, prefix: str = "") -> Iterator[str]:
    """All keys of the schema with dots between levels; a level of free options ends in `.*`."""
    hints = get_type_hints(schema)
    for item in fields(schema):
        name = f"{prefix}{item.name}"
        yield name
        if is_dataclass(hints[item.name]):
            yield from keys(hints[item.name], f"{name}.")
        elif item.name in ("options", "space", "fold_options"):
            yield f"{name}.*"


@functools.cache
def _known() -> tuple[str, ...]:
    """All keys, worked out once."""
    return tuple(keys())


def value(experiment: Experiment, key: str) -> Any:
    """The value of a key with dots between levels; None where an option is not set."""
    node: Any = experiment
    for name in key.split("."):
        node = node.get(name) if isinstance(node, dict) else getattr(node, name)
    return node


def is_list(key: str) -> bool:
    """Whether the values of a key of the schema, with dots between levels, are lists."""
    return get_origin(hint(key)) is list


def hint(key: str) -> Any:
    """The type of a key of the schema, with dots between levels; of an option, that of all options."""
    node: Any = Experiment
    for name in key.split("."):
        if not is_dataclass(node):
            break
        node = get_type_hints(node)[name]
    return node


def check_key(key: str, where: str) -> None:
    """Refuse a `key` that the schema does not hold.

    Raises:
        ConfigError: naming the nearest valid key.
    """
    known = _known()
    if key in known or any(key.startswith(name[:-1]) for name in known if name.endswith(".*")):
        return
    nearest = lookup.nearest(key, [name for name in known if not name.endswith("*")])[0]
    level = nearest.rpartition(".")[0]
    beside = [name for name in known if name.rpartition(".")[0] == level]
    raise ConfigError(
        f"{where}: key {key!r} does not exist. Did you mean {nearest!r}? Beside it stand: {', '.join(beside)}"
    )


def _flat(node: Any, prefix: str = "") -> Iterator[str]:
    """Keys of a mapping, with dots between levels, leaves only."""
    for key, value in node.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def check_file(folder: Path, path: Path, package: str = "") -> None:
    """Refuse a file of `experiments/` that holds a key the schema does not have.

    Args:
        folder: `experiments/`.
        path: the YAML file.
        package: where its keys stand in the experiment, `data.` for a data set.

    Raises:
        ConfigError: naming file, key and the nearest valid key.
    """
    _check_content(str(path.relative_to(folder)), path, path.stat().st_mtime_ns, package)


@functools.cache
def _check_content(name: str, path: Path, changed: int, package: str) -> None:  # noqa: ARG001
    """Check a file once, as long as its time of change stays the same."""
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or {}
    content.pop("defaults", None)
    for key in _flat(content, package):
        check_key(key, f"experiments/{name}")


def quoted(word: str) -> str:
    """A word `key=value` in Hydra's syntax: a value with blanks or letters beyond ASCII, as of a path, in quotes."""
    key, equals, value = word.partition("=")
    is_plain = value.isascii() and not any(sign.isspace() for sign in value)
    if is_plain or value[0] in "'\"[{":
        return word
    text = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{key}{equals}'{text}'"
