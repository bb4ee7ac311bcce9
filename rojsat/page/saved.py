"""Sections of a page as files, `sections.json` and a PNG a picture: what one machine drew is shown by another."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rojsat.page.cells import NARROW
from rojsat.page.html import Cell, Item, Picture, Section, Table
from rojsat.page.references import Number

FILE = "sections.json"


def write(folder: Path, sections: Sequence[Section]) -> None:
    """Write sections into an empty folder.

    Args:
        folder: exists.
        sections: in their order.
    """
    for section in sections:
        for item in section.items:
            for name, picture in zip(_picture_files(item), item.pictures, strict=True):
                (folder / name).write_bytes(picture.png)
                if picture.narrow is not None:
                    (folder / _narrow(name)).write_bytes(picture.narrow)
    content = [asdict(section) | {"items": [_plain(item) for item in section.items]} for section in sections]
    (folder / FILE).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _picture_files(item: Item) -> list[str]:
    """Files of the pictures of an item: `fig-12-1.png`."""
    return [f"{item.numbers[0].id}-{count}.png" for count, _ in enumerate(item.pictures, 1)]


def _plain(item: Item) -> dict[str, Any]:
    """An item with the names of files in the place of its pictures' bytes."""
    named = zip(_picture_files(item), item.pictures, strict=True)
    plain = asdict(item) | {"pictures": [_plain_picture(name, picture) for name, picture in named]}
    if item.table is not None:
        plain["table"] |= {"rows": [[_plain_cell(cell) for cell in row] for row in item.table.rows]}
    return plain


def _narrow(name: str) -> str:
    """File of a picture as a narrow screen shows it."""
    return f"{name.removesuffix('.png')}{NARROW}.png"


def _plain_picture(name: str, picture: Picture) -> dict[str, Any]:
    narrow = {} if picture.narrow is None else {"narrow": _narrow(name)}
    return {"png": name, "alt": picture.alt, "width": picture.width, **narrow}


def _plain_cell(cell: Cell) -> dict[str, Any]:
    """What of a cell is not its default."""
    empty = asdict(Cell(""))
    return {"text": cell.text} | {key: value for key, value in asdict(cell).items() if value != empty[key]}


def read(folder: Path) -> list[Section]:
    """Read what `write` wrote.

    Raises:
        FileNotFoundError: if there is no such file, or a picture is missing.
    """
    content = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return [Section(**section | {"items": [_item(folder, item) for item in section["items"]]}) for section in content]


def _item(folder: Path, plain: dict[str, Any]) -> Item:
    pictures = [_picture(folder, **picture) for picture in plain["pictures"]]
    numbers = [Number(**number) for number in plain["numbers"]]
    table = plain["table"] and _table(plain["table"])
    return Item(**plain | {"numbers": numbers, "pictures": pictures, "table": table})


def _picture(folder: Path, png: str, alt: str, width: int | None, narrow: str | None = None) -> Picture:
    return Picture((folder / png).read_bytes(), alt, width, None if narrow is None else (folder / narrow).read_bytes())


def _table(plain: dict[str, Any]) -> Table:
    rows = [[Cell(**cell) for cell in row] for row in plain["rows"]]
    return Table(plain["columns"], rows, [(name, span) for name, span in plain["groups"]])
