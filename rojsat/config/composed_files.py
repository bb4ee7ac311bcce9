"""Composes the files of an experiment by the parts of Hydra that do, each file read once, each choice of files once.

Hydra's own `compose` reads all files again for every call, and composes its own configuration beside: that took a fifth
of a second each time, which every command and test waited for.
"""

import copy
import functools
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import CachingConfigRepository, ConfigRepository
from hydra._internal.config_search_path_impl import ConfigSearchPathImpl
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra._internal.core_plugins.structured_config_source import StructuredConfigSource
from hydra._internal.defaults_list import create_defaults_list
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import ConfigCompositionException
from hydra.plugins.config_source import ConfigResult
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from rojsat.config import variants
from rojsat.config.keys import quoted
from rojsat.config.schema import Experiment

GROUPS = ("data", "size", "task", "variant")
"""Keys that choose a file, `experiments/<group>/<name>.yaml`."""

_FREE = re.compile(r"\.options(\.|$)|^tune\.space(\.|$)|^evaluate\.fold_options(\.|$)")
"""Keys that hold anything, and all below them."""

ConfigStore.instance().store(name="schema", node=Experiment)


def words(overrides: Sequence[str], variant: str) -> list[str]:
    """The overrides as Hydra takes them; variants are composed last, over the experiment's own values."""
    rest = [quoted(word) for word in overrides if not word.lstrip("+").startswith("variant=")]
    free = [f"++{word.lstrip('+')}" if _FREE.search(word.partition("=")[0]) else word for word in rest]
    return free if variant == variants.NO_VARIANT else [*free, f"+variant=[{variant}]"]


class _Files(ConfigRepository):
    """The files of a folder and the schema, each read once; whoever loads one may change it."""

    def __init__(self, folder: Path) -> None:
        self.sources = [FileConfigSource("main", str(folder)), StructuredConfigSource("schema", "structured://")]
        self._loaded: dict[str, ConfigResult | None] = {}

    def load_config(self, config_path: str) -> ConfigResult | None:
        """A file by its path without ending."""
        if config_path not in self._loaded:
            self._loaded[config_path] = super().load_config(config_path)
        return copy.deepcopy(self._loaded[config_path])


class _Composing(CachingConfigRepository):
    """The files of one experiment while it is composed; Hydra's own class copies all that were read before."""

    def __init__(self, files: _Files) -> None:
        self.delegate = files
        self.cache = {}


_LOADER = ConfigLoaderImpl(ConfigSearchPathImpl())


def composed(folder: Path, state: tuple[Any, ...], name: str, overrides: Sequence[str]) -> DictConfig:
    """What `hydra.compose` gives.

    Args:
        folder: `experiments/`.
        state: of its files; those of another one are read again.
        name: of the experiment.
        overrides: in Hydra's syntax, as `words` gives them.

    Raises:
        HydraException: what cannot be composed.
    """
    values = _parsed([word for word in overrides if not _is_choice(word)])
    ConfigLoaderImpl.validate_sweep_overrides_legal(values, RunMode.RUN, from_shell=False)
    try:
        config = copy.deepcopy(_chosen(folder, state, name, tuple(word for word in overrides if _is_choice(word))))
    except OmegaConfBaseException as error:
        raise ConfigCompositionException().with_traceback(sys.exc_info()[2]) from error
    ConfigLoaderImpl._apply_overrides_to_config(values, config)
    return config


def _parsed(overrides: list[str]) -> list[Any]:
    return OverridesParser.create().parse_overrides(overrides) if overrides else []


def _is_choice(word: str) -> bool:
    return word.lstrip("+~").partition("=")[0] in GROUPS


@functools.cache
def _files(folder: Path, state: tuple[Any, ...]) -> _Files:  # noqa: ARG001
    return _Files(folder)


@functools.cache
def _chosen(folder: Path, state: tuple[Any, ...], name: str, choices: tuple[str, ...]) -> DictConfig:
    """The files of an experiment, chosen by `choices`, without values of a command line."""
    version.setbase("1.3")
    files = _Composing(_files(folder, state))
    listed = create_defaults_list(files, name, _parsed(list(choices)), prepend_hydra=False, skip_missing=False)
    config = _LOADER._compose_config_from_defaults_list(listed.defaults, files)
    OmegaConf.set_struct(config, True)
    ConfigLoaderImpl._apply_overrides_to_config(listed.config_overrides, config)
    return config
