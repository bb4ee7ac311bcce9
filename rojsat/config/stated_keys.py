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


def of_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a data set as they are stated.

    Args:
        data: all of them, as `dataclasses.asdict` gives them.
    """
    labels = data["labels"] | {"options": label_extents.stated(**data["labels"])}
    regions = [{key: value for key, value in file.items() if not _is_left_out(key, value)} for file in data["regions"]]
    return {**data, "labels": labels, "regions": regions}


def _is_left_out(key: str, value: Any) -> bool:
    return key in LATER and value == LATER[key]
