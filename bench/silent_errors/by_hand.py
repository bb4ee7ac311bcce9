"""Short scripts on rasterio, geopandas and pandas, as they are usually written: each does what first comes to mind."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import rasterio.mask


def stand_mean(
    raster: Path, stands: Path, name: str, *, band: int = 1, scale: float = 1e-4, offset: float = 0
) -> float:
    """Mean reflectance of one stand: cut its polygon out of the raster."""
    table = gpd.read_file(stands)
    with rasterio.open(raster) as source:
        shape = table[table["stand"] == name].to_crs(source.crs).geometry
        pixels, _ = rasterio.mask.mask(source, shape, crop=True, filled=False, indexes=band)
    return float((pixels * scale + offset).mean())


def count_need(stands: Path) -> int:
    """How many stands need clearing."""
    return int((gpd.read_file(stands)["label"] == "need").sum())


def ids(stands: Path) -> list[str]:
    """Ids of the stands."""
    return sorted(gpd.read_file(stands)["stand"].astype(str))


def points_inside(files: list[Path], objects: Path) -> int:
    """How many GPS points of GPX and CSV files lie in clearing objects."""
    tables = []
    for path in files:
        if path.suffix == ".csv":
            table = pd.read_csv(path)
            tables.append(gpd.GeoDataFrame(geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326"))
        else:
            tables.append(gpd.read_file(path, layer="track_points")[["geometry"]])
    points = pd.concat(tables)
    areas = gpd.read_file(objects).to_crs(points.crs)
    return len(gpd.sjoin(points, areas, predicate="within"))


def masked_mean(raster: Path, mask: Path, *, band: int = 1) -> float:
    """Mean reflectance where the degree of a mask raster is above a half, pixel by pixel."""
    with rasterio.open(raster) as source, rasterio.open(mask) as degrees:
        return float((source.read(band) * 1e-4)[degrees.read(1) > 0.5].mean())


def degree_mean(mask: Path) -> float:
    """Mean degree of a mask raster."""
    with rasterio.open(mask) as degrees:
        return float(np.mean(degrees.read(1)))
