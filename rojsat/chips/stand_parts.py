"""Parts of one stand that are regions of their own: no split may put them into two parts of the data. pandas only."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

PART_OF = "part_of"
"""Column of the index with the region that a chip's region is a part of; a store without parts has none."""


def marked(index: pd.DataFrame, regions: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """The index with `PART_OF`, the region's own id where it is no part; as it is where no region is.

    Args:
        index: the chips' table: region.
        regions: facts of each region in `chips.json`; those of a part have `PART_OF`.
    """
    owners = {region: str(facts[PART_OF]) for region, facts in regions.items() if PART_OF in facts}
    if not owners:
        return index
    return index.assign(**{PART_OF: [owners.get(region, region) for region in index["region"].astype(str)]})


def together(index: pd.DataFrame) -> pd.DataFrame:
    """The table that a split is given: parts have the id of the region that they are parts of."""
    return index.assign(region=index[PART_OF]) if PART_OF in index else index
