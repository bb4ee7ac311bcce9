import geopandas as gpd
import pytest
from shapely.geometry import MultiPoint, Point, Polygon, box

from rojsat.geo.vectors import COLUMNS, load_regions, read_regions, write_regions

CRS = "EPSG:32633"
SQUARE = box(500000, 6400000, 500100, 6400100)


TWO = (SQUARE, SQUARE.buffer(10))


def frame(crs=CRS, geometries=TWO, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(geometries), crs=crs)


@pytest.mark.parametrize("name", ["a.shp", "a.gpkg", "a.geojson"])
def test_any_format_and_coordinate_system_gives_the_same_regions(tmp_path, name):
    frame(stand=[7, 8]).to_crs("EPSG:4326").to_file(tmp_path / name)
    regions = read_regions(tmp_path / name, role="stand", label="need", crs=CRS, id_field="stand")
    assert list(regions.columns) == COLUMNS
    assert list(regions["region"]) == ["7", "8"]
    assert set(regions["label"]) == {"need"}
    assert regions.crs == CRS
    assert regions.geometry[0].symmetric_difference(SQUARE).area < 0.5  # square metres


def test_ids_default_to_row_numbers_behind_the_prefix(tmp_path):
    frame().to_file(tmp_path / "a.shp")
    regions = read_regions(tmp_path / "a.shp", role="stand", crs=CRS, prefix="need-")
    assert list(regions["region"]) == ["need-1", "need-2"]
    assert regions["label"].isna().all()


def test_label_and_date_come_from_the_file(tmp_path):
    frame(region=["a", "b"], label=["housing", None], cleared=["2019-08-01", None]).to_file(tmp_path / "a.gpkg")
    regions = read_regions(tmp_path / "a.gpkg", role="probe", crs=CRS)
    assert regions["label"][0] == "housing"
    assert regions["label"][1] is None
    assert regions["cleared"][0] == "2019-08-01"


def test_what_is_written_is_read_back(tmp_path):
    frame(region=["b", "a"], label=["need", None]).to_file(tmp_path / "a.gpkg")
    regions = read_regions(tmp_path / "a.gpkg", role="clearing", crs=CRS)
    write_regions(regions, tmp_path / "regions.gpkg")
    write_regions(regions, tmp_path / "again.gpkg")
    assert (tmp_path / "again.gpkg").read_bytes() == (tmp_path / "regions.gpkg").read_bytes()
    back = load_regions(tmp_path / "regions.gpkg")
    assert list(back["region"]) == ["b", "a"]
    assert back["label"][1] is None
    assert back["cleared"][0] is None
    assert back.crs == CRS


BOW = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (frame(crs=None), "no coordinate system"),
        (frame(region=["a", "a"]), "not unique"),
        (frame(region=["a", None]), "no id"),
        (frame(geometries=[SQUARE, None]), "no geometry"),
        (frame(geometries=[SQUARE, BOW]), "Self-intersection"),
        (frame(geometries=[Point(0, 0), MultiPoint([(0, 0)])]), "not a polygon"),
    ],
)
@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_faulty_regions_are_refused_by_name(tmp_path, made, message):
    made.to_file(tmp_path / "a.gpkg")
    with pytest.raises(ValueError, match=message):
        read_regions(tmp_path / "a.gpkg", role="stand", crs=CRS)


def test_wrong_names_are_refused_with_what_there_is(tmp_path):
    frame(stand=[1, 2]).to_file(tmp_path / "a.gpkg")
    with pytest.raises(ValueError, match="does not exist"):
        read_regions(tmp_path / "b.gpkg", role="stand", crs=CRS)
    with pytest.raises(ValueError, match="stand, clearing, probe"):
        read_regions(tmp_path / "a.gpkg", role="forest", crs=CRS)
    with pytest.raises(ValueError, match=r"no column 'id'.*'stand'"):
        read_regions(tmp_path / "a.gpkg", role="stand", crs=CRS, id_field="id")
