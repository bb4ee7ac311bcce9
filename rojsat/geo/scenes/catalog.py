"""Scenes as the static STAC catalog of a raw data set describes them.

A source hands its scenes to `write`, everything downstream gets them from `read`: outside `geo.sources`, no other
module knows STAC.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd
import pystac
from affine import Affine
from odc.geo.geobox import GeoBox
from pystac.extensions.projection import ProjectionExtension
from pystac.extensions.raster import RasterExtension

from rojsat.chips.bands import BOA, CLOUD_MASKS, GRID, TOA
from rojsat.config import file_names

NAMES = {*BOA, *(f"TOA-{band}" for band in TOA), *CLOUD_MASKS, "TCI"}
"""What an asset may be called to be read; others are left alone."""

SATURATED = 65535
"""Stored number of a saturated pixel in all Sentinel-2 products so far (ESA: Special_Values)."""

PROCESSING = "rojsat:processing"
"""Property of an item that holds `Scene.processing`."""


@dataclass(frozen=True)
class Asset:
    """One plane of a scene, or the three of its true colour image.

    Attributes:
        href: path or URL of its raster.
        shape: height and width, pixels.
        transform: upper-left corner and pixel size in the scene's CRS.
        dtype: type of the stored numbers, `uint16`.
        nodata: stored number that means "no observation"; None for none.
        scale: reflectance = stored * scale + offset.
        offset: see `scale`.
        band: which band of the raster it is, from 1 (the first of three for the true colour image).
        saturated: stored number of a saturated pixel, which has no reflectance.
    """

    href: str
    shape: tuple[int, int]
    transform: Affine
    dtype: str
    nodata: float | None = None
    scale: float = 1.0
    offset: float = 0.0
    band: int = 1
    saturated: int = SATURATED

    @property
    def resolution(self) -> float:
        """Pixel size, metres in the scene's CRS."""
        return float(self.transform.a)


@dataclass(frozen=True)
class Scene:
    """One acquisition of one relative orbit, on one grid.

    Attributes:
        id: its item's id.
        datetime: when it was taken, UTC.
        relative_orbit: 1 to 143, 0 if unknown.
        crs: `EPSG:32633`.
        assets: by what they hold: `B02`, `SCL`, `TCI`, `TOA-B02`.
        processing: by level, where it is known, who processed it: `{"L2A": "baseline 05.09"}`.
    """

    id: str
    datetime: pd.Timestamp
    relative_orbit: int
    crs: str
    assets: Mapping[str, Asset]
    processing: Mapping[str, str] = field(default_factory=dict)

    @property
    def date(self) -> str:
        """Day when it was taken, UTC, `2019-07-23`."""
        return f"{self.datetime:%Y-%m-%d}"

    @property
    def boa(self) -> tuple[str, ...]:
        """Bands at the bottom of the atmosphere that it has, in ESA's order."""
        return tuple(band for band in BOA if band in self.assets)

    @property
    def toa(self) -> tuple[str, ...]:
        """Bands at the top of the atmosphere that it has, in ESA's order, without `TOA-`."""
        return tuple(band for band in TOA if f"TOA-{band}" in self.assets)

    @cached_property
    def grid(self) -> GeoBox:
        """Its 10 m pixel grid: that of B02, else of its first asset with such pixels.

        Raises:
            ValueError: if no asset has 10 m pixels.
        """
        names = sorted(self.assets, key=lambda name: (name != "B02", name))
        fine = [self.assets[name] for name in names if abs(self.assets[name].resolution - GRID) < GRID / 1000]
        if not fine:
            raise ValueError(f"scene {self.id} has no asset with {GRID} m pixels; regions need that grid")
        return GeoBox(fine[0].shape, fine[0].transform, self.crs)


def read(raw: Path) -> list[Scene]:
    """Read all scenes of a raw data set, sorted by time, then id.

    Raises:
        ValueError: if there is no catalog, it is empty, or an asset lacks what `Asset` needs.
    """
    path = raw / "catalog.json"
    if not path.exists():
        make = f"python -m rojsat.stages.raw data={raw.name}"
        raise ValueError(f"{path} does not exist; `{make}` makes the raw data set")
    items = pystac.Catalog.from_file(str(path)).get_items(recursive=True)
    scenes = sorted((_scene(item) for item in items), key=lambda scene: (scene.datetime, scene.id))
    if not scenes:
        raise ValueError(f"{path} holds no scene")
    return scenes


def write(raw: Path, scenes: Iterable[Scene], *, description: str) -> None:
    """Write scenes as a static, self-contained STAC catalog, `<id>/<id>.json` each.

    Rasters that lie in `raw` are linked relatively, so that the folder can be renamed; other links stay unchanged.

    Raises:
        ValueError: if the id of a scene cannot name a folder.
    """
    scenes = list(scenes)
    for scene in scenes:
        file_names.check(scene.id, "scene")
    catalog = pystac.Catalog(id=raw.name.removeprefix(".partial-"), description=description)
    for scene in scenes:
        footprint = scene.grid.extent.to_crs("EPSG:4326")
        properties = {"proj:code": scene.crs, "sat:relative_orbit": scene.relative_orbit}
        properties |= {PROCESSING: dict(scene.processing)} if scene.processing else {}
        item = pystac.Item(
            id=scene.id,
            geometry=footprint.json,
            bbox=list(footprint.boundingbox.bbox),
            datetime=scene.datetime.to_pydatetime(),
            properties=properties,
            stac_extensions=[RasterExtension.get_schema_uri(), ProjectionExtension.get_schema_uri()],
        )
        for name, asset in scene.assets.items():
            item.add_asset(name, _asset(asset, raw / scene.id, count=3 if name == "TCI" else 1))
        catalog.add_item(item)
    catalog.normalize_hrefs(str(raw))
    catalog.save(catalog_type=pystac.CatalogType.SELF_CONTAINED)


def add_asset(raw: Path, scene: str, name: str, asset: Asset) -> None:
    """Add an asset to the item of a scene of a catalog that is written already."""
    path = raw / scene / f"{scene}.json"
    item = pystac.Item.from_file(str(path))
    item.add_asset(name, _asset(asset, raw / scene, count=1))
    item.save_object(include_self_link=False, dest_href=str(path))


def _asset(asset: Asset, folder: Path, count: int) -> pystac.Asset:
    band = {
        "data_type": asset.dtype,
        "nodata": asset.nodata,
        "scale": asset.scale,
        "offset": asset.offset,
        "spatial_resolution": asset.resolution,
    }
    fields = {
        "proj:shape": list(asset.shape),
        "proj:transform": list(asset.transform)[:6],
        "raster:bands": [band] * count,
        "rojsat:band": asset.band,
        **({} if asset.saturated == SATURATED else {"rojsat:saturated": asset.saturated}),
    }
    inside = Path(asset.href).is_relative_to(folder.parent)
    href = os.path.relpath(asset.href, folder) if inside else asset.href
    media = pystac.MediaType.JPEG2000 if asset.href.endswith(".jp2") else pystac.MediaType.GEOTIFF
    return pystac.Asset(href, media_type=media, extra_fields=fields)


def _scene(item: pystac.Item) -> Scene:
    missing = [key for key in ("proj:code", "sat:relative_orbit") if key not in item.properties]
    if missing or item.datetime is None:
        raise ValueError(f"scene {item.id}: its STAC item lacks {missing or 'datetime'}")
    assets = {name: _read_asset(item, name) for name in item.assets if name in NAMES}
    if not assets:
        raise ValueError(f"scene {item.id} has no asset named B02, SCL, TCI, TOA-B02 or the like")
    orbit, crs = int(item.properties["sat:relative_orbit"]), str(item.properties["proj:code"])
    time, processing = pd.Timestamp(item.datetime).tz_convert("UTC"), item.properties.get(PROCESSING, {})
    return Scene(item.id, time, orbit, crs, assets, processing)


def _read_asset(item: pystac.Item, name: str) -> Asset:
    asset = item.assets[name]
    fields, href = asset.extra_fields, asset.get_absolute_href()
    missing = [key for key in ("proj:shape", "proj:transform", "raster:bands") if key not in fields]
    if missing or href is None:
        raise ValueError(f"scene {item.id}: asset {name} lacks {missing or 'the address of its raster'}")
    band = fields["raster:bands"][0]
    return Asset(
        href=href,
        shape=(int(fields["proj:shape"][0]), int(fields["proj:shape"][1])),
        transform=Affine(*fields["proj:transform"][:6]),
        dtype=str(band["data_type"]),
        nodata=band.get("nodata"),
        scale=float(band.get("scale", 1.0)),
        offset=float(band.get("offset", 0.0)),
        band=int(fields.get("rojsat:band", 1)),
        saturated=int(fields.get("rojsat:saturated", SATURATED)),
    )
