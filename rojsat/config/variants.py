"""What `variant=NAME,NAME` asks for: whether its files can stand together, and the options that they put away."""

from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf

from rojsat.config.keys import ConfigError

NO_VARIANT = "none"
"""The `variant` of an experiment that stands as its file says."""


SCRATCH, WEIGHTS = "scratch", "model.weights"
"""The variant that takes away the weights of any other, named before it: the random twin; and the key that it sets."""


def names(variant: str) -> list[str]:
    """The variants that `variant` of an experiment names, in their order."""
    return [] if variant == NO_VARIANT else variant.split(",")


def asked(overrides: Sequence[str]) -> str:
    """The variant that the overrides of a command line ask for.

    Raises:
        ConfigError: `variant=` stands twice, or names a variant twice.
    """
    words = [word.partition("=")[2] for word in overrides if word.lstrip("+").startswith("variant=")]
    if len(words) > 1:
        raise ConfigError(f"variant= stands {len(words)} times; name all in one: variant={','.join(words)}")
    chosen = words[0] if words else NO_VARIANT
    listed = names(chosen)
    if len(listed) != len(set(listed)):
        raise ConfigError(f"variant={chosen} names a variant twice")
    return chosen


def check(folder: Path, variant: str) -> None:
    """Refuse variants that cannot stand together.

    Args:
        folder: `experiments/variant`.
        variant: of an experiment.

    Raises:
        ConfigError: two of them set one key to different values, or choose different files; but for the weights that
            `scratch`, named later, takes away.
    """
    set_by: dict[str, tuple[str, Any]] = {}
    for name in names(variant):
        for key, value in _settings(folder, name):
            other, before = set_by.setdefault(key, (name, value))
            if before != value and (key, name) != (WEIGHTS, SCRATCH):
                words = f"name {SCRATCH} last" if (key, other) == (WEIGHTS, SCRATCH) else "write an experiment"
                raise ConfigError(f"variants {other} and {name} both set {key}; leave one out, or {words}")


def _settings(folder: Path, name: str) -> Iterator[tuple[str, Any]]:
    """Keys and values of a variant's file, with the files that it chooses."""
    content = _content(folder, name)
    for line in content.pop("defaults", []):
        yield from line.items()
    yield from _leaves(content, "")


def _leaves(node: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """Values of a mapping by their keys, with dots between levels; options of a thing count as one."""
    for key, value in node.items():
        if isinstance(value, dict) and key != "options":
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _content(folder: Path, name: str) -> dict[str, Any]:
    content = OmegaConf.to_container(OmegaConf.load(folder / f"{name}.yaml"))
    assert isinstance(content, dict)
    return {str(key): value for key, value in content.items()}


def forget(folder: Path, config: DictConfig, overrides: Sequence[str]) -> None:
    """Drop the options of what a variant or a name on the command line replaces: the other has options of its own.

    Args:
        folder: `experiments/variant`.
        config: the composed experiment; changed in place.
        overrides: of the command line, whose options stay.
    """
    for variant in names(str(config.variant)):
        for key, node in _content(folder, variant).items():
            if isinstance(node, dict) and "name" in node and key != "data":
                _keep(config[key], {*node.get("options", {}), *_given(f"{key}.options", overrides)})
    for override in overrides:
        key, _, last = override.lstrip("+").partition("=")[0].rpartition(".")
        node = OmegaConf.select(config, key) if last == "name" and key != "data" else None
        if isinstance(node, DictConfig) and "options" in node:
            _keep(node, set(_given(f"{key}.options", overrides)))


def _keep(node: DictConfig, kept: Container[str]) -> None:
    """Drop all options of a thing but those to be kept."""
    node.options = {name: value for name, value in node.options.items() if name in kept}


def _given(key: str, overrides: Sequence[str]) -> Iterator[str]:
    """Names below `key` that the overrides set."""
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        if override.key_or_group == key:
            value = override.value()
            yield from map(str, value if isinstance(value, dict) else ())
        elif override.key_or_group.startswith(f"{key}."):
            yield override.key_or_group.removeprefix(f"{key}.").partition(".")[0]
