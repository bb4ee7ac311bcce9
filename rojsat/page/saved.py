"""Sections of a page as files, `sections.json` and a PNG a picture: what one machine drew is shown by another."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rojsat.page.html import Cell, Grid, Item, Picture, Section, anchor

FILE = "sections.json"


def write(folder: Path, sections: Sequence[Section]) -> None:
    """Write sections into an empty folder.

    Args:
        folder: there already.
        sections: in their order.
    """
    for section in sections:
        for item in section.items:
            for name, picture in zip(_names(item), item.pictures, strict=True):
                (folder / name).write_bytes(picture.png)
    content = [asdict(section) | {"items": [_plain(item) for item in section.items]} for section in sections]
    (folder / FILE).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _names(item: Item) -> list[str]:
    """Files of the pictures of an item: `fig-12-1.png`."""
    return [f"{anchor(item.numbers[0])}-{place}.png" for place, _ in enumerate(item.pictures, 1)]


def _plain(item: Item) -> dict[str, Any]:
    """An item with the names of files in the place of its pictures' bytes."""
    pictures = [asdict(one) | {"png": name} for name, one in zip(_names(item), item.pictures, strict=True)]
    return asdict(item) | {"pictures": pictures}


def read(folder: Path) -> list[Section]:
    """Read what `write` wrote.

    Raises:
        FileNotFoundError: if there is no such file, or a picture is missing.
    """
    content = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return [Section(**one | {"items": [_item(folder, item) for item in one["items"]]}) for one in content]


def _item(folder: Path, plain: dict[str, Any]) -> Item:
    pictures = [Picture(**one | {"png": (folder / one["png"]).read_bytes()}) for one in plain["pictures"]]
    return Item(**plain | {"pictures": pictures, "grid": plain["grid"] and _grid(plain["grid"])})


def _grid(plain: dict[str, Any]) -> Grid:
    rows = [[Cell(**cell) for cell in row] for row in plain["rows"]]
    return Grid(plain["columns"], rows, [(name, span) for name, span in plain["groups"]])
