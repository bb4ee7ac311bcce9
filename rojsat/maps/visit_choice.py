"""Which stands to visit first so that the hectares in need over all stands become known best.

The model: a visit makes the interval of a stand's hectares nothing; errors of stands are independent, so that the
squares of their distances to the ends of the intervals add up to that of the total. Nothing proves that they are: on
ground unlike that of the test all degrees may be too high, or too low, together. Then the ends themselves add up.
"""

import math

import pandas as pd

from rojsat.maps import map_texts

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


def total(stands: pd.DataFrame, *, visited: bool = False) -> tuple[float, float]:
    """Ends of the interval of the hectares in need over stands if their errors are independent.

    Args:
        stands: with `need_ha` and the columns `ENDS`.
        visited: whether the stands with a number in `visit` are certain.
    """
    need = float(stands["need_ha"].sum())
    open_ones = stands[stands["visit"].isna()] if visited else stands
    low = math.sqrt(float(((open_ones["need_ha"] - open_ones[ENDS[0]]) ** 2).sum()))
    high = math.sqrt(float(((open_ones[ENDS[1]] - open_ones["need_ha"]) ** 2).sum()))
    return max(0.0, need - low), need + high


def total_of_one_error(stands: pd.DataFrame) -> tuple[float, float]:
    """Ends of that interval if the errors of all stands go one way, all to the low or all to the high end of theirs."""
    low, high = (stands[end].fillna(stands["need_ha"]).sum() for end in ENDS)
    return float(low), float(high)


def has_intervals(stands: pd.DataFrame) -> bool:
    """Whether the hectares in need of any stand have an interval."""
    return bool(stands[ENDS[0]].notna().any())


def words(stands: pd.DataFrame, named: int, target: str, language: str = "en") -> str:
    """The sentence of the summary.

    Args:
        stands: the stand table, with `visit`.
        named: stands that are named at most.
        target: what is predicted.
        language: one of `map_texts.LANGUAGES`.
    """
    visited = stands[stands["visit"].notna()].sort_values("visit")
    if visited.empty:
        return map_texts.say(language, "summary.visits.unknown")
    (low, high), (least, most) = total_of_one_error(stands), total(stands)
    least_after, most_after = total(stands, visited=True)
    return map_texts.say(
        language,
        "summary.visits",
        **{"low": low, "high": high, "least": least, "most": most},
        **{"least_after": least_after, "most_after": most_after},
        count=len(visited),
        ids=map_texts.named(visited["region"], named),
        kind=map_texts.say(language, f"kind.{map_texts.kind(target)}"),
    )
