"""Texts of Shapefiles are read as they were meant, whatever the `.cpg` says."""

import geopandas as gpd
import pytest
from shapely.geometry import box

from rojsat.geo.vectors.region_files import read_regions

NAMES = ["björkåsen", "Älvsbyn"]


def shapefile(folder, encoding, cpg):
    """A Shapefile whose texts are stored in an encoding, beside a `.cpg` that states another, or none."""
    squares = [box(x, 6400000, x + 100, 6400100) for x in (500000, 500200)]
    path = folder / "a.shp"
    gpd.GeoDataFrame({"name": NAMES}, geometry=squares, crs="EPSG:32633").to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = 0  # language driver: none stated
    path.with_suffix(".dbf").write_bytes(table)
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    return path


def read(path, **options):
    return list(read_regions(path, role="stand", label="need", crs="EPSG:32633", id_field="name", **options)["region"])


@pytest.mark.parametrize("cpg", [None, "UTF-8", "ISO-8859-1", "1252", "nonsense"])
@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "CP850"])
def test_names_are_read_as_they_were_written(tmp_path, encoding, cpg):
    assert read(shapefile(tmp_path, encoding, cpg)) == NAMES


def test_what_is_guessed_is_said(tmp_path, caplog):
    read(shapefile(tmp_path, "CP850", None))
    assert "a.shp has no .cpg; its texts are read as cp850: 'björkåsen'" in caplog.text
    caplog.clear()
    read(shapefile(tmp_path, "UTF-8", "UTF-8"))
    assert caplog.text == ""


def test_an_encoding_that_the_user_names_is_checked(tmp_path):
    path = shapefile(tmp_path, "CP850", "UTF-8")
    assert read(path, encoding="cp850") == NAMES
    with pytest.raises(ValueError, match="texts are not of the encoding 'utf-8'"):
        read(path, encoding="utf-8")
    with pytest.raises(ValueError, match="no encoding 'klingon'"):
        read(path, encoding="klingon")
