"""Vectors and GPS as a customer hands them over: shapefiles, GeoPackages, GPX, in Swedish coordinates."""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from rojsat.geo.sources.simulated.inventory import Inventory
from rojsat.geo.sources.simulated.layout import CRS
from rojsat.geo.sources.simulated.walkers import WORKERS

_SWEDISH = "EPSG:3006"  # SWEREF 99 TM
_GPX_WORKERS = WORKERS[:2]  # these hand over files from their phones, the others a table


def write_vectors(folder: Path, inventory: Inventory) -> None:
    """Writes stands, clearing objects and controls.

    Args:
        folder: where to.
        inventory: what.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("need", "clear", "objects"):
        table = getattr(inventory, name).to_crs(_SWEDISH)
        table = table[["region", "cleared", "geometry"]] if name != "objects" else table[["region", "geometry"]]
        path = folder / ("clearing_objects.shp" if name == "objects" else f"{name}.shp")
        table.to_file(path, engine="pyogrio", encoding="UTF-8")
    controls = inventory.controls.to_crs(_SWEDISH)[["region", "label", "geometry"]]
    controls.to_file(folder / "controls.gpkg", engine="pyogrio", layer="controls")


def write_gps(folder: Path, fixes: pd.DataFrame) -> list[Path]:
    """Writes GPX files for some workers and one GeoPackage for the rest.

    Args:
        folder: where to.
        fixes: as `walkers.walk` gives them.

    Returns:
        The files.
    """
    gpx = folder / "gps"
    gpx.mkdir(parents=True, exist_ok=True)
    points = gpd.points_from_xy(fixes["x"], fixes["y"], crs=CRS)
    table = gpd.GeoDataFrame(fixes[["worker", "track", "time"]], geometry=points)
    files = []
    for worker, mine in table[table["worker"].isin(_GPX_WORKERS)].groupby("worker"):
        files.append(_write_gpx(gpx / f"{worker}.gpx", mine.to_crs("EPSG:4326")))
    rest = table[~table["worker"].isin(_GPX_WORKERS)].to_crs(_SWEDISH)
    if len(rest):
        quick = {"SPATIAL_INDEX": "NO"}  # half the time; nobody searches in it
        rest = rest[["track", "time", "geometry"]]
        rest.to_file(folder / "gps.gpkg", engine="pyogrio", layer="gps", layer_options=quick)
        files.append(folder / "gps.gpkg")
    return files


def _write_gpx(path: Path, table: gpd.GeoDataFrame) -> Path:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append('<gpx version="1.1" creator="rojsat" xmlns="http://www.topografix.com/GPX/1/1">')
    for track, mine in table.groupby("track", sort=False):
        lines.append(f"<trk><name>{track}</name><trkseg>")
        stamps = mine["time"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        for x, y, time in zip(mine.geometry.x, mine.geometry.y, stamps, strict=True):
            lines.append(f'<trkpt lat="{y:.7f}" lon="{x:.7f}"><time>{time}</time></trkpt>')
        lines.append("</trkseg></trk>")
    path.write_text("\n".join([*lines, "</gpx>", ""]))
    return path
