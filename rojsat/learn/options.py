"""Options by name: each must be a keyword of the function it is for."""

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from types import ModuleType
from typing import Any

from rojsat import catalog


def bind(function: Callable[..., Any], options: Mapping[str, Any], owner: str) -> Callable[..., Any]:
    """Bind options to a function.

    Args:
        function: its keyword-only parameters are its options.
        options: by name.
        owner: what the options belong to, for the message.

    Raises:
        rojsat.catalog.UnknownNameError: for an option that is none; the message names the nearest.
    """
    parameters = inspect.signature(function).parameters.values()
    keywords = [parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY]
    for name in options:
        if name not in keywords:
            raise catalog.unknown(f"option of {owner},", name, keywords)
    return partial(function, **options)


def function(home: ModuleType, name: str, options: Mapping[str, Any], kind: str) -> Callable[..., Any]:
    """The function `name` of the module `home` with its options bound.

    Raises:
        rojsat.catalog.UnknownNameError: for a function or an option that does not exist.
    """
    return bind(catalog.function(home, name, kind), options, f"{kind} {name}")
