"""What a data set can be made of Finnish stands: their labels by year, and the years and tiles worth their imagery."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from rojsat.chips import roles
from rojsat.geo.finland import stand_labels, stand_regions
from rojsat.geo.finland.finnish_stands import StandTable
from rojsat.geo.finland.stand_labels import LabelRule

FIRST_YEAR = 2017
"""The first year of which archives have L2A of Europe in July."""

MONTH = 7

TILES, YEARS = 3, 2
"""How many tiles and years of imagery are taken."""

ENDINGS = {".xml": "forest_standard_xml", ".gpkg": "metsakeskus_gpkg"}
"""Source of a file of stands by its ending."""

_DEGREES = "EPSG:4326"
_COLUMNS = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
_BANDS = "CDEFGHJKLMNPQRSTUVWX"


@dataclass(frozen=True)
class FinnishArea:
    """Stands, and what is to be taken for them.

    Attributes:
        source: of the file, see `stand_regions`.
        path: absolute.
        stands: how many the file has.
        labels: one row a year: `year`, `need_strong`, `need_weak`, `clear_strong`, `clear_weak` stands on 15 July.
        years: those to take.
        tiles: those to take, most labelled stands first.
        elsewhere: labelled stands on other tiles.
        regions: stands on these tiles, as `stand_regions.read` gives them, in EPSG:4326.
    """

    source: str
    path: Path
    stands: int
    labels: pd.DataFrame
    years: Sequence[int]
    tiles: Sequence[str]
    elsewhere: int
    regions: gpd.GeoDataFrame


def look(path: Path, years: Sequence[int], rule: LabelRule, chosen: Sequence[int] | None = None) -> FinnishArea:
    """Read a file of stands and choose.

    Args:
        path: XML of the forest data standard, or a GeoPackage of Metsäkeskus.
        years: to choose from.
        rule: limits of the labels.
        chosen: years that are wanted; None: see `best_years`.

    Raises:
        ValueError: if the file cannot be used, or no stand has a label in July of these years.
    """
    source = ENDINGS.get(path.suffix.lower())
    if source is None:
        raise ValueError(f"{path}: stands are read from files that end with {' or '.join(ENDINGS)}")
    table = stand_regions.FILES[source](path)
    days = [date(year, MONTH, 15) for year in sorted(set(years) | set(chosen or ()))]
    by_day = {day.year: labels for day, labels in stand_labels.each_day(table, days, rule)}
    counts = pd.DataFrame([{"year": year} | _counted(labels) for year, labels in by_day.items()])
    best = list(chosen) if chosen else best_years(counts)
    labelled = set().union(*(by_day[year].loc[by_day[year]["label"].notna(), "stand"] for year in best))
    if not labelled:
        raise ValueError(
            f"{path}: no stand has a label in July of {', '.join(map(str, by_day))}. The reasons in {best[-1]}:\n"
            f"{stand_labels.counts(by_day[best[-1]])[['reason', 'stands', 'hectares']].round(1).to_string(index=False)}"
        )
    regions = _regions(table)
    tiles = mgrs_tiles(regions)
    common = Counter(tiles[regions["region"].isin(labelled).to_numpy()]).most_common()
    most_labelled = [tile for tile, _ in common[:TILES]]
    elsewhere = sum(count for _, count in common[TILES:])
    on_tiles = regions[np.isin(tiles, most_labelled)].reset_index(drop=True)
    return FinnishArea(source, path, len(table.stands), counts, sorted(best), most_labelled, elsewhere, on_tiles)


def best_years(counts: pd.DataFrame) -> list[int]:
    """The two years with most stands of the label that is rarer within each, so that the year does not tell the label.

    Of equal ones those with most stands of the rarer label in both years together, then with most labels, then the
    latest.
    """
    by_year = _need_and_clear(counts)

    def value(years: tuple[int, ...]) -> tuple[int, int, int, tuple[int, ...]]:
        chosen = by_year.loc[list(years)]
        return int(chosen.min(axis=1).sum()), int(chosen.sum().min()), int(chosen.to_numpy().sum()), years

    possible: list[tuple[int, ...]] = list(combinations(by_year.index.tolist(), min(YEARS, len(by_year))))
    best = max(possible, key=value)
    return list(best)


def is_known_from_the_year(counts: pd.DataFrame, years: Sequence[int]) -> bool:
    """Whether no year has stands of both labels, so that whoever knows the year knows the label."""
    return not _need_and_clear(counts).loc[list(years)].min(axis=1).any()


def _need_and_clear(counts: pd.DataFrame) -> pd.DataFrame:
    """Stands of each label by year, whatever the strength."""
    by_year = counts.set_index("year")
    labels = (roles.NEED, roles.CLEAR)
    return pd.DataFrame({label: by_year[f"{label}_strong"] + by_year[f"{label}_weak"] for label in labels})


def mgrs_tiles(regions: gpd.GeoDataFrame) -> np.ndarray:
    """(N,) square of the Military Grid Reference System that each region's middle lies in, `35VLH`.

    Sentinel-2's tiles are these squares and 10 km more to the east and the south. Zones are those of the longitude,
    without the exceptions of Norway and Svalbard.
    """
    points = regions.geometry.to_crs(_DEGREES).representative_point()
    zones = ((points.x + 180) // 6 + 1).astype(int)
    names = np.empty(len(points), object)
    for zone in sorted(set(zones)):
        of_zone = (zones == zone).to_numpy()
        metres = points[of_zone].to_crs(f"EPSG:{32600 + zone}")
        names[of_zone] = [
            _tile(zone, latitude, east, north)
            for latitude, east, north in zip(points[of_zone].y, metres.x, metres.y, strict=True)
        ]
    return names


def _tile(zone: int, latitude: float, east: float, north: float) -> str:
    """Letters by the scheme of the Military Grid Reference System (NGA.SIG.0012, WGS 84)."""
    band = _BANDS[min(int((latitude + 80) // 8), len(_BANDS) - 1)]
    column = _COLUMNS[(zone - 1) % 3][int(east // 100_000) - 1]
    row = _ROWS[(int(north // 100_000) + (0 if zone % 2 else 5)) % len(_ROWS)]
    return f"{zone:02d}{band}{column}{row}"


def _regions(table: StandTable) -> gpd.GeoDataFrame:
    usable = [reason is None for reason in stand_regions.left_aside(table)]
    stands = table.stands[usable]
    return (
        gpd.GeoDataFrame({"region": stands["stand"].to_numpy()}, geometry=stands.geometry.to_numpy())
        .set_crs(table.stands.crs)
        .to_crs(_DEGREES)
    )


def _counted(labels: pd.DataFrame) -> dict[str, int]:
    return {
        f"{label}_{strength}": int(((labels["label"] == label) & (labels["strength"] == strength)).sum())
        for label in (roles.NEED, roles.CLEAR)
        for strength in (stand_labels.STRONG, stand_labels.WEAK)
    }
