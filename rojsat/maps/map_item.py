"""The STAC item of a map: what it holds, where it lies, which scenes and which model it was made from."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pystac
import rasterio
from odc.geo.geobox import GeoBox
from pystac.extensions.file import FileExtension
from pystac.extensions.projection import ProjectionExtension
from pystac.extensions.raster import RasterExtension
from shapely import unary_union
from shapely.geometry import mapping

from rojsat.config import provenance
from rojsat.evaluation.report_files import write_json
from rojsat.geo.scenes.catalog import Scene
from rojsat.maps.model_card import ModelCard

FILE = "item.json"

SHA256 = "1220"
"""What a multihash of SHA-256 begins with: its code and its length, 32 bytes."""

MODEL = "rojsat:model"
"""Property of the model. The MLM extension describes items that are models, and asks for what a map does not know."""

MEDIA = {
    ".tif": pystac.MediaType.COG,
    ".gpkg": pystac.MediaType.GEOPACKAGE,
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".txt": pystac.MediaType.TEXT,
    ".html": pystac.MediaType.HTML,
    ".json": pystac.MediaType.JSON,
    ".qgz": "application/x-qgis-project",
}

_CHUNK = 2**20


def write(
    out: Path,
    files: Sequence[Path],
    scenes: Sequence[Scene],
    catalog: Path,
    card: ModelCard,
    made_from: Mapping[str, Any],
) -> Path:
    """Write `item.json`, complete or not at all; the same map gives the same bytes.

    Args:
        out: folder of the map.
        files: of the map, in `out`; rasters are described by their grids and bands.
        scenes: that it was made from.
        catalog: folder of their static catalog.
        card: of the model.
        made_from: the content of `map.json`.
    """
    rasters = [path for path in files if path.suffix == ".tif"]
    footprint = unary_union([_grid(path).extent.to_crs("EPSG:4326").geom for path in rasters])
    times = [scene.datetime.to_pydatetime() for scene in scenes]
    item = pystac.Item(
        id=f"{card.run}-{provenance.text_digest(*(f'{key} {made_from[key]}' for key in sorted(made_from)))[:12]}",
        geometry=mapping(footprint),
        bbox=list(footprint.bounds),
        datetime=None,
        start_datetime=min(times),
        end_datetime=max(times),
        properties={
            "title": f"{card.target}, predicted by {card.run}",
            MODEL: {
                "name": card.run,
                "hash": made_from["model"],
                "channels": list(card.names),
                "threshold": card.threshold,
                "verdict": card.verdict,
            },
        },
        stac_extensions=[extension.get_schema_uri() for extension in _EXTENSIONS],
    )
    for path in files:
        item.add_asset(path.name, _asset(path))
    for scene in scenes:
        address = os.path.relpath(catalog / scene.id / f"{scene.id}.json", out)
        item.add_link(pystac.Link(pystac.RelType.DERIVED_FROM, address, pystac.MediaType.GEOJSON, scene.id))
    write_json(out / FILE, item.to_dict(include_self_link=False, transform_hrefs=False))
    return out / FILE


_EXTENSIONS = (ProjectionExtension, RasterExtension, FileExtension)


def _grid(path: Path) -> GeoBox:
    with rasterio.open(path) as raster:
        return GeoBox(raster.shape, raster.transform, str(raster.crs))


def _asset(path: Path) -> pystac.Asset:
    checksum = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            checksum.update(chunk)
    fields: dict[str, Any] = {"file:checksum": SHA256 + checksum.hexdigest(), "file:size": path.stat().st_size}
    if path.suffix == ".tif":
        fields |= _raster_fields(path)
    return pystac.Asset(f"./{path.name}", media_type=MEDIA[path.suffix], roles=["data"], extra_fields=fields)


def _raster_fields(path: Path) -> dict[str, Any]:
    """Grid and bands of a raster; nodata of all bands is NaN, which JSON writes as a text."""
    with rasterio.open(path) as raster:
        bands = [
            {"data_type": kind, "nodata": "nan", "unit": unit, "spatial_resolution": raster.res[0]}
            for kind, unit in zip(raster.dtypes, raster.units, strict=True)
        ]
        return {
            "proj:code": str(raster.crs),
            "proj:shape": list(raster.shape),
            "proj:transform": list(raster.transform)[:6],
            "proj:bbox": list(raster.bounds),
            "raster:bands": bands,
            "bands": [{"name": name} for name in raster.descriptions],
        }
