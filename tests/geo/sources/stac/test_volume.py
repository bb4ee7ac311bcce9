"""What a search would download, counted from items alone."""

import geopandas as gpd
import pytest
from shapely.geometry import box

from rojsat.geo.sources.stac import volume
from rojsat.geo.sources.stac.areas import Areas
from rojsat.geo.sources.stac.scene_assets import ArchiveProduct

EAST, NORTH = 499980, 6400020  # upper-left corner of a tile


def product(**grids):
    assets = {
        band: {"href": "x", "proj:epsg": 32633, "proj:shape": [side, side]}
        | {"proj:transform": [109800 / side, 0, EAST, 0, -109800 / side, NORTH]}
        for band, side in grids.items()
    }
    properties = {"datetime": "2023-07-01T10:16:09Z", "grid:code": "MGRS-33VWE"}
    item = {"id": "a", "properties": properties, "assets": assets | {"nir": {"href": "x"}}}
    return ArchiveProduct("scene", item, {band: band for band in [*grids, "nir"]})


def areas(*corners):
    boxes = [box(EAST + x, NORTH - y - 100, EAST + x + 100, NORTH - y) for x, y in corners]
    return Areas(gpd.GeoDataFrame({"region": range(len(boxes))}, geometry=boxes, crs="EPSG:32633"), 0)


@pytest.mark.parametrize(
    ("corners", "blocks", "pixels"),
    [
        ([(5000, 5000)], 1, 1024**2),
        ([(5000, 5000), (6000, 6000)], 1, 1024**2),  # one block holds both
        ([(10200, 5000)], 2, 2 * 1024**2),  # across the edge of two blocks
        ([(105000, 105000)], 1, (10980 - 10 * 1024) ** 2),  # the last block is smaller
    ],
)
def test_blocks_are_counted_once_each(corners, blocks, pixels):
    counted = volume.of_products([product(B02=10980)], areas(*corners))
    assert (counted.blocks, counted.at_most) == (blocks, 2 * pixels)
    assert (counted.assets, counted.unknown) == (1, 1)  # of nir nothing is announced
    assert (counted.scenes, counted.tiles, counted.dates) == (["scene"], ["33VWE"], ["2023-07-01"])


def test_true_colour_has_three_bytes_a_pixel_and_classes_one():
    counted = volume.of_products([product(TCI=10980, SCL=5490)], areas((5000, 5000)))
    assert counted.at_most == (3 + 1) * 1024**2
