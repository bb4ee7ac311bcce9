"""Ground distances between chips of two parts of a split, from the boxes in the chips' table.

Chips of different coordinate systems are not compared.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from rojsat.chips import ground_metres
from rojsat.chips.roles import PARTS, UNUSED

COLUMNS = ["region", "part", "other", "other_part", "gap", "outer_gap"]
"""Of a table of neighbours: two regions with their parts, ground metres between their own boxes, and between their
chips with what surrounds them."""


def distance(train: pd.DataFrame, test: pd.DataFrame) -> float | None:
    """Smallest ground distance between the regions' boxes of two sets of chips, metres; None without a common CRS."""
    gaps = [gap.min() for _, _, gap, _ in _compare(train, test)]
    return float(min(gaps)) if gaps else None


def neighbours(index: pd.DataFrame, parts: pd.Series) -> pd.DataFrame:
    """Every pair of different regions that stand in different parts and in one CRS, see `COLUMNS`.

    Args:
        index: the chips' table: region, crs, transform, easting, northing, height, width, and, where chips have
            surroundings, box_row, box_col, box_height, box_width (pixels).
        parts: the part of each row.
    """
    tables = [pd.DataFrame({name: pd.Series(dtype=float if "gap" in name else object) for name in COLUMNS})]
    for pair in combinations(PARTS, 2):
        for first, second, gap, outer_gap in _compare(*(index[(parts == part).to_numpy()] for part in pair)):
            first_box, second_box = np.indices(gap.shape).reshape(2, -1)
            table = pd.DataFrame(
                {
                    "region": first["region"].to_numpy()[first_box],
                    "part": pair[0],
                    "other": second["region"].to_numpy()[second_box],
                    "other_part": pair[1],
                    "gap": gap.ravel(),
                    "outer_gap": outer_gap.ravel(),
                }
            )
            tables.append(table[table["region"] != table["other"]])
    return pd.concat([table for table in tables if len(table)] or tables, ignore_index=True)


def drop_near(index: pd.DataFrame, parts: pd.Series, near: float) -> pd.Series:
    """The split without the regions of training and validation that come too near to another part.

    Regions of validation that are nearer than `near` ground metres to one of test are left out, then those of training
    that are nearer to what remains.

    Raises:
        ValueError: if none is left to train on or to validate.
    """
    kept = parts.copy()
    for part, others in (("val", ["test"]), ("train", ["val", "test"])):
        pairs = neighbours(index, kept)
        close = pairs[(pairs["gap"] < near) & (pairs["part"] == part) & pairs["other_part"].isin(others)]
        kept[(kept == part).to_numpy() & index["region"].astype(str).isin(close["region"]).to_numpy()] = UNUSED
        if not (kept == part).any():
            raise ValueError(
                f"split.drop_near: every region of {part} is nearer than {near:g} m to another part; "
                "a smaller split.distance leaves some"
            )
    return kept


def _compare(
    train: pd.DataFrame, test: pd.DataFrame
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame, np.ndarray, np.ndarray]]:
    """By CRS: the distinct boxes of both sets, N and M, and ground metres between them, (N, M), own and outer."""
    for crs in sorted(set(train["crs"]) & set(test["crs"])):
        first, second = (_boxes(rows[rows["crs"] == crs]) for rows in (train, test))
        own, outer = (
            ground_metres.gaps(first[names].to_numpy(), second[names].to_numpy(), crs) for names in (OWN, OUTER)
        )
        yield first, second, own, outer


OWN, OUTER = ([f"{kind}_{edge}" for edge in ("left", "bottom", "right", "top")] for kind in ("own", "outer"))


def _boxes(rows: pd.DataFrame) -> pd.DataFrame:
    """Every distinct box: region, and its edges in units of the CRS, of the region's own box and of the chip."""
    edges = np.concatenate([ground_metres.own_edges(rows), ground_metres.outer_edges(rows)], axis=1)
    table = pd.DataFrame(edges, columns=[*OWN, *OUTER])
    return table.assign(region=rows["region"].astype(str).to_numpy()).drop_duplicates(ignore_index=True)
