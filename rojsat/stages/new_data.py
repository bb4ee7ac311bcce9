"""Write the file of a data set from a folder of your own files: what lies in it, and what it leaves open."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from rojsat.config import command, compose, lazy, questions
from rojsat.config.command import Command

if TYPE_CHECKING:
    from rojsat.geo.discovery import folder as discovery
    from rojsat.stages import _data_file, _next_commands
else:
    discovery = lazy.module("rojsat.geo.discovery.folder")
    _data_file = lazy.module("rojsat.stages._data_file")
    _next_commands = lazy.module("rojsat.stages._next_commands")

COMMAND = Command(
    "rojsat.stages.new_data",
    __doc__,
    "FOLDER\nFOLDER name=mine",
    "FOLDER [name=NAME] [dry=true]",
    keys={"name": "of the data set; default: the folder's name"},
)

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def run(folder: Path, name: str | None = None, *, dry: bool = False) -> None:
    """Look into the folder, say what is there, and write `experiments/data/<name>.yaml`.

    Args:
        folder: of scenes, outlines of regions, GPS points, at any depth.
        name: of the data set; None: after the folder.
        dry: print the file and write nothing.

    Raises:
        ValueError: the name cannot be one or is in use, or the folder holds nothing that can be used.
    """
    chosen = _name(folder) if name is None else name
    file = compose.EXPERIMENTS / "data" / f"{chosen}.yaml"
    _check(chosen, file)
    content = discovery.look(folder)
    print("\n".join(_data_file.described(content)))
    text = _data_file.written(content, chosen)
    if dry:
        print(f"\n{file} would be:\n\n{text}", end="")
        return
    _write(file, text)
    print("\n".join(["", *_end(content, chosen, file)]))


def _name(folder: Path) -> str:
    """The name of a folder as that of a data set: `Röjning 2023` is `r_jning_2023`."""
    name = re.sub("[^a-z0-9]+", "_", folder.resolve().name.lower()).strip("_")
    return name if _NAME.fullmatch(name) else f"data_{name}".rstrip("_")


def _check(name: str, file: Path) -> None:
    if not _NAME.fullmatch(name) or not isinstance(yaml.safe_load(name), str):
        raise ValueError(f"{name!r} cannot name a data set: small letters, digits and _, a letter first, as name=mine")
    if file.exists():
        raise ValueError(f"{file} exists already: choose another name (name=NAME), or delete the file")


def _write(file: Path, text: str) -> None:
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_text(text)
        os.link(beside, file)  # fails where another process wrote one meanwhile
    finally:
        beside.unlink(missing_ok=True)


def _end(content: "discovery.FolderContent", name: str, file: Path) -> list[str]:
    """The file, its questions, what to do next."""
    asked = questions.of(file)
    if asked:
        lines = [f"file:  {file}", f"open:  {len(asked)} questions; write the answers where ??? stands in it"]
        return [*lines, *(f"  {question}" for question in asked), f"next:  rojsat inspect data={name}"]
    return [f"file:  {file}, complete", f"next:  rojsat inspect data={name}", *_next_commands.training(content, name)]


def main() -> None:
    """Run the command line of this process."""

    def action(words: list[str], dry: bool) -> None:
        plain, values = command.split(words, COMMAND)
        if len(plain) != 1:
            raise ValueError(f"name one folder: {COMMAND.call} {COMMAND.form}")
        run(Path(plain[0]).expanduser(), values.get("name"), dry=dry)

    command.start(action, COMMAND)


if __name__ == "__main__":
    main()
