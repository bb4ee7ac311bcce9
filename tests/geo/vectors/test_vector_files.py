"""The same vectors give the same bytes, whenever they are written."""

import datetime
import time

import geopandas as gpd
import pyogrio
import pytest
from shapely.geometry import box

from rojsat.geo.vectors import vector_files

FRAME = gpd.GeoDataFrame({"region": ["å", "b"]}, geometry=[box(0, 0, 9, 9), box(9, 0, 18, 9)], crs="EPSG:32633")


def write_geopackage(folder):
    vector_files.write_geopackage(FRAME, folder / "regions.gpkg", layer="regions")


def write_shapefile(folder):
    vector_files.write_shapefile(FRAME, folder / "regions.shp")


@pytest.mark.parametrize("write", [write_geopackage, write_shapefile])
def test_two_writes_give_equal_bytes_without_the_day_of_writing(tmp_path, write):
    contents = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        write(tmp_path / name)
        contents.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
        time.sleep(0.01)  # a GeoPackage holds milliseconds
    assert contents[0] == contents[1]
    today = datetime.date.today()
    for name, content in contents[0].items():
        assert today.isoformat().encode() not in content
        if name.endswith(".dbf"):
            assert tuple(content[1:4]) == (120, 1, 1)  # dBase: year less 1900, month, day


@pytest.mark.parametrize(("write", "name"), [(write_geopackage, "regions.gpkg"), (write_shapefile, "regions.shp")])
def test_content_comes_back(tmp_path, write, name):
    write(tmp_path)
    rows = gpd.read_file(tmp_path / name)
    assert rows["region"].tolist() == ["å", "b"]
    assert rows.geometry.geom_equals(FRAME.geometry).all() and rows.crs == FRAME.crs


def test_the_fixed_date_is_gdals_only_while_writing(tmp_path):
    write_geopackage(tmp_path)
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None
