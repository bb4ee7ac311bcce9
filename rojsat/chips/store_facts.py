"""Reads and writes `chips.json`, the facts of a store; writes region by region: the same bytes as all at once."""

import json
from collections.abc import Mapping
from typing import Any

from rojsat.config import s3_folder
from rojsat.config.s3_folder import Folder

FILE = "chips.json"
"""The last file of a store that is written: without it there is none."""

_NONE = '\n "regions": {}'
"""Place of the regions in the JSON of the other facts: no other line begins with a single space and this name."""


def read(store: Folder) -> dict[str, Any]:
    """The facts of a store.

    Raises:
        ValueError: if it is absent or was never finished.
    """
    if not (store / FILE).exists():
        make = f"python -m rojsat.stages.chips {s3_folder.words(store)}"
        raise ValueError(f"{store} holds no (finished) chips; `{make}` cuts them")
    facts: dict[str, Any] = json.loads((store / FILE).read_text())
    return facts


def write(store: Folder, facts: Mapping[str, Any], regions: Mapping[str, Any]) -> None:
    """Write the facts.

    Args:
        store: folder of the store.
        facts: all but those of the regions, in order; `regions` is where these come.
        regions: facts of each region.
    """
    before, after = json.dumps({**facts, "regions": {}}, indent=1).split(_NONE)
    first, last = _NONE[:-1], "\n }"
    with s3_folder.written(store / FILE) as file:
        file.write(before + (first if regions else _NONE))
        for number, region in enumerate(regions):
            text = json.dumps(regions[region], indent=1).replace("\n", "\n  ")
            file.write(f"{',' if number else ''}\n  {json.dumps(region)}: {text}")
        file.write((last if regions else "") + after + "\n")
