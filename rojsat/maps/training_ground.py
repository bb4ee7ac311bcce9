"""Ground that a model was trained on: there a map repeats what the model was shown, and says so."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from rojsat.chips import boxes

MOST = 0.5
"""Share of a stand above which it counts as trained on."""

Ground = Mapping[str, Sequence[Sequence[float]]]
"""Of each coordinate system the boxes of regions: left, bottom, right, top, in its units."""


def of_regions(rows: pd.DataFrame) -> Ground:
    """The boxes of the regions of chips, each once, JSON-ready.

    Args:
        rows: of the index of a chip store, also those of windows: what is around a region has no label.
    """
    own = boxes.own(rows)
    steps = np.abs(np.array([transform[0] for transform in own["transform"]], np.float64))
    left, top = own["easting"].to_numpy(np.float64), own["northing"].to_numpy(np.float64)
    right, bottom = left + steps * own["width"].to_numpy(), top - steps * own["height"].to_numpy()
    sides = pd.DataFrame({"crs": own["crs"].astype(str).to_numpy(), "l": left, "b": bottom, "r": right, "t": top})
    unlike = sides.drop_duplicates().sort_values(["crs", "l", "b"])
    return {str(crs): group[["l", "b", "r", "t"]].to_numpy().tolist() for crs, group in unlike.groupby("crs")}


def shares(stands: gpd.GeoDataFrame, ground: Ground | None) -> NDArray[np.float64]:
    """The share of each stand that lies in boxes of training, 0 to 1; NaN where no training ground is known.

    Args:
        stands: outlines in any coordinate system.
        ground: of `of_regions`.
    """
    if ground is None:
        return np.full(len(stands), np.nan)
    covered = np.zeros(len(stands))
    for crs, sides in ground.items():
        outlines = shapely.make_valid(stands.geometry.to_crs(crs).to_numpy())
        tree = shapely.STRtree(shapely.box(*np.asarray(sides, np.float64).T))
        for number, outline in enumerate(outlines):
            near = tree.geometries[tree.query(outline, predicate="intersects")]
            if len(near) and outline.area > 0:
                covered[number] += shapely.intersection(outline, shapely.union_all(near)).area / outline.area
    return np.minimum(covered, 1.0)


def are_trained_on(stands: pd.DataFrame) -> NDArray[np.bool_]:
    """Which stands of a stand table lie on ground of training by more than `MOST`."""
    return (stands["trained_on"].fillna(0.0) > MOST).to_numpy(bool)
