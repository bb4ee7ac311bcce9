"""The folder is the registry: looks things up by the name of their module or function.

A network, a source or a label source is a module of its package; a loss, a split or an index is a function
in its module's `__all__`. The name in an experiment is that name. Knows nothing but the standard library.
"""

import difflib
import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any


class UnknownNameError(ValueError):
    """A name that the catalogue does not hold."""


def nearest(name: str, options: Iterable[str]) -> list[str]:
    """Sort `options` by likeness to `name`, most alike first (ties: the same letters, then by alphabet)."""

    def unlike(option: str) -> tuple[float, bool, str]:
        ratio = difflib.SequenceMatcher(None, name.lower(), option.lower()).ratio()
        return -ratio, sorted(name.lower()) != sorted(option.lower()), option

    return sorted(options, key=unlike)


def unknown(kind: str, name: str, options: Iterable[str]) -> UnknownNameError:
    """The error for a `name` that is none of `options`; names the nearest first, then all the others."""
    ranked = nearest(name, options)
    if not ranked:
        return UnknownNameError(f"{kind} {name!r} does not exist, and there is none to choose from")
    others = f" There are also: {', '.join(ranked[1:])}" if ranked[1:] else ""
    return UnknownNameError(f"{kind} {name!r} does not exist. Did you mean {ranked[0]!r}?{others}")


def modules(package: ModuleType) -> list[str]:
    """Names of the public modules of `package`, sorted; one that needs several files is a folder."""
    return sorted(info.name for info in pkgutil.iter_modules(package.__path__) if not info.name.startswith("_"))


def module(package: ModuleType, name: str, kind: str) -> ModuleType:
    """Import the module `name` of `package`; of a folder, the module that the catalogue's kind names.

    `rojsat.geo.sources` holds `sen2r.py`, a module, and `stac/`, a folder whose entry is `stac/source.py`.

    Raises:
        UnknownNameError: if there is none; the message names the nearest ones.
    """
    options = modules(package)
    if name not in options:
        raise unknown(kind, name, options)
    imported = importlib.import_module(f"{package.__name__}.{name}")
    if not hasattr(imported, "__path__"):
        return imported
    return importlib.import_module(f"{imported.__name__}.{package.__name__.rpartition('.')[2].removesuffix('s')}")


def function(home: ModuleType, name: str, kind: str) -> Callable[..., Any]:
    """The function `name` of the module `home`, if its `__all__` holds it.

    Raises:
        UnknownNameError: if it does not; the message names the nearest ones.
    """
    if name not in home.__all__:
        raise unknown(kind, name, home.__all__)
    chosen: Callable[..., Any] = getattr(home, name)
    return chosen


def bind(
    target: Callable[..., Any], options: Mapping[str, Any], owner: str, reserved: Iterable[str] = ()
) -> Callable[..., Any]:
    """Bind the options of an experiment to the function that they are for.

    Args:
        target: its keyword-only parameters are its options.
        options: by name.
        owner: what the options belong to, for the message.
        reserved: keywords that are no options, because keys of their own decide them.

    Raises:
        UnknownNameError: for an option that `target` does not take; the message names the nearest.
    """
    reserved, parameters = set(reserved), inspect.signature(target).parameters.values()
    by_keyword = [parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY]
    keywords = [name for name in by_keyword if name not in reserved]
    for name in options:
        if name not in keywords:
            raise unknown(f"option of {owner},", name, keywords)
    return functools.partial(target, **options)
