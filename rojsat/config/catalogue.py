"""What an experiment may name and with which options, read from the sources of rojsat without importing them.

A mistyped name is noticed before torch or GDAL are imported. Files are named by their path below `rojsat/`, without
ending: `learn/losses`.
"""

import ast
import functools
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Option:
    """A keyword of a function.

    Attributes:
        annotation: its type, as it is written.
        is_required: whether it has no default.
    """

    annotation: ast.expr | None
    is_required: bool


def modules(package: str) -> list[str]:
    """Names of the public modules and folders of a package, sorted."""
    infos = pkgutil.iter_modules([str(PACKAGE / package)])
    return sorted(info.name for info in infos if not info.name.startswith("_"))


def entry(package: str, name: str, kind: str) -> str:
    """The file that a module of a package is read from: of a folder, the module called like the catalogue's `kind`."""
    return f"{package}/{name}/{kind}" if (PACKAGE / package / name).is_dir() else f"{package}/{name}"


@functools.cache
def _tree(file: str) -> ast.Module:
    return ast.parse((PACKAGE / f"{file}.py").read_text())


def names(file: str, variable: str) -> tuple[str, ...]:
    """The members of a tuple or list of a module, or the keys of its dictionary; other variables count as their value.

    Raises:
        LookupError: if the module has no such variable.
    """
    node = _assigned(file, variable)
    members: Iterable[ast.expr | None]
    members = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])
    return tuple(_text(file, member) for member in members if member is not None)


def has(file: str, variable: str) -> bool:
    """Whether a module itself assigns a variable."""
    try:
        _assigned(file, variable)
    except LookupError:
        return False
    return True


def value(file: str, variable: str) -> Any:
    """A literal of a module.

    Raises:
        LookupError: if the module has no such variable.
        ValueError: if it is no literal.
    """
    return ast.literal_eval(_assigned(file, variable))


def members(file: str, variable: str) -> dict[str, tuple[str, ...]]:
    """Of a dictionary of dictionaries of a module: the keys of each, by its own key."""
    node = _assigned(file, variable)
    assert isinstance(node, ast.Dict)
    return {
        _text(file, key): tuple(_text(file, inner) for inner in rows.keys if inner is not None)
        for key, rows in zip(node.keys, node.values, strict=True)
        if key is not None and isinstance(rows, ast.Dict)
    }


def first_arguments(file: str, variable: str) -> tuple[str, ...]:
    """Of a tuple of calls, `(Band("B01", 60), ...)`: the first argument of each."""
    calls = getattr(_assigned(file, variable), "elts", [])
    return tuple(_text(file, call.args[0]) for call in calls if isinstance(call, ast.Call))


def _text(file: str, node: ast.expr) -> str:
    """A string; of a name, the string that it stands for in the module, or itself where that is none."""
    if isinstance(node, ast.Name):
        try:
            return _text(file, _assigned(file, node.id))
        except LookupError:
            return node.id
    return str(ast.literal_eval(node))


def _assigned(file: str, variable: str) -> ast.expr:
    for node in _tree(file).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == variable for target in targets):
            assigned = node.value  # type: ignore[attr-defined]
            assert isinstance(assigned, ast.expr)
            return assigned
    raise LookupError(f"rojsat/{file}.py has no {variable}")


def options(file: str, function: str) -> dict[str, Option]:
    """The keyword-only parameters of a function of a module, or of one that the module imports from rojsat.

    Raises:
        LookupError: if there is no such function.
    """
    for node in _tree(file).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            keywords = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            return {keyword.arg: Option(keyword.annotation, default is None) for keyword, default in keywords}
        if isinstance(node, ast.ImportFrom) and any(alias.name == function for alias in node.names):
            home = (node.module or "").split(".")
            return options("/".join(home[1:]), function)
    raise LookupError(f"rojsat/{file}.py has no function {function}")
