"""Which stands were tended and when, by Finnish stand data: for images before and after: nobody decides on need.

There are no masks: `rojsat.chips.change_pairs` finds two dates of each stand, and the label of the pair.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
from odc.geo.geobox import GeoBox

from rojsat.chips import change_pairs, roles
from rojsat.geo import file_paths
from rojsat.geo.degrees import Labels
from rojsat.geo.finland import (
    forest_standard_xml,
    kept_tables,
    metsakeskus_gpkg,
    stand_histories,
    stand_regions,
)
from rojsat.geo.finland.finnish_stands import StandTable
from rojsat.geo.finland.stand_histories import History


def masks(
    raw: Path,
    regions: gpd.GeoDataFrame,
    grids: Mapping[str, GeoBox],  # noqa: ARG001
    *,
    files: Sequence[str] = (),
    prefix: str = "",
    until: str | None = None,
) -> Labels:
    """Look up the stands of a data set in files of stands; those without a history are dropped, with the reason.

    Args:
        raw: the raw data set, with the tables of `stand_regions` where no files are named.
        regions: its regions; those of role stand have ids of stands, behind `prefix`.
        grids: grid of each region.
        files: XML of the forest data standard (`.xml`) or GeoPackages of Metsäkeskus, or patterns, relative to the
            working directory; none: the stands that the regions of the data set were read from.
        prefix: before the ids of the regions, of such files.
        until: ISO day up to which the files are complete; None: that of the last completed operation of each.

    Raises:
        ValueError: if a file is missing or cannot be used, `until` is no date, or no region has a history.
    """
    day = None if until is None else _day(until)
    histories: dict[str, History] = {}
    aside: dict[str, str] = {}
    for name, table in _tables(raw, files, prefix):
        try:
            of_file, reasons = stand_histories.of(table, day)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        histories |= of_file
        aside |= reasons
    stands = regions.loc[regions["role"] == roles.STAND, "region"].astype(str)
    known = {region: histories[region].facts() for region in stands if region in histories}
    dropped = {region: aside.get(region, "no stand of this id in the files of stands") for region in stands}
    dropped = {region: reason for region, reason in dropped.items() if region not in known}
    if not known:
        counted = ", ".join(f"{count} {reason}" for reason, count in sorted(Counter(dropped.values()).items()))
        raise ValueError(f"no region of role stand has a history in the files of stands: {counted or 'there is none'}")
    return Labels({}, dropped, {change_pairs.HISTORIES: known, "stands": _counts(known)})


def _counts(known: dict[str, dict[str, Any]]) -> dict[str, int]:
    tended = sum(history["tended"] is not None for history in known.values())
    return {"tended": tended, "not tended": len(known) - tended}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"data.labels.options.until={text}: it is no date; write 2019-08-31") from error


def _tables(raw: Path, files: Sequence[str], prefix: str) -> Iterator[tuple[str, StandTable]]:
    """The tables of the files, or those that the data set keeps, with their names for messages."""
    if files:
        paths = file_paths.files(files, None, key="data.labels.options.files")
        yield from ((str(path), _read(path).prefixed(prefix)) for path in paths)
        return
    tables = kept_tables.read(raw / stand_regions.FOLDER)
    if not tables:
        raise ValueError(
            "labels completed_tendings: name files of stands by data.labels.options.files, or let data.regions have a "
            f"source of Finnish stands ({', '.join(stand_regions.SOURCES)})"
        )
    facts = kept_tables.facts(raw / stand_regions.FOLDER)
    names = [str(about.get("path") or about["source"]) for about in facts]
    yield from zip(names, tables, strict=True)


def _read(path: Path) -> StandTable:
    return (forest_standard_xml if path.suffix.lower() == ".xml" else metsakeskus_gpkg).read(path)
