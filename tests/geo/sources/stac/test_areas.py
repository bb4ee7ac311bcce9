"""The ground that is searched."""

import geopandas as gpd
import pytest
from shapely import box

from rojsat.geo.sources.stac.areas import Areas


def test_room_that_reaches_across_180_degrees_is_refused():
    region = gpd.GeoDataFrame({"region": ["fiji"]}, geometry=[box(179.9, -17, 179.9995, -16.9)], crs="EPSG:4326")
    with pytest.raises(ValueError, match=r"region 'fiji' lies across 180° .*buffer: 200.*nothing was asked"):
        Areas(region, 200.0).degrees()
    assert len(Areas(region, 10.0).degrees()) == 1
