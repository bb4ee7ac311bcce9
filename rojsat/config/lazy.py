"""Modules of rojsat that are imported when first used: help and mistakes of a command line need no heavy ones."""

import importlib
import importlib.util
from typing import Any


class Postponed:
    """Stands for a module and imports it when an attribute is first asked for.

    It is not in `sys.modules`, as one of `importlib.util.LazyLoader` would be: whoever looks through those, as torch
    does while it is imported itself, would import it.

    Args:
        name: of the module.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        """The module's own attribute."""
        return getattr(importlib.import_module(self._name), attribute)


def module(name: str) -> Postponed:
    """What stands for the module of rojsat of that name.

    Type checkers and import-linter see no import here: write it below `if TYPE_CHECKING`, and this in the `else`.

    Raises:
        ModuleNotFoundError: if there is none.
    """
    if importlib.util.find_spec(name) is None:
        raise ModuleNotFoundError(f"there is no module {name}", name=name)
    return Postponed(name)
