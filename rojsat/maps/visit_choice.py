"""Which stands to visit first so that the hectares in need over all stands become known best.

The model: a visit makes the interval of a stand's hectares nothing; errors of stands are independent, so that the
squares of their distances to the ends of the intervals add up to that of the total. Nothing proves that they are: on
ground unlike that of the test all degrees may be too high, or too low, together. Then the ends themselves add up.
"""

import math

import pandas as pd

ENDS = ("need_low_ha", "need_high_ha")
"""Columns of the interval of the hectares in need of a stand."""


def removed(stands: pd.DataFrame) -> pd.Series:
    """What a visit to each stand takes from the squared uncertainty of the total, square hectares; NaN: no interval."""
    low, high = (stands["need_ha"] - stands[ENDS[0]]), (stands[ENDS[1]] - stands["need_ha"])
    return low**2 + high**2


def sequence(stands: pd.DataFrame, visits: int) -> pd.Series:
    """The sequence of visits, from 1, of the stands that narrow the total most; none of others.

    Args:
        stands: with `region`, `need_ha` and the columns `ENDS`.
        visits: how many stands are visited.
    """
    gain = removed(stands)
    ordered = pd.DataFrame({"gain": gain, "region": stands["region"]})[gain > 0]
    chosen = ordered.sort_values(["gain", "region"], ascending=[False, True]).index[:visits]
    numbers = pd.Series(pd.NA, index=stands.index, dtype="Int64")
    numbers[chosen] = range(1, len(chosen) + 1)
    return numbers


def total(stands: pd.DataFrame) -> tuple[float, float]:
    """Ends of the interval of the hectares in need over stands: the stands not visited are uncertain."""
    need = float(stands["need_ha"].sum())
    open_ones = stands[stands["visit"].isna()] if "visit" in stands else stands
    low = math.sqrt(float(((open_ones["need_ha"] - open_ones[ENDS[0]]) ** 2).sum()))
    high = math.sqrt(float(((open_ones[ENDS[1]] - open_ones["need_ha"]) ** 2).sum()))
    return max(0.0, need - low), need + high


def total_of_one_error(stands: pd.DataFrame) -> tuple[float, float]:
    """Ends of that interval if the errors of all stands go one way, all to the low or all to the high end of theirs."""
    low, high = (stands[end].fillna(stands["need_ha"]).sum() for end in ENDS)
    return float(low), float(high)


def words(stands: pd.DataFrame, named: int) -> str:
    """The sentence of the summary.

    Args:
        stands: the stand table, with `visit`.
        named: stands that are named at most.
    """
    visited = stands[stands["visit"].notna()].sort_values("visit")
    if visited.empty:
        return "Which visits narrow the total most is not known: the hectares in need of no stand have an interval."
    before, after = total(stands.drop(columns="visit")), total(stands)
    widest = total_of_one_error(stands)
    ids = f"{', '.join(visited['region'][:named])}{', …' * (len(visited) > named)}"
    return (
        f"All stands together: {widest[0]:.1f}-{widest[1]:.1f} ha in need if their errors go one way, as they may on "
        f"ground unlike that of the test; {before[0]:.1f}-{before[1]:.1f} ha if they are independent. Then visits to "
        f"these {len(visited)} stands narrow it most ({ids}; column visit): to {after[0]:.1f}-{after[1]:.1f} ha, "
        "if what a visit sees is certain."
    )
