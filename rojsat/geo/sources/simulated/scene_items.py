"""Scenes on disk: one COG an asset, one STAC item a scene, one catalog."""

from pathlib import Path
from typing import Any

import numpy as np
import pystac
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio import features
from shapely import transform as project
from shapely.geometry import mapping, shape

from rojsat.chips.bands import RESOLUTION
from rojsat.geo.scenes.cog import write_cog
from rojsat.geo.sources.simulated import sensor
from rojsat.geo.sources.simulated.layout import CRS, transform
from rojsat.geo.sources.simulated.orbits import swath
from rojsat.geo.sources.simulated.render import Scene

_EXTENSIONS = [
    "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
    "https://stac-extensions.github.io/raster/v1.1.0/schema.json",
    "https://stac-extensions.github.io/eo/v1.1.0/schema.json",
    "https://stac-extensions.github.io/sat/v1.0.0/schema.json",
    "https://stac-extensions.github.io/view/v1.0.0/schema.json",
]


def write_scene(folder: Path, scene: Scene, name: str, column: int = 0) -> pystac.Item:
    """Writes the rasters of one scene and describes them.

    Args:
        folder: the catalog's; the scene gets a folder of its own in it.
        scene: what to write.
        name: its id.
        column: of its left edge on the 10 m grid, a multiple of 6.

    Returns:
        Its item, not yet saved.
    """
    item = _item(scene, name, column)
    for name, array in scene.assets.items():
        resolution = RESOLUTION[name.removeprefix("TOA-")]
        reflectance = array.dtype == np.uint16
        write_cog(
            folder / item.id / f"{name}.tif",
            array,
            transform=transform(resolution, column=column),
            crs=CRS,
            nodata=sensor.NODATA,
            scale=sensor.SCALE if reflectance else None,
            offset=sensor.OFFSET if reflectance else None,
            resampling="nearest" if name == "SCL" else "average",
            descriptions=["red", "green", "blue"] if name == "TCI" else [name],
        )
        item.add_asset(name, _asset(name, array, resolution, column))
    return item


def save(folder: Path, items: list[pystac.Item], description: str) -> None:
    """Saves items and catalog with relative links.

    Args:
        folder: where the scenes lie.
        items: as `write_scene` gives them.
        description: of the data set.
    """
    catalog = pystac.Catalog("simulated", description, title="Simulated landscape")
    catalog.add_items(items)
    catalog.normalize_hrefs(str(folder))
    catalog.save(pystac.CatalogType.SELF_CONTAINED)


def _item(scene: Scene, name: str, column: int) -> pystac.Item:
    taken = scene.acquisition
    geometry = _footprint(taken.orbit, scene.assets["TCI"].shape[-2:], column)
    properties: dict[str, Any] = {
        "platform": taken.platform,
        "instruments": ["msi"],
        "constellation": "sentinel-2",
        "gsd": 10,
        "sat:relative_orbit": taken.orbit,
        "proj:code": CRS,
        "eo:cloud_cover": scene.cloud_cover,
        "view:sun_elevation": round(90 - scene.sun.zenith, 3),
        "view:sun_azimuth": round(scene.sun.azimuth, 3),
    }
    item = pystac.Item(name, mapping(geometry), list(geometry.bounds), taken.time, properties)
    item.stac_extensions = list(_EXTENSIONS)
    return item


def _footprint(orbit: int, size: tuple[int, ...], column: int) -> Any:
    """Outline of the swath within the map, WGS84."""
    seen = swath(orbit, (size[0], size[1])).astype(np.uint8)
    found = [shape(outline) for outline, value in features.shapes(seen, transform=transform(column=column)) if value]
    to_degrees = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    largest = max(found, key=lambda polygon: polygon.area).simplify(15.0)
    return project(largest, to_degrees.transform, interleaved=False)


def _asset(name: str, array: NDArray[Any], resolution: int, column: int) -> pystac.Asset:
    band: dict[str, Any] = {
        "data_type": str(array.dtype),
        "nodata": sensor.NODATA,
        "spatial_resolution": resolution,
    }
    if array.dtype == np.uint16:
        band |= {"scale": sensor.SCALE, "offset": sensor.OFFSET, "unit": "1"}
    fields = {
        "proj:shape": list(array.shape[-2:]),
        "proj:transform": list(transform(resolution, column=column))[:6],
        "raster:bands": [band] * (len(array) if array.ndim == 3 else 1),
    }
    return pystac.Asset(f"./{name}.tif", media_type=pystac.MediaType.COG, roles=["data"], extra_fields=fields)
