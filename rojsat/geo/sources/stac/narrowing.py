"""Which of the items of a search are of the wanted months, years and tiles; asks nothing of any server."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rojsat.geo.sources._choice import Choice
from rojsat.geo.sources.stac import items
from rojsat.geo.sources.stac.items import Item

_TILE = re.compile(r"\d{2}[C-HJ-NP-X][A-HJ-NP-Z]{2}")


@dataclass(frozen=True)
class Narrowing:
    """What items must be of, None for all.

    Attributes:
        months: 1 to 12.
        years: four digits.
        tiles: of the Military Grid Reference System, `35VLH`.
    """

    months: tuple[int, ...] | None = None
    years: tuple[int, ...] | None = None
    tiles: tuple[str, ...] | None = None

    def admits(self, item: Item) -> bool:
        """Whether an item is of one of the months, one of the years and one of the tiles."""
        time = items.acquired(item)
        in_season = self.months is None or time.month in self.months
        in_years = self.years is None or time.year in self.years
        return in_season and in_years and (self.tiles is None or items.tile(item) in self.tiles)

    def __str__(self) -> str:
        """What it asks, in words; nothing where it asks nothing."""
        parts = {"months": self.months, "years": self.years, "tiles": self.tiles}
        return "".join(f", {name} {', '.join(map(str, wanted))}" for name, wanted in parts.items() if wanted)


EVERYTHING = Narrowing()


def of_options(
    months: Sequence[int] | None, years: Sequence[int] | None, tiles: Sequence[str] | None, choice: Choice
) -> Narrowing:
    """Read the options.

    Args:
        months: 1 to 12; None for all.
        years: within the period; None for all.
        tiles: with or without `T` before them; None for all.
        choice: with the period of the search.

    Raises:
        ValueError: if one of them names nothing, or something that is none.
    """
    first, last = choice.first.year if choice.first else 0, choice.last.year if choice.last else 9999
    names = None if tiles is None else tuple(str(tile).removeprefix("T") for tile in tiles)
    faults = {
        "months": [month for month in months or () if month not in range(1, 13)],
        "years": [year for year in years or () if not first <= year <= last],
        "tiles": [tile for tile in names or () if not _TILE.fullmatch(tile)],
    }
    possible = {"months": "1 to 12", "years": f"years of the period, {first} to {last}", "tiles": "tiles as 35VLH"}
    for key, wanted in (("months", months), ("years", years), ("tiles", names)):
        if faults[key] or (wanted is not None and not wanted):
            raise ValueError(f"{key}: {faults[key] or list(wanted or ())}; there are {possible[key]}, null is all")
    return Narrowing(None if months is None else tuple(months), None if years is None else tuple(years), names)
