"""Vectors and GPS tracks as an owner of forest sends them: Shapefiles, GeoPackages, GPX, in Swedish coordinates."""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from rojsat.geo.sources.simulated.inventory import Inventory
from rojsat.geo.sources.simulated.layout import CRS
from rojsat.geo.sources.simulated.walkers import WORKERS
from rojsat.geo.vectors.vector_files import write_geopackage, write_shapefile

_SWEDISH = "EPSG:3006"  # SWEREF 99 TM
_GPX_WORKERS = WORKERS[:2]  # these send files from their phones, the others a table


def write_vectors(folder: Path, inventory: Inventory) -> None:
    """Write stands, clearing objects and control areas.

    Args:
        folder: gets `need.shp`, `clear.shp`, `clearing_objects.shp` and `controls.gpkg`; is made where it is missing.
        inventory: the regions, in the world's CRS.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for label, stands in (("need", inventory.need), ("clear", inventory.clear)):
        write_shapefile(stands.to_crs(_SWEDISH)[["region", "cleared", "geometry"]], folder / f"{label}.shp")
    write_shapefile(inventory.objects.to_crs(_SWEDISH)[["region", "geometry"]], folder / "clearing_objects.shp")
    controls = inventory.controls.to_crs(_SWEDISH)[["region", "label", "geometry"]]
    write_geopackage(controls, folder / "controls.gpkg", layer="controls")


def write_gps(folder: Path, fixes: pd.DataFrame) -> list[Path]:
    """Write a GPX file for each of some workers and one GeoPackage for all others.

    Args:
        folder: gets `gps/<worker>.gpx` and `gps.gpkg`.
        fixes: as `walkers.walk` returns them: x and y in metres of the world's CRS.

    Returns:
        The files.
    """
    gpx = folder / "gps"
    gpx.mkdir(parents=True, exist_ok=True)
    points = gpd.points_from_xy(fixes["x"], fixes["y"], crs=CRS)
    table = gpd.GeoDataFrame(fixes[["worker", "track", "time"]], geometry=points)
    files = []
    for worker, worker_fixes in table[table["worker"].isin(_GPX_WORKERS)].groupby("worker"):
        files.append(_write_gpx(gpx / f"{worker}.gpx", worker_fixes.to_crs("EPSG:4326")))
    rest = table[~table["worker"].isin(_GPX_WORKERS)].to_crs(_SWEDISH)
    if len(rest):
        quick = {"SPATIAL_INDEX": "NO"}  # half the time; nobody searches in it
        write_geopackage(rest[["track", "time", "geometry"]], folder / "gps.gpkg", layer="gps", layer_options=quick)
        files.append(folder / "gps.gpkg")
    return files


def _write_gpx(path: Path, table: gpd.GeoDataFrame) -> Path:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append('<gpx version="1.1" creator="rojsat" xmlns="http://www.topografix.com/GPX/1/1">')
    for track, track_fixes in table.groupby("track", sort=False):
        lines.append(f"<trk><name>{track}</name><trkseg>")
        stamps = track_fixes["time"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        for x, y, time in zip(track_fixes.geometry.x, track_fixes.geometry.y, stamps, strict=True):
            lines.append(f'<trkpt lat="{y:.7f}" lon="{x:.7f}"><time>{time}</time></trkpt>')
        lines.append("</trkseg></trk>")
    path.write_text("\n".join([*lines, "</gpx>", ""]))
    return path
