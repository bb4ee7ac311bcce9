"""Stands and forest-use declarations of Metsäkeskus, from its WFS into one GeoPackage.

`fetch(area, folder)` returns the path of `metsakeskus.gpkg`, which `metsakeskus_gpkg.read` reads. The area is the name
or code of a municipality, or a box as text (`finnish_areas.box`). Called again, it goes on where it was killed, and
returns at once when the file is complete. `metsakeskus_sizes.estimate` says before how much that is.

The file has the layers of Metsäkeskus' own GeoPackages, as far as the WFS has their content (`stand`, `treestand`,
`treestratum`, `operation` with proposals only), `forestusedeclaration` with its columns in small letters, and `source`:
where all this comes from, when it was fetched, its licence and the attribution that it asks for.
"""

import json
import logging
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock

from rojsat.geo.finland import finnish_areas, finnish_stands, municipalities, wfs_tables
from rojsat.geo.finland.finnish_areas import Area
from rojsat.geo.servers import page_files, wfs, wfs_pages
from rojsat.geo.servers.retries import Patience
from rojsat.geo.servers.wfs import Layer, Query
from rojsat.geo.servers.wfs_pages import Pages

_log = logging.getLogger(__name__)

STANDS = "https://avoin.metsakeskus.fi/rajapinnat/v2/stand/ows"
"""Server of stands; `v1` is the form before 2026."""

DECLARATIONS = "https://avoin.metsakeskus.fi/rajapinnat/v1/forestusedeclaration/ows"
"""Server of forest-use declarations: what was to be cut, and when it was declared."""

STAND, DECLARATION = "stand", "forestusedeclaration"
"""Layers of the servers, without their prefix, and of the GeoPackage."""

FILE = "metsakeskus.gpkg"
"""Name of the GeoPackage in its folder."""

LICENCE = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"

ATTRIBUTION = "Contains open forest data of the Finnish Forest Centre (Metsäkeskus), fetched on {day}, CC BY 4.0"
"""What must stand beside everything that is made from the data."""

ID_COLUMNS = ("standid", "objectid", "gid")
"""Columns that give pages an order, the first that the layer has; without any, the server's primary key does."""


def fetch(
    area: str | Area,
    folder: Path,
    *,
    url: str = STANDS,
    declarations: str | None = DECLARATIONS,
    outlines: str = municipalities.URL,
    sort_by: str | None = None,
    page: int = wfs_pages.SIZE,
    missing: int = 0,
    patience: Patience | None = None,
) -> Path:
    """Fetch the stands and declarations of an area, or what an interrupted call left.

    Args:
        area: name or code of a municipality, or a box as `finnish_areas.box` reads it.
        folder: gets the file, and until it is complete the pages.
        url: of the WFS of stands.
        declarations: of the WFS of forest-use declarations; None for none.
        outlines: of the WFS of municipalities, asked for a name or code alone.
        sort_by: column of stands that orders the pages; None for the first of `ID_COLUMNS`.
        page: features a page.
        missing: features of a layer that may be missing of those that the server counts.
        patience: with the servers.

    Returns:
        The GeoPackage, in EPSG:3067.

    Raises:
        GaveUpError: if a server does not answer; the pages stay, and the same call goes on.
        ValueError: if the area is none, the folder holds another request, a server refuses its request or sends
            fewer features than it counts, or there is no stand.
    """
    patience = patience or Patience()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    with FileLock(folder / ".lock"):
        _remember(folder, {"area": _text(area), "url": url, "declarations": declarations})
        if not path.exists():
            known = _area(area, folder, outlines, patience)
            _make(known, folder, path, url, declarations, sort_by, page, missing, patience)
        for name in (STAND, DECLARATION):
            shutil.rmtree(folder / name, ignore_errors=True)
    return path


def _text(area: str | Area) -> str:
    return area.to_json() if isinstance(area, Area) else area.strip()


def _remember(folder: Path, request: dict[str, Any]) -> None:
    """Note what a folder is for.

    Raises:
        ValueError: if it is for something else.
    """
    path = folder / "request.json"
    if path.exists():
        known = json.loads(path.read_text(encoding="utf-8"))
        if known != request:
            raise ValueError(f"{folder} holds the request {known}, not {request}; delete it or name another folder")
    else:
        page_files.write(path, json.dumps(request, ensure_ascii=False, sort_keys=True).encode())


def resolve(area: str | Area, outlines: str, patience: Patience) -> Area:
    """The area of a text: a box, or a municipality that the WFS of outlines is asked for.

    Raises:
        GaveUpError: if it does not answer.
        ValueError: if the text is neither.
    """
    if isinstance(area, Area):
        return area
    return finnish_areas.box(area) or municipalities.find(area, patience, url=outlines)


def _area(area: str | Area, folder: Path, outlines: str, patience: Patience) -> Area:
    """The area, asked for once: an interrupted call goes on with the same outline."""
    path = folder / "area.json"
    if path.exists():
        return finnish_areas.from_json(path.read_text(encoding="utf-8"))
    known = resolve(area, outlines, patience)
    page_files.write(path, known.to_json().encode())
    return known


def query(area: Area, layer: Layer, sort_by: str | None) -> Query:
    """What to ask a layer for an area.

    Raises:
        ValueError: if the layer has no column `sort_by`.
    """
    columns = {column.lower(): column for column in layer.columns}
    if sort_by is not None and sort_by.lower() not in columns:
        raise ValueError(f"{layer.url}: {layer.name} has no column {sort_by!r}; it has {', '.join(layer.columns)}")
    order = sort_by or next((column for column in ID_COLUMNS if column in columns), None)
    return Query(finnish_stands.CRS, area.bounds, None if order is None else columns[order.lower()])


def _make(
    area: Area,
    folder: Path,
    path: Path,
    url: str,
    declarations: str | None,
    sort_by: str | None,
    page: int,
    missing: int,
    patience: Patience,
) -> None:
    """Fetch all pages and write the file."""
    layer = wfs.open_layer(url, STAND, patience)
    pages = wfs_pages.fetch(layer, query(area, layer, sort_by), folder / STAND, size=page, missing=missing)
    stands, outside = wfs_tables.frame(pages.read(), area)
    if stands.empty:
        raise ValueError(
            f"{url} has no stand in {area.name}: most of Finland's state forest is not in it; choose another area"
        )
    layers = wfs_tables.tables(stands, url)._asdict()
    sources = [_source(layer, pages, area, len(stands), outside)]
    if declarations is not None:
        other = wfs.open_layer(declarations, DECLARATION, patience)
        pages = wfs_pages.fetch(other, query(area, other, None), folder / DECLARATION, size=page, missing=missing)
        declared, outside = wfs_tables.frame(pages.read(), area)
        layers[DECLARATION] = declared
        sources.append(_source(other, pages, area, len(declared), outside))
    if area.attribution is not None:
        sources.append({"layer": "outline of the municipality", "licence": LICENCE, "attribution": area.attribution})
    layers["source"] = pd.DataFrame(sources)
    metadata = {"licence": LICENCE, "attribution": "; ".join(dict.fromkeys(str(row["attribution"]) for row in sources))}
    wfs_tables.write(path, {name: table for name, table in layers.items() if table is not None}, metadata)


def _source(layer: Layer, pages: Pages, area: Area, features: int, outside: int) -> dict[str, Any]:
    _log.info("%s: %d features in %s, %d outside it were left aside", layer.name, features, area.name, outside)
    return {
        "layer": layer.name,
        "url": layer.url,
        "area": area.name,
        "fetched": pages.begun,
        "features": features,
        "outside": outside,
        "missing": pages.lacking,
        "licence": LICENCE,
        "attribution": ATTRIBUTION.format(day=pages.begun[:10]),
    }
