"""How much a search would download, from what its items announce: nothing of any image is read."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
from affine import Affine
from rasterio.crs import CRS

from rojsat.geo.servers.retries import Patience
from rojsat.geo.sources import _choice
from rojsat.geo.sources.stac import download, items, narrowing, presets, query, source
from rojsat.geo.sources.stac.areas import Areas
from rojsat.geo.sources.stac.scene_assets import ArchiveProduct

BLOCK = 1024
"""Height and width of a block of the archives' files, pixels: that of Earth Search and of ESA's JPEG 2000."""

BYTES = {"SCL": 1, "TCI": 3}
"""Bytes of a pixel; of all bands of reflectance two."""


@dataclass(frozen=True)
class Volume:
    """What would be downloaded.

    Attributes:
        scenes: ids of the scenes that the areas touch, in their order.
        tiles: of these scenes, sorted.
        dates: ISO days of them, sorted.
        assets: files of which a part is downloaded.
        blocks: parts of these files.
        at_most: bytes of the blocks as they lie in memory; archives compress them, so that fewer travel.
        unknown: assets whose item announces no grid; nothing is counted for them.
    """

    scenes: Sequence[str]
    tiles: Sequence[str]
    dates: Sequence[str]
    assets: int
    blocks: int
    at_most: int
    unknown: int


def estimate(
    regions: gpd.GeoDataFrame,
    *,
    start: str,
    end: str,
    api: str = "earth_search",
    buffer: float = 200.0,
    max_cloud: float = 100.0,
    months: Sequence[int] | None = None,
    years: Sequence[int] | None = None,
    tiles: Sequence[str] | None = None,
    tries: int = 6,
    first_wait: float = 1.0,
) -> Volume:
    """Search as `source.write` does, and count.

    Args:
        regions: in EPSG:4326.
        start: see `source.write`, as all others.
        end: see there.
        api: see there.
        buffer: see there.
        max_cloud: see there.
        months: see there.
        years: see there.
        tiles: see there.
        tries: see there.
        first_wait: see there.

    Raises:
        ValueError: if an option is wrong, the API does not answer, or nothing is found.
    """
    archive, areas = presets.preset(api), Areas(regions, buffer)
    choice = _choice.choose(start, end, None)
    narrowed = narrowing.of_options(months, years, tiles, choice)
    search = source.search_of(archive, None, areas, choice, max_cloud, narrowed)
    usable, _ = query.readable(query.find(search, Patience(tries, first_wait)), search)
    return of_products(source.products_of(query.choose(usable, search), presets.ASSETS, archive, {}), areas)


def of_products(products: Sequence[ArchiveProduct], areas: Areas) -> Volume:
    """Count what the areas need of products."""
    counted, touching = _Counted(), []
    for product in products:
        before = counted.blocks + counted.unknown
        for band, key in product.keys.items():
            counted.add(band, items.grid(product.item, product.item["assets"][key]), areas)
        if counted.blocks + counted.unknown > before:
            touching.append(product)
    return Volume(
        [product.scene for product in touching],
        sorted({items.tile(product.item) or "?" for product in touching}),
        sorted({f"{items.acquired(product.item):%Y-%m-%d}" for product in touching}),
        counted.assets,
        counted.blocks,
        counted.at_most,
        counted.unknown,
    )


class _Counted:
    """Sums over assets."""

    def __init__(self) -> None:
        self.assets = self.blocks = self.at_most = self.unknown = 0

    def add(self, band: str, grid: items.AnnouncedGrid, areas: Areas) -> None:
        if grid.shape is None or grid.transform is None or grid.crs is None:
            self.unknown += 1
            return
        boxes = areas.boxes(CRS.from_user_input(grid.crs))
        windows = download.touched(grid.shape, (BLOCK, BLOCK), Affine(*grid.transform), boxes)
        self.assets += bool(windows)
        self.blocks += len(windows)
        self.at_most += sum(int(window.width * window.height) for window in windows) * BYTES.get(band, 2)
