"""GPS tracks of workers: read from GPX, CSV or any vector format, put into regions, kept as GeoParquet."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

COLUMNS = ["time", "region", "track", "geometry"]
"""Columns of `gps.parquet`, in order."""

FIRST_TIME = pd.Timestamp("1980-01-06", tz="UTC")
"""Start of GPS time. What claims to be older has a broken clock: its time counts as unknown."""

LONGITUDE = ("lon", "longitude", "lng", "x")
LATITUDE = ("lat", "latitude", "y")
TIME = ("time", "timestamp", "datetime")


def read_tracks(paths: Iterable[Path | str], *, crs: Any, regions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Read points of GPS tracks and put each into the clearing object it lies in.

    Args:
        paths: GPX (track points), CSV (WGS84 columns lon, lat; time and track if known), GeoParquet, or any
            vector format of points with its own CRS; the tracks of several files come together.
        crs: coordinate system of the result.
        regions: regions as `vectors.read_regions` gives them; only those with role `clearing` take points,
            the first by id where two overlap.

    Returns:
        One row a point that lies in a region, sorted by track and time, with `COLUMNS`: time as UTC timestamp
        (NaT where unknown), region and track as text. `attrs` count what happened: `points` read, `outside`
        every region (left out), `repeated` (same track, time and place, left out), `untimed` (kept).

    Raises:
        ValueError: if a file does not exist, cannot be read or has no coordinates, or no file has a point.
    """
    files = [Path(path) for path in paths]
    frames = [_read(path).to_crs(crs) for path in files]
    points = pd.concat(frames, ignore_index=True) if frames else []
    if len(points) == 0:
        raise ValueError(f"no track point in {len(files)} files: {', '.join(path.name for path in files[:5])}")
    placed = _place(gpd.GeoDataFrame(points, geometry="geometry", crs=crs), regions.to_crs(crs))
    kept, once = placed[placed["region"].notna()], _once(placed[placed["region"].notna()])
    once.attrs = {
        "points": len(points),
        "outside": len(points) - len(kept),
        "repeated": len(kept) - len(once),
        "untimed": int(once["time"].isna().sum()),
    }
    return once


def write_tracks(tracks: gpd.GeoDataFrame, path: Path) -> None:
    """Write tracks as GeoParquet."""
    tracks[COLUMNS].to_parquet(path, index=False)


def load_tracks(path: Path) -> gpd.GeoDataFrame:
    """Read what `write_tracks` wrote.

    Raises:
        ValueError: if the file does not exist.
    """
    if not path.exists():
        raise ValueError(f"{path} does not exist: the data set has no GPS tracks to make masks from")
    return gpd.read_parquet(path)


def _read(path: Path) -> gpd.GeoDataFrame:
    if not path.exists():
        raise ValueError(f"{path} does not exist (it should hold GPS points)")
    suffix = path.suffix.lower()
    if suffix == ".csv":
        found = _csv(path)
    elif suffix == ".parquet":
        found = gpd.read_parquet(path)
    else:
        found = _vector(path, "track_points" if suffix == ".gpx" else None)
    if found.crs is None:
        raise ValueError(f"{path} has no coordinate system; set it (ogr2ogr -a_srs EPSG:…) and try again")
    found = found[~(found.geometry.isna() | found.geometry.is_empty)].explode(ignore_index=True)
    strange = set(found.geom_type) - {"Point"}
    if strange:
        raise ValueError(f"{path} holds {', '.join(sorted(strange))}; GPS tracks must come as points")
    columns = {"time": _times(found), "track": _tracks(found, path.stem), "geometry": found.geometry}
    return gpd.GeoDataFrame(columns, geometry="geometry", crs=found.crs)


def _vector(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    try:
        return gpd.read_file(path, **({} if layer is None else {"layer": layer}))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise ValueError(f"{path} cannot be read as points: {error}") from error


def _csv(path: Path) -> gpd.GeoDataFrame:
    table = pd.read_csv(path)
    x, y = _column(table, LONGITUDE), _column(table, LATITUDE)
    if x is None or y is None:
        names = f"{'/'.join(LONGITUDE)} and {'/'.join(LATITUDE)}"
        raise ValueError(f"{path} needs columns {names} (degrees, WGS84); it has {list(table.columns)}")
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table[x], table[y]), crs="EPSG:4326")


def _column(table: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    """The first column of `table` that is called one of `names`, in upper or lower case."""
    return next((str(column) for column in table.columns if str(column).lower() in names), None)


def _times(found: pd.DataFrame) -> pd.Series:
    """Time of each point, (N,) UTC with millisecond steps; NaT where missing, unreadable or before GPS."""
    column = _column(found, TIME)
    raw = pd.Series(pd.NaT, index=found.index) if column is None else found[column]
    if not pd.api.types.is_datetime64_any_dtype(raw):
        raw = pd.to_datetime(raw.astype(object), utc=True, errors="coerce", format="ISO8601")
    times = raw.dt.tz_localize("UTC") if raw.dt.tz is None else raw.dt.tz_convert("UTC")
    return times.where(times >= FIRST_TIME).dt.as_unit("ms")


def _tracks(found: pd.DataFrame, stem: str) -> pd.Series:
    """Track of each point: the column `track`, else `<file>` or, in a GPX, `<file>/<number from 1>`."""
    if "track" in found.columns:
        return found["track"].map(str)
    if "track_fid" in found.columns:
        return found["track_fid"].map(lambda number: f"{stem}/{int(number) + 1}").astype(object)
    return pd.Series(stem, index=found.index, dtype=object)


def _place(points: gpd.GeoDataFrame, regions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    clearing = regions.loc[regions["role"] == "clearing", ["region", "geometry"]].sort_values("region")
    joined = points.sjoin(clearing, how="left", predicate="intersects").sort_values("region", kind="stable")
    first = joined[~joined.index.duplicated()].sort_index()
    return first[COLUMNS]


def _once(points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out points of the same track, time and place (to 1 cm); sort the others by track and time."""
    key = pd.DataFrame({"track": points["track"], "time": points["time"]})
    key["x"], key["y"] = points.geometry.x.round(2), points.geometry.y.round(2)
    repeated = key.duplicated() & points["time"].notna()
    return points[~repeated].sort_values(["track", "time"], kind="stable", ignore_index=True)
