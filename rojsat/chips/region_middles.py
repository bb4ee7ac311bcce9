"""Where regions lie on the ground: the middle of each, in the coordinate system of its chips. numpy and pandas only."""

import numpy as np
import pandas as pd

from rojsat.chips import ground_metres


def middles(index: pd.DataFrame, edges: ground_metres.Edges) -> pd.DataFrame:
    """The middle of the ground that all chips of a region cover, in the first CRS of its chips.

    Args:
        index: columns `region` and `crs`.
        edges: (N, 4) of the regions' own boxes, see `ground_metres.own_edges`.

    Returns:
        Index `region` (text, sorted); `crs`, and `east` and `north` in its units.
    """
    table = pd.DataFrame(edges, columns=["left", "bottom", "right", "top"], index=index.index)
    table = table.assign(region=index["region"].astype(str), crs=index["crs"].astype(str))
    table = table[table["crs"] == table.groupby("region")["crs"].transform("min")]
    extents = table.groupby("region").agg({"left": "min", "bottom": "min", "right": "max", "top": "max", "crs": "min"})
    east, north = ((extents[low] + extents[high]) / 2 for low, high in (("left", "right"), ("bottom", "top")))
    return pd.DataFrame({"crs": extents["crs"], "east": east, "north": north})


def by_crs(table: pd.DataFrame) -> list[tuple[str, np.ndarray, np.ndarray, pd.Index]]:
    """The middles of each CRS: its name, eastings and northings (N,), and the regions."""
    return [
        (str(crs), rows["east"].to_numpy(float), rows["north"].to_numpy(float), rows.index)
        for crs, rows in table.groupby("crs")
    ]
