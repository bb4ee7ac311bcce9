"""A square of ground whose reflectance is a formula, and files of it: scenes, outlines, GPS points."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry import Polygon, box

from bench.silent_errors.sandbox import NAME
from rojsat.chips.bands import RESOLUTION, TOA
from tests.support import safe_products

CRS, EAST, NORTH, SIZE = safe_products.CRS, safe_products.EAST, safe_products.NORTH, 60
"""Coordinate system, upper-left corner (metres) and side (10 m pixels) of the ground."""

DAY = "2019-07-23"
"""Of scenes of which there is one."""

BANDS = ("B02", "B03", "B04", "B08")
"""Of GeoTIFFs; scene classes are in a file of their own."""

STANDS = {"n1": (10, 10, 8, "need"), "n2": (40, 20, 6, "need"), "c1": (25, 30, 6, "clear")}
"""Column, row and side (10 m pixels) and label of the stands, by id."""


def reflectance(band: str, metres: int = 10) -> NDArray[np.float64]:
    """Reflectance of a band at pixels of so many metres: every 10 m it grows by 0.001 eastwards, 0.0023 southwards."""
    count = SIZE * 10 // metres
    rows, cols = (np.mgrid[:count, :count] + 0.5) * metres / 10
    return 0.02 + 0.01 * TOA.index(band) + 0.001 * cols + 0.0023 * rows


def mean(name: str, band: str = "B04") -> float:
    """Mean reflectance of a stand's pixels."""
    left, top, side, _ = STANDS[name]
    return float(reflectance(band)[top : top + side, left : left + side].mean())


def square(left: float, top: float, side: float) -> Polygon:
    """A square in 10 m pixels from the upper-left corner, in the ground's coordinates."""
    return box(EAST + 10 * left, NORTH - 10 * (top + side), EAST + 10 * (left + side), NORTH - 10 * top)


def stands(stands_of: Mapping[str, tuple[float, float, float, str | None]] = STANDS) -> gpd.GeoDataFrame:
    """Stands as a table with the columns `stand` and `label`."""
    shapes = [square(*row[:3]) for row in stands_of.values()]
    columns = {"stand": list(stands_of), "label": [row[3] for row in stands_of.values()]}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def write_product(folder: Path, **options: Any) -> Path:
    """A product of ESA of this ground; see `safe_products.write_product`."""
    by_band = {band: reflectance(band, RESOLUTION[band]) for band in TOA}
    no_cloud = np.full((SIZE // 2, SIZE // 2), 4, np.uint8)
    return safe_products.write_product(folder, **{"ground": by_band, "scl": no_cloud, "extras": False} | options)


def write_tiff(
    path: Path,
    planes: Sequence[NDArray[Any]],
    *,
    crs: str | None = CRS,
    transform: Affine | None = None,
    scale: float | None = None,
    offset: float | None = None,
    tags: Mapping[str, str] | None = None,
    descriptions: Sequence[str] = (),
    **profile: Any,
) -> Path:
    """A GeoTIFF of some planes on the ground's own pixels."""
    height, width = planes[0].shape
    step = 10 * SIZE / width
    grid = {"crs": crs, "transform": transform or Affine(step, 0, EAST, 0, -step, NORTH)}
    shape = {"driver": "GTiff", "count": len(planes), "height": height, "width": width, "dtype": planes[0].dtype}
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(path, "w", **grid, **shape, **profile) as raster:
        raster.update_tags(**(tags or {}))
        raster.write(np.stack(planes))
        if scale is not None or offset is not None:
            raster.scales = (1.0 if scale is None else scale,) * len(planes)
            raster.offsets = (offset or 0.0,) * len(planes)
        for number, description in enumerate(descriptions, start=1):
            raster.set_band_description(number, description)
    return path


def stored(bands: Sequence[str] = BANDS, scale: float = 1e-4, offset: float = 0.0) -> list[NDArray[np.uint16]]:
    """Stored numbers of bands: reflectance = stored * scale + offset."""
    return [np.round((reflectance(band) - offset) / scale).astype(np.uint16) for band in bands]


def write_scene(folder: Path, day: str = DAY, site: str = "a", classes: int | None = 4, **options: Any) -> Path:
    """A GeoTIFF of `BANDS` and one of scene classes beside it (None: without); see `write_tiff`."""
    planes = options.pop("planes", None)
    if classes is not None:
        scl = np.full((SIZE // 2, SIZE // 2), classes, np.uint8)
        write_tiff(folder / f"{site}_{day}_scl.tif", [scl])
    return write_tiff(folder / f"{site}_{day}.tif", stored() if planes is None else planes, **options)


def words(source: str, root: Path, regions: Sequence[str], *more: str) -> list[str]:
    """The words of a command line for a data set of one's own.

    Args:
        source: template in `experiments/data`.
        root: folder of the files.
        regions: files of regions, each as a mapping in Hydra's syntax, `{path: a.gpkg, role: stand}`.
        more: further words.
    """
    own = [f"data={source}", f"data.name={NAME}", f"data.root={root}", f"data.regions=[{', '.join(regions)}]"]
    labels = [] if any(word.startswith("data.labels.source=") for word in more) else ["data.labels.source=polygons"]
    return [*own, *labels, "dask.scheduler=synchronous", *more]


STAND_FILE = "{path: stands.gpkg, role: stand, id_field: stand}"
"""The usual file of stands."""


def tiff_words(
    root: Path, *more: str, regions: Sequence[str] = (STAND_FILE,), bands: Sequence[str] = BANDS, scl: bool = True
) -> list[str]:
    """`words` for GeoTIFFs as `write_scene` writes them."""
    files = [f"{{pattern: '{{site}}_{{date}}.tif', bands: [{', '.join(bands)}]}}"]
    files += ["{pattern: '{site}_{date}_scl.tif', bands: [SCL]}"] * scl
    own = [] if any("data.options.files" in word for word in more) else [f"data.options.files=[{', '.join(files)}]"]
    return words("flanders", root, regions, *own, *more)


def walk(count: int, left: float, top: float, side: float, seed: int = 0) -> pd.DataFrame:
    """Points of a phone in a square, 30 s apart: `lon`, `lat`, `time`."""
    draw = np.random.default_rng(seed)
    x, y = EAST + 10 * (left + side * draw.random(count)), NORTH - 10 * (top + side * draw.random(count))
    places = gpd.GeoSeries.from_xy(x, y, crs=CRS).to_crs("EPSG:4326")
    times = pd.date_range("2019-06-03T08:00:00Z", periods=count, freq="30s").strftime("%Y-%m-%dT%H:%M:%SZ")
    return pd.DataFrame({"lon": places.x.to_numpy(), "lat": places.y.to_numpy(), "time": times})


def write_gpx(path: Path, points: pd.DataFrame, kind: str = "trk") -> None:
    """Points as a GPX file: a track, or waypoints (`wpt`)."""
    tag = "trkpt" if kind == "trk" else "wpt"
    lines = [
        f'<{tag} lat="{lat:.8f}" lon="{lon:.8f}"><time>{time}</time></{tag}>'
        for lon, lat, time in points.itertuples(index=False)
    ]
    inner = "\n".join(lines) if kind == "wpt" else "<trk><trkseg>\n" + "\n".join(lines) + "\n</trkseg></trk>"
    space = "http://www.topografix.com/GPX/1/1"
    path.write_text(f'<?xml version="1.0"?>\n<gpx version="1.1" creator="x" xmlns="{space}">\n{inner}\n</gpx>\n')
