"""Parts of a region as regions of their own: a stand in two places has chips of its own size in each."""

import geopandas as gpd
import numpy as np
import pandas as pd

TOGETHER = "together"

REGIONS = "regions"

PARTS = (TOGETHER, REGIONS)
"""What the parts of a region are: one region, or each one."""

PART_OF = "part_of"
"""Column with the id of the region that a part comes from, None of others; no table without parts has it.

`rojsat.chips.stand_parts` calls it the same.
"""


def apart(regions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Every part of a region a row: of region `7` the parts `7_1` and `7_2`, in their order in the file.

    Args:
        regions: with the column `region`; polygons in any coordinate system.

    Returns:
        The same columns; with `PART_OF` where a region has several parts.
    """
    several = np.array([len(getattr(outline, "geoms", (outline,))) > 1 for outline in regions.geometry])
    if not several.any():
        return regions
    marked = regions.assign(**{PART_OF: regions["region"].where(several, None).astype(object)})
    parts = marked.explode(index_parts=True)
    numbers = "_" + (parts.index.get_level_values(1) + 1).astype(str)
    is_part = parts[PART_OF].notna().to_numpy()
    parts["region"] = np.where(is_part, parts["region"].astype(str) + numbers, parts["region"])
    return parts.reset_index(drop=True)


def columns(regions: pd.DataFrame) -> list[str]:
    """`PART_OF` where a region is a part of another, and nothing where none is."""
    return [PART_OF] if PART_OF in regions and regions[PART_OF].notna().any() else []
