"""Regions across 180° of longitude."""

import geopandas as gpd
import pytest
from shapely import MultiPolygon, box

from rojsat.geo.vectors import region_files

CASES = {
    "metres, from zone 60 into zone 1": (box(815000, 8000000, 840000, 8010000), "EPSG:32760", "lies across 180°"),
    "degrees, cut at 180": (
        MultiPolygon([box(179.99, -17, 180, -16.9), box(-180, -17, -179.99, -16.9)]),
        "EPSG:4326",
        "cut it there into two regions",
    ),
    "degrees beyond 180": (box(179.99, -17, 180.01, -16.9), "EPSG:4326", "lies across 180°"),
    "degrees from 0 to 360": (box(182.0, -17, 182.1, -16.9), "EPSG:4326", "write longitudes from -180 to 180"),
}


@pytest.mark.parametrize(("polygon", "crs", "message"), CASES.values(), ids=CASES)
def test_regions_across_180_degrees_are_refused_in_words(tmp_path, polygon, crs, message):
    gpd.GeoDataFrame({"region": ["fiji"]}, geometry=[polygon], crs=crs).to_file(tmp_path / "a.gpkg")
    with pytest.raises(ValueError, match=f"region 'fiji' .*{message}"):
        region_files.read_regions(tmp_path / "a.gpkg", role="control", crs="EPSG:4326")


@pytest.mark.parametrize("west", [179.9, -180.0])
def test_a_region_beside_180_degrees_is_read(tmp_path, west):
    region = gpd.GeoDataFrame({"region": ["fiji"]}, geometry=[box(west, -17, west + 0.1, -16.9)], crs="EPSG:4326")
    region.to_file(tmp_path / "a.gpkg")
    assert len(region_files.read_regions(tmp_path / "a.gpkg", role="control", crs="EPSG:4326")) == 1
