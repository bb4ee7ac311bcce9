"""One command for all: finds the module that the first words of a command line name, and lists all that there are."""

import ast
import importlib
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rojsat.config import lookup, plain_words

NAME = "rojsat"
"""What the command is called."""


def call(commands: Mapping[str, str]) -> None:
    """Run the command that this process's command line names; exit status 2 if there is none of that name.

    Args:
        commands: module by name, in the order in which they are listed. A name may have two words. Only the module of
            the command that is called is imported; its `main()` finds the words that are left in `sys.argv`.
    """
    words = sys.argv[1:]
    if not words or words[0] in ("-h", "--help"):
        print(overview(commands))
        return
    name = next((name for name in (" ".join(words[:2]), words[0]) if name in commands), None)
    if name is None:
        print(f"{NAME}: {_unknown(words, commands)}", file=sys.stderr)
        sys.exit(2)
    sys.argv = [f"{NAME} {name}", *words[len(name.split()) :]]
    importlib.import_module(commands[name]).main()


def overview(commands: Mapping[str, str]) -> str:
    """All commands, each with the first line of its module."""
    width = max(map(len, commands))
    lines = [f"{NAME} NAME [words]", "", "Commands, in the order in which they are needed:", ""]
    lines += [f"  {name:{width}}  {_first_line(module)}" for name, module in commands.items()]
    return "\n".join([*lines, "", f"{NAME} NAME --help: what it does, its keys, examples"])


def _first_line(module: str) -> str:
    """The first line of a module's docstring, read without importing the module."""
    spec = importlib.util.find_spec(module)
    assert spec is not None and spec.origin is not None, module
    return (ast.get_docstring(ast.parse(Path(spec.origin).read_text())) or "").partition("\n")[0]


def _unknown(words: Sequence[str], commands: Mapping[str, str]) -> str:
    """Why the words name no command, and what to write instead."""
    first, *rest = words
    longer = [name for name in commands if name.startswith(f"{first} ")]
    if longer:
        return f"there is {', '.join(f'{NAME} {name}' for name in longer)}; `{NAME} {longer[0]} --help` shows how"
    written = first if "=" in first else plain_words.meant(first)
    if written is None:
        return str(lookup.unknown("command", first, commands))
    key = written.partition("=")[0]
    kind = {"exp": "an experiment", "data": "a data set"}.get(key, f"a {key}")
    what = "is no command" if "=" in first else f"is {kind}, no command"
    command = "inspect" if key == "data" else "run"
    return f"{first} {what}: write {written}, as in `{' '.join([NAME, command, written, *rest])}`"
