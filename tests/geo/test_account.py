"""The paragraph at the end of raw names everything that lies there: what was taken, what not and why."""

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely.geometry import box

from rojsat.geo import account, raw
from rojsat.geo.sources import _folder
from tests.support import safe_products

EAST, NORTH, CRS = safe_products.EAST, safe_products.NORTH, safe_products.CRS


def squares(path, *lefts, role="a", **options):
    shapes = [box(EAST + left, NORTH - 300, EAST + left + 200, NORTH - 100) for left in lefts]
    ids = [f"{role}{left}" for left in lefts]
    gpd.GeoDataFrame({"region": ids}, geometry=shapes, crs=CRS).to_file(path, **options)


def write_raster(path):
    path.parent.mkdir(exist_ok=True)
    grid = {"height": 60, "width": 60, "crs": CRS, "transform": from_origin(EAST, NORTH, 10, 10)}
    with rasterio.open(path, "w", driver="GTiff", count=1, dtype="uint16", **grid) as file:
        file.write(np.ones((1, 60, 60), "uint16"))


def gpx(path, kind, places):
    """Points of a track, or waypoints."""
    point = "trkpt" if kind == "track" else "wpt"
    points = "".join(
        f'<{point} lat="{y}" lon="{x}"><time>2019-08-01T08:{n:02d}:00Z</time></{point}>'
        for n, (x, y) in enumerate(places)
    )
    inner = f"<trk><trkseg>{points}</trkseg></trk>" if kind == "track" else points
    path.write_text(f'<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">{inner}</gpx>')


def lines(folder, destination, **arguments):
    destination.mkdir()
    given = {"root": folder, "options": {}, "regions": [], "gps": {}} | arguments
    raw.write(destination, **given)
    return account.lines(destination, **given)


GEOTIFF = {"source": "geotiff", "options": {"files": [{"pattern": "scene_{date}.tif", "bands": ["B04"]}]}}


@pytest.fixture
def archive(tmp_path):
    folder = tmp_path / "archive"
    folder.mkdir()
    return folder


def test_of_a_folder_with_everything_nothing_is_passed_over(archive, tmp_path):
    write_raster(archive / "scene_20190701.tif")
    for name in ("scene_july.TIF", "old/scene_20180701.tif"):
        write_raster(archive / name)
    for layer, left in (("stands", 100), ("roads", 300)):
        squares(archive / "stands.gpkg", left, layer=layer, driver="GPKG")
    squares(archive / "objects.shp", 0, 5000, role="o")
    squares(archive / "forgotten.geojson", 0)
    places = gpd.GeoSeries.from_xy([EAST + 50 + 3 * n for n in range(9)], [NORTH - 200] * 9, crs=CRS).to_crs(4326)
    gpx(archive / "phone.gpx", "track", zip(places.x, places.y, strict=True))
    gpx(archive / "way.gpx", "waypoints", zip(places.x, places.y, strict=True))
    for name in ("notes.txt", "._stands.gpkg", "._phone.gpx", "scene_20190701.tif.aux.xml"):
        (archive / name).write_text("")
    report = lines(
        archive,
        tmp_path / "raw",
        **GEOTIFF,
        regions=[
            {"path": "stands.gpkg", "role": "stand", "label": "need", "layer": "stands"},
            {"path": "objects.shp", "role": "clearing"},
        ],
        gps={"files": ["*.gpx"]},
    )
    assert report == [
        "taken: 1 scenes (2019-07-01), 3 regions (2 clearing, 1 stand), 9 of 9 GPS points of 2 files",
        "left aside: layers of stands.gpkg that data.regions does not name: roads",
        "left aside: GPS files of which no point stays: way.gpx",
        "left aside: 9 waypoints of way.gpx: only points of tracks say where somebody worked",
        "left aside: 1 regions that no scene touches: o5000",
        "left aside: 2 files (added by macOS): ._phone.gpx, ._stands.gpkg",
        "left aside: 2 files (no pattern of data.options.files matches): old/scene_20180701.tif, scene_july.TIF",
        "left aside: 1 file (not named in data.regions or data.gps.files): forgotten.geojson",
        "left aside: 1 file (nothing that rojsat reads): notes.txt",
    ]


def test_of_products_the_reason_is_named(archive, tmp_path):
    taken = safe_products.write_product(archive / "2019", sensing="20190723T101031")
    older = {"baseline": "02.13", "generated": "20190723T130000"}
    old = safe_products.write_product(archive, sensing="20190723T101031", **older)
    other_year = safe_products.write_product(archive, sensing="20200723T101031")
    no_ending = safe_products.write_product(archive, sensing="20190823T101031")
    no_ending.rename(no_ending.with_suffix(""))
    nested = safe_products.write_product(archive / "x", sensing="20190702T101031")
    nested.rename(archive / "inner")
    nested.mkdir()
    (archive / "inner").rename(nested / nested.name)
    (archive / "linked").symlink_to(taken.parent)
    (archive / "photos.zip").touch()
    (archive / "__MACOSX").mkdir()
    (archive / "__MACOSX" / "x.zip").touch()
    squares(archive / "stands.gpkg", 100)
    report = lines(
        archive,
        tmp_path / "raw",
        source="safe",
        options={"end": "2019-12-31"},
        regions=[{"path": "stands.gpkg", "role": "stand", "label": "need"}],
    )
    assert report[0].startswith("taken: 2 scenes (2 dates, 2019-07-02 to 2019-07-23), 1 regions (1 stand)")
    assert [line.removeprefix("left aside: ").partition(" (")[2].partition("): ")[::2] for line in report[1:]] == [
        ("added by macOS", "__MACOSX/x.zip"),
        ("another processing of the same acquisition is taken", old.name),
        ("left out by data.options", other_year.name),
        ("named like products, but the folder does not end with .SAFE: rename it", no_ending.stem),
        ("no product of ESA's", "photos.zip"),
    ]


def test_links_are_followed_once_and_what_cannot_be_read_is_an_error(archive, monkeypatch):
    write_raster(archive / "deep" / "a.TIF")
    (archive / "link").symlink_to(archive / "deep")
    (archive / "loop").symlink_to(archive)
    outside = archive.parent / "outside"
    write_raster(outside / "b.tif")
    (archive / "outside").symlink_to(outside)
    assert _folder.files(archive) == ["deep/a.TIF", "outside/b.tif"]
    scandir = os.scandir

    def refuse(path):
        if Path(path).name == "deep":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(ValueError, match=r"deep cannot be read \(Permission denied\); give yourself the right"):
        _folder.files(archive)
