"""The file of a data set of Finnish stands: which years and tiles, and what imagery costs before it is fetched."""

import json
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd

from rojsat.chips import roles
from rojsat.geo.discovery import finnish_area
from rojsat.geo.discovery.finnish_area import FinnishArea
from rojsat.geo.finland.stand_labels import LabelRule
from rojsat.geo.sources.stac import volume
from rojsat.geo.sources.stac.volume import Volume
from rojsat.geo.vectors import region_areas
from rojsat.stages import _finnish_stands

API = "earth_search"

MAX_CLOUD, BUFFER = 60, 200
"""Of the template, `experiments/data/finland.yaml`: percent, metres."""

RATE = 5e6
"""Bytes a second that the estimate of time assumes: 40 Mbit/s."""

CHIP_BYTES = 28
"""Of a pixel of a chip: twelve bands of two bytes, true colour and scene class."""


def look(path: Path, years: Sequence[int] | None) -> FinnishArea:
    """Look into a file of stands.

    Args:
        path: of the file.
        years: that are wanted; None: the best two of those whose July is past.

    Raises:
        ValueError: see `finnish_area.look`.
    """
    return finnish_area.look(path, _finnish_stands.possible_years(), LabelRule(), years)


def described(area: FinnishArea) -> list[str]:
    """What the stands are and what is chosen, a line each."""
    hectares = region_areas.hectares(area.regions).sum()
    lines = [f"stands:   {area.stands} in {area.path} ({area.source})", "labels in July, stands by rule:"]
    lines += [f"  {line}" for line in _table(area)]
    is_known = finnish_area.is_known_from_the_year(area.labels, area.years)
    warning = "; no year has both labels: the year alone tells them, and no model can be shown to see need" * is_known
    lines += [f"years:    {_listed(area.years)}{warning}"]
    elsewhere = f"; {area.elsewhere} labelled stands lie on others" if area.elsewhere else ""
    lines += [f"tiles:    {', '.join(area.tiles)}{elsewhere}"]
    return [*lines, f"regions:  {len(area.regions)} stands that can have a label on these tiles, {hectares:.1f} ha"]


def _table(area: FinnishArea) -> list[str]:
    """Stands by year and label; years without any are left out."""
    counts = area.labels.set_index("year")
    rows = [["year", *(name.replace("_", ", ") for name in counts.columns)]]
    rows += [[str(year), *map(str, row)] for year, row in zip(counts.index, counts.to_numpy(), strict=True) if any(row)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def period(years: Sequence[int]) -> tuple[str, str]:
    """First and last day of the search."""
    return f"{years[0]}-{finnish_area.MONTH:02d}-01", f"{years[-1]}-{finnish_area.MONTH:02d}-31"


def imagery(regions: gpd.GeoDataFrame, years: Sequence[int], tiles: Sequence[str] | None, api: str) -> Volume:
    """Ask the API what there is for regions in July of some years.

    Raises:
        ValueError: see `volume.estimate`.
    """
    start, end = period(years)
    return volume.estimate(
        regions,
        start=start,
        end=end,
        api=api,
        buffer=BUFFER,
        max_cloud=MAX_CLOUD,
        months=[finnish_area.MONTH],
        years=list(years),
        tiles=None if tiles is None else list(tiles),
    )


def cost(needed: Volume, regions: gpd.GeoDataFrame) -> list[str]:
    """Scenes, bytes, time and disk of the imagery of regions, a line each."""
    boxes = regions.to_crs(regions.estimate_utm_crs()).bounds
    pixels = (boxes["maxx"] - boxes["minx"]).max() * (boxes["maxy"] - boxes["miny"]).max() / 100
    chips = len(regions) * len(needed.dates) * pixels * CHIP_BYTES
    unknown = f"; of {needed.unknown} files nothing is announced" if needed.unknown else ""
    return [
        f"scenes:   {len(needed.scenes)} on {len(needed.dates)} dates, tiles {', '.join(needed.tiles)}",
        f"download: at most {_size(needed.at_most)}: {needed.blocks} blocks of {needed.assets} files{unknown}",
        f"time:     at most {needed.at_most / RATE / 60:.0f} minutes at {RATE / 1e6:.0f} MB/s",
        f"disk:     at most {_size(needed.at_most + chips)}: the blocks, and chips of {_size(chips)}",
    ]


def _size(number: float) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.1f} MB"


def _listed(years: Sequence[int]) -> str:
    return ", ".join(map(str, years))


def written(area: FinnishArea, name: str, api: str, title: str) -> str:
    """The file.

    Args:
        area: its stands.
        name: of the data set.
        api: of the imagery.
        title: of the stands, as the user asked for them.
    """
    start, end = period(area.years)
    need, clear = (
        int(area.labels.loc[area.labels["year"].isin(area.years), [f"{label}_strong", f"{label}_weak"]].sum().sum())
        for label in (roles.NEED, roles.CLEAR)
    )
    counted = f"{need} times need and {clear} times clear in July of {_listed(area.years)}"
    return f"""# Finnish stands of {title}: by rule {counted}.
# Written by `rojsat data new NAME --finland AREA`; docs/finland.md is the evening that follows.
defaults:
  - finland
  - _self_
name: {name}
regions:
  - source: {area.source}
    path: {json.dumps(str(area.path), ensure_ascii=False)}
    role: stand
options:
  api: {json.dumps(api)}
  start: "{start}"
  end: "{end}"
  months: [{finnish_area.MONTH}]
  years: [{", ".join(map(str, area.years))}]
  tiles: [{", ".join(area.tiles)}]
"""
