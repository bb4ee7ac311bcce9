"""Keys of a data set as recipes and fingerprints state them: those that came later are left out at what was before.

So folders and results that were made before a key existed are still known as what they are.
"""

from collections.abc import Mapping
from typing import Any

from rojsat.config import label_extents

LATER: Mapping[str, Any] = {
    **{"labels": {}, "encoding": None, "parts": "together", "columns": []},
    **{"source": None, "area": None, "servers": {}},
}
"""Keys of a file of regions that came later, with the values that say what was before."""

LATER_OF_CHIPS: Mapping[str, Any] = {"youngest": None, "oldest": None}
"""Likewise, keys of `data.chips`; of `data` itself `harvests`, where there are none."""


def of_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a data set as they are stated.

    Args:
        data: all of them, as `dataclasses.asdict` gives them.
    """
    labels = data["labels"] | {"options": label_extents.stated(**data["labels"])}
    regions = [{key: value for key, value in file.items() if not _is_left_out(key, value)} for file in data["regions"]]
    chips = {key: value for key, value in data["chips"].items() if LATER_OF_CHIPS.get(key, ...) != value}
    stated = {**data, "labels": labels, "regions": regions, "chips": chips}
    return stated if data["harvests"] else {key: value for key, value in stated.items() if key != "harvests"}


def _is_left_out(key: str, value: Any) -> bool:
    return key in LATER and value == LATER[key]
