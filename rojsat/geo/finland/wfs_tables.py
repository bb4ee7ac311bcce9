"""Features of Metsäkeskus' WFS as the tables of its GeoPackages, which `metsakeskus_gpkg` reads.

A stand of the WFS is one flat row: its proposals are columns, and what was completed is not there.
"""

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from shapely import Geometry
from shapely.errors import ShapelyError
from shapely.geometry import shape

from rojsat.geo.finland import finnish_stands
from rojsat.geo.finland.finnish_areas import Area
from rojsat.geo.finland.finnish_stands import OBSERVED
from rojsat.geo.servers.wfs_answers import Feature
from rojsat.geo.vectors import vector_files

_log = logging.getLogger(__name__)

STAND = ("developmentclass", "maintreespecies", "fertilityclass", "soiltype")
"""Columns of the WFS, in small letters, without which its stands are refused."""

PROPOSALS = {"cuttingtype": "cuttingproposalyear", "silviculturetype": "silvicultureproposalyear"}
"""Columns of the type and the year of a proposal."""

SILVICULTURE = "S"
"""Put before codes of `silviculturetype`: 1 to 5 of that list are other operations than 1 to 5 of cuttings."""

PROJECTED = "2"
"""Type of a tree stand that is projected to the date of the data."""

_OBSERVED_DATES, _PROJECTED_DATES = ("measurementdate",), ("treestanddate", "treestanddatadate")  # v1, v2
_TREES = ("stemcount", "basalarea", "volume", "meanheight")
_YEARS = range(1900, 2200)


class Tables(NamedTuple):
    """The layers of a GeoPackage by name: `stand` with outlines, all others without."""

    stand: gpd.GeoDataFrame
    treestand: pd.DataFrame
    treestratum: pd.DataFrame
    operation: pd.DataFrame | None


def frame(pages: Iterable[Sequence[Feature]], area: Area) -> tuple[gpd.GeoDataFrame, int]:
    """Features with columns in small letters, and how many were left aside because they lie outside an area.

    A feature lies in a municipality if a point inside it does, and in a box if it meets it; one without geometry cannot
    be placed and stays.

    Args:
        pages: of features in `finnish_stands.CRS`.
        area: whose features are kept.

    Raises:
        ValueError: if none of them lies there, so that the server's coordinates are others.
    """
    frames, left = [], 0
    ground = shapely.box(*area.bounds) if area.outline is None else area.outline
    shapely.prepare(ground)
    for features in pages:
        rows = [
            {name.lower(): value for name, value in feature["properties"].items()} | {"feature": feature.get("id")}
            for feature in features
        ]
        geometry = gpd.GeoSeries([_outline(feature) for feature in features], crs=finnish_stands.CRS)
        placed = geometry if area.outline is None else geometry.representative_point()
        kept = geometry.isna() | placed.intersects(ground)
        left += int((~kept).sum())
        frames.append(gpd.GeoDataFrame(pd.DataFrame(rows), geometry=geometry)[kept])
    filled = [part for part in frames if len(part)]
    if not filled and left:
        raise ValueError(
            f"the server sent {left} features, none in {area.name}: its coordinates may have another order than "
            "easting and northing"
        )
    if not filled:
        return gpd.GeoDataFrame(geometry=gpd.GeoSeries([], crs=finnish_stands.CRS)), 0
    return pd.concat(filled, ignore_index=True), left


def _outline(feature: Feature) -> Geometry | None:
    """Geometry of a feature, in two dimensions.

    Raises:
        ValueError: naming the feature, if it is none.
    """
    if feature["geometry"] is None:
        return None
    try:
        outline: Geometry = shapely.force_2d(shape(feature["geometry"]))
    except (ValueError, LookupError, TypeError, AttributeError, ShapelyError) as error:
        raise ValueError(f"the feature {feature.get('id')!r} has a geometry that cannot be read: {error}") from error
    return outline


def tables(stands: gpd.GeoDataFrame, url: str) -> Tables:
    """The layers of the GeoPackage.

    Args:
        stands: as `frame` gives them.
        url: of the server, for the messages.

    Raises:
        ValueError: if the stands lack a column of `STAND`, or have no ids.
    """
    lacking = [column for column in STAND if column not in stands]
    if lacking:
        raise ValueError(f"{url}: its stands lack the columns {lacking}; they have {sorted(stands.columns)}")
    stands = stands.assign(standid=_ids(stands, url)).sort_values("standid", ignore_index=True)
    trees, strata = _tree_stands(stands)
    return Tables(stands, trees, strata, _operations(stands, url))


def _ids(stands: gpd.GeoDataFrame, url: str) -> "pd.Series[str]":
    """Ids of the stands: their own, or the number of the feature (`stand.41652739`), which is the primary key."""
    ids = stands["standid"] if "standid" in stands else stands["feature"].astype(str).str.rpartition(".")[2]
    texts: pd.Series[str] = ids.map(
        lambda value: None if pd.isna(value) else f"{value:.0f}" if isinstance(value, float) else str(value)
    )
    if texts.isna().any() or texts.eq("None").any() or texts.duplicated().any():
        raise ValueError(f"{url}: its stands have no ids that tell them apart (neither `standid` nor ids of features)")
    return texts


def _tree_stands(stands: gpd.GeoDataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tree stands, and a stratum for each that describes trees: the day they were measured, and that projected to."""
    described = pd.Series(False, index=stands.index)
    for column in _TREES:
        if column in stands:
            described |= pd.to_numeric(stands[column], errors="coerce") > 0
    rows = []
    for kind, names in ((OBSERVED, _OBSERVED_DATES), (PROJECTED, _PROJECTED_DATES)):
        dates = next((stands[name] for name in names if name in stands), None)
        if dates is None:
            _log.warning("the stands have no column %s: no tree stand of type %s", " or ".join(names), kind)
            continue
        known = dates.notna()
        days = dates[known].astype(str).str[:10]
        rows.append(
            pd.DataFrame(
                {"standid": stands["standid"][known], "type": int(kind), "date": days, "trees": described[known]}
            )
        )
    columns = ["standid", "type", "date", "trees"]
    trees = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)
    trees = trees.drop_duplicates(["standid", "date"])  # measured on the day of the data: nothing is projected
    trees = trees.sort_values(["standid", "type"], ignore_index=True).assign(treestandid=range(1, len(trees) + 1))
    strata = trees.loc[trees["trees"].astype(bool), ["treestandid"]].reset_index(drop=True)
    return trees.drop(columns="trees"), strata


def _operations(stands: gpd.GeoDataFrame, url: str) -> pd.DataFrame | None:
    """Proposals, without a column of completions; None if columns are absent, so that no proposal is known."""
    absent = [name for pair in PROPOSALS.items() for name in pair if name not in stands]
    if absent:
        _log.warning(
            "%s: its stands lack the columns %s: no proposals, no labels from them. The GeoPackage of a municipality "
            "(MV_*.zip, `metsakeskus_files`) has its operations",
            *(url, ", ".join(absent)),
        )
        return None
    rows, odd = [], 0
    for kind, year in PROPOSALS.items():
        proposed = stands[stands[kind].notna()]
        years = pd.to_numeric(proposed[year], errors="coerce")
        usable = years.isin(_YEARS)
        odd += int((~usable).sum())
        prefix = SILVICULTURE if kind == "silviculturetype" else ""
        codes = proposed[kind].map(
            lambda code, prefix=prefix: prefix + (f"{code:.0f}" if isinstance(code, float) else str(code))
        )
        rows.append(
            pd.DataFrame({"standid": proposed["standid"], "operationtype": codes, "proposalyear": years.where(usable)})
        )
    if odd:
        _log.warning("%s: %d proposals have no year", url, odd)
    operations = pd.concat(rows, ignore_index=True)
    return operations.sort_values(["standid", "operationtype"], ignore_index=True).astype({"operationtype": str})


def write(path: Path, layers: dict[str, pd.DataFrame], metadata: dict[str, str]) -> None:
    """Write a GeoPackage, complete or not at all; the same content gives the same bytes.

    Args:
        path: the file.
        layers: by name, those with geometry as GeoDataFrames.
        metadata: of each layer, as text.
    """
    beside = path.with_name(f".partial.{path.name}")
    beside.unlink(missing_ok=True)
    # the file is renamed when it is complete: SQLite need not wait for the disk after each layer
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": vector_files.WRITTEN, "OGR_SQLITE_SYNCHRONOUS": "OFF"})
    try:
        for name, table in layers.items():
            pyogrio.write_dataframe(
                table, beside, driver="GPKG", layer=name, append=beside.exists(), layer_metadata=metadata
            )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None, "OGR_SQLITE_SYNCHRONOUS": None})
    beside.replace(path)
