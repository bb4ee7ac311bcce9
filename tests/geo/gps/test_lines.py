import geopandas as gpd
import pytest
from shapely.geometry import GeometryCollection, LineString, MultiLineString, MultiPoint, Point, box

from rojsat.geo.gps import files

CRS = "EPSG:32633"
LINE = LineString([(500000, 6400000), (500030, 6400040), (500030, 6400050)])


def table(*shapes):
    return gpd.GeoDataFrame({"time": ["2019-08-01T09:00:00Z"] * len(shapes)}, geometry=list(shapes), crs=CRS)


def read(path):
    batches = list(files.batches(path, None))
    points = [(x, y) for batch in batches for x, y in zip(batch.x, batch.y, strict=True)]
    return points, [time for batch in batches for time in batch.time.to_pylist()]


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.shp", "a.parquet", "a.fgb"])
@pytest.mark.parametrize(
    "shapes", [[LINE], [MultiLineString([LINE.coords[:2], LINE.coords[1:]])], [LINE, LineString(LINE.coords[::-1])]]
)
def test_vertices_of_lines_are_points_without_times_and_said(tmp_path, caplog, name, shapes):
    path, lines = tmp_path / name, table(*shapes)
    lines.to_parquet(path) if name.endswith("parquet") else lines.to_file(path)
    points, times = read(path)
    expected = [corner for shape in shapes for part in getattr(shape, "geoms", [shape]) for corner in part.coords]
    assert points == [pytest.approx(corner, abs=0.01) for corner in expected]
    assert times == [None] * len(expected)
    assert f"their {len(expected)} vertices count as points without time" in caplog.text
    assert "at most 50 m" in caplog.text


def test_points_keep_their_times_beside_lines(tmp_path):
    mixed = table(Point(1, 2), GeometryCollection([MultiPoint([(3, 4), (5, 6)]), LINE]), None)
    mixed.to_parquet(tmp_path / "a.parquet")
    points, times = read(tmp_path / "a.parquet")
    assert points[:3] == [(1, 2), (3, 4), (5, 6)] and len(points) == 6
    assert [time is None for time in times] == [False] * 3 + [True] * 3


def test_of_layers_of_points_lines_and_areas_the_points_are_read_and_the_others_said(tmp_path, caplog):
    path = tmp_path / "a.gpkg"
    table(box(0, 0, 1, 1)).to_file(path, layer="objects")
    table(LINE).to_file(path, layer="ways")
    assert len(read(path)[0]) == 3
    assert "layers ways are read; left aside are objects (Polygon)" in caplog.text
    table(Point(1, 2)).to_file(path, layer="fixes")
    assert read(path)[0] == [(1, 2)]
    assert "left aside are objects (Polygon), ways (LineString)" in caplog.text


def test_areas_are_refused(tmp_path):
    table(box(0, 0, 1, 1), LINE).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(ValueError, match="holds POLYGON; GPS tracks must come as points or lines"):
        read(tmp_path / "a.parquet")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_geojson_is_read_in_any_encoding(tmp_path, encoding):
    point = (
        '{"type": "Feature", "properties": {"track": "åsen"}, "geometry": {"type": "Point", "coordinates": [15, 58]}}'
    )
    text = f'{{"type": "FeatureCollection", "features": [{point}]}}'
    (tmp_path / "a.geojson").write_text(text, encoding=encoding)
    (batch,) = files.batches(tmp_path / "a.geojson", None)
    assert batch.track.to_pylist() == ["åsen"]
