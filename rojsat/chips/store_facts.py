"""Writes `chips.json`, the facts of a store, region by region: the same bytes as all at once."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE = "chips.json"

_NONE = '\n "regions": {}'
"""Place of the regions in the JSON of the other facts: no other line begins with a single space and this name."""


def write(store: Path, facts: Mapping[str, Any], regions: Mapping[str, Any]) -> None:
    """Write the facts.

    Args:
        store: folder of the store.
        facts: all but those of the regions, in order; `regions` is where these come.
        regions: facts of each region.
    """
    before, after = json.dumps({**facts, "regions": {}}, indent=1).split(_NONE)
    beside, first, last = store / f".{FILE}", _NONE[:-1], "\n }"
    with beside.open("w") as file:
        file.write(before + (first if regions else _NONE))
        for number, region in enumerate(regions):
            text = json.dumps(regions[region], indent=1).replace("\n", "\n  ")
            file.write(f"{',' if number else ''}\n  {json.dumps(region)}: {text}")
        file.write((last if regions else "") + after + "\n")
    beside.rename(store / FILE)
