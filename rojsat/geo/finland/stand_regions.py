"""Finnish stands as regions of a data set: those that a rule can label become regions, the tables are kept for it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio

from rojsat.chips import roles
from rojsat.config import lookup
from rojsat.geo import file_paths
from rojsat.geo.finland import finnish_stands, forest_standard_xml, kept_tables, metsakeskus_gpkg, metsakeskus_wfs
from rojsat.geo.finland.finnish_stands import StandTable
from rojsat.geo.finland.stand_labels import TENDED
from rojsat.geo.vectors import identifiers, kept_columns, region_files, region_parts, region_shapes

FOLDER = "finland"
"""Of a raw data set: a folder in it for each file of stands, with its tables."""

FILES: Mapping[str, Callable[[Path], StandTable]] = {
    "forest_standard_xml": forest_standard_xml.read,
    "metsakeskus_gpkg": metsakeskus_gpkg.read,
}
"""Readers of files, by the name that a file of regions has as its `source`."""

WFS = "metsakeskus_wfs"
"""The source that is fetched from a server, for an `area`."""

SOURCES = ("forest_standard_xml", "metsakeskus_gpkg", WFS)
"""All sources of stands."""

SERVERS = {"stands": "url", "declarations": "declarations", "municipalities": "outlines"}
"""Keywords of `metsakeskus_wfs.fetch` for other servers, by their names in `servers`."""

ATTRIBUTION = "Contains open forest data of the Finnish Forest Centre (Metsäkeskus), CC BY 4.0"
"""What must stand beside all that is made from a GeoPackage that does not say it itself."""


def read(
    kept: Path,
    *,
    source: str,
    role: str,
    crs: Any,
    root: Path | None = None,
    path: str | None = None,
    area: str | None = None,
    servers: Mapping[str, str] | None = None,
    prefix: str = "",
    columns: Sequence[str] = (),
    **others: Any,
) -> gpd.GeoDataFrame:
    """Read the stands of a source, keep their tables, and give those of the classes that can have a label as regions.

    Args:
        kept: folder for the tables, which `kept_tables.read` reads; what was in it is replaced.
        source: one of `SOURCES`.
        role: of the regions; it must be `stand`.
        crs: coordinate system of the result.
        root: folder that `path` is relative to.
        path: of the file; none of `WFS`.
        area: of `WFS` alone: name or code of a municipality, or a box, see `metsakeskus_wfs.fetch`. What is fetched
            stays beside `kept`, and a call that was interrupted goes on.
        servers: of `WFS` alone: addresses of other servers by `SERVERS`.
        prefix: put before every id.
        columns: to be kept for splits: `area` (that of `WFS`, or the file), or a column of `finnish_stands.Stand`.
        others: keys of files of other formats; none may be set.

    Returns:
        One row a stand with the columns of `region_files`; without label, for that depends on the day of the image.

    Raises:
        UnknownNameError: if there is no such source.
        ValueError: if the file cannot be used, a key is set that has no meaning here, or no stand can have a label.
    """
    if source not in SOURCES:
        raise lookup.unknown("source of a file of regions", source, SOURCES)
    stated = sorted(key for key, value in others.items() if value and value != region_parts.TOGETHER)
    if stated:
        raise ValueError(f"data.regions: {', '.join(stated)} cannot be set beside source {source}, which decides that")
    if role != roles.STAND:
        raise ValueError(f"data.regions: source {source} holds stands; write role: {roles.STAND}, not {role}")
    if (path is None, area is None) != ((True, False) if source == WFS else (False, True)):
        key, other = ("area", "path") if source == WFS else ("path", "area")
        raise ValueError(f"data.regions: source {source} needs {key}, and takes no {other}")
    fetched = kept.with_name(f"fetched_{kept.name}")
    file = fetch(fetched, str(area), servers or {}) if path is None else file_paths.absolute(path, root)
    table = FILES["metsakeskus_gpkg" if source == WFS else source](file).prefixed(prefix)
    reasons = left_aside(table)
    usable = table.stands[[reason is None for reason in reasons]]
    if not len(usable):
        raise ValueError(
            f"{file}: none of its {len(table.stands)} stands is of the development classes {', '.join(TENDED)} and has "
            f"a usable outline, so none can have a label ({', '.join(sorted(_counted(reasons)))})"
        )
    identifiers.check(usable["stand"], file)
    regions = kept_columns.added(_regions(usable), usable.assign(area=area or path), columns, file).to_crs(crs)
    named = None if source == "forest_standard_xml" else attribution(file)
    facts = {"source": source, "path": path or area, "attribution": named, "left_aside": _counted(reasons)}
    kept_tables.write(table, kept, facts)
    return regions


def fetch(folder: Path, area: str, servers: Mapping[str, str]) -> Path:
    """Fetch the stands of an area from the servers, and give the GeoPackage.

    Args:
        folder: of the GeoPackage, and of what an interrupted call left.
        area: see `read`.
        servers: see `read`.

    Raises:
        UnknownNameError: if there is no such server.
        ValueError: see `metsakeskus_wfs.fetch`.
    """
    return metsakeskus_wfs.fetch(area, folder, **addresses(servers))


def addresses(servers: Mapping[str, str]) -> dict[str, Any]:
    """Addresses of servers as the keywords of `metsakeskus_wfs.fetch`; an empty one is none.

    Raises:
        UnknownNameError: if there is no such server.
    """
    for name in servers:
        if name not in SERVERS:
            raise lookup.unknown("server of Finnish stands", name, SERVERS)
    return {SERVERS[name]: address or None for name, address in servers.items()}


def attribution(file: Path) -> str:
    """What a GeoPackage asks to be named; of one that does not say it, what Metsäkeskus asks for."""
    if "source" not in {str(name) for name, _ in pyogrio.list_layers(file)}:
        return ATTRIBUTION
    sources = pyogrio.read_dataframe(file, layer="source", read_geometry=False)
    return "; ".join(dict.fromkeys(str(text) for text in sources["attribution"]))


def left_aside(table: StandTable) -> list[str | None]:
    """Why each stand of a table is no region; None of those that are."""
    return [
        _reason(development_class, outline)
        for development_class, outline in zip(table.stands["development_class"], table.stands.geometry, strict=True)
    ]


def lines(raw: Path) -> list[str]:
    """Stands that are no regions of a raw data set, a line a reason and file; none of other data sets."""
    return [
        f"{count} stands of {facts['path']}: {reason}"
        for facts in kept_tables.facts(raw / FOLDER)
        for reason, count in sorted(facts["left_aside"].items())
    ]


def _reason(development_class: str | None, outline: Any) -> str | None:
    if development_class is None:
        return "without development class"
    if development_class not in TENDED:
        return f"development class {development_class}"
    if outline is None:
        return "without outline"
    return "outline at fault" if region_shapes.fault(outline) else None


def _counted(reasons: list[str | None]) -> dict[str, int]:
    return dict(Counter(reason for reason in reasons if reason is not None))


def _regions(stands: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns = {"region": stands["stand"].to_numpy(), "role": roles.STAND, "label": None, "cleared": None}
    regions = gpd.GeoDataFrame(columns, geometry=stands.geometry.to_numpy(), crs=finnish_stands.CRS)
    return regions.astype({"label": object, "cleared": object})[region_files.COLUMNS]
