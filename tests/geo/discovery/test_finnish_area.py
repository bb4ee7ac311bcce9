import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from rojsat.geo.discovery import finnish_area
from rojsat.geo.finland.stand_labels import LabelRule
from tests.support.finnish_files import MadeStand, write_xml

YEARS = range(2017, 2022)


def stands(*operations, east=400000):
    return [
        MadeStand(f"{east}_{number}", box(east, 6800000 + 200 * number, east + 100, 6800100 + 200 * number), "T2", of)
        for number, of in enumerate(operations)
    ]


def tended(year):
    return (("740", None, f"{year}-09-01"),)


@pytest.mark.parametrize(
    ("point", "tile"),
    [
        ((385800, 6672000, 32635), "35VLG"),  # Helsinki
        ((334000, 6580000, 32634), "34VCL"),  # Stockholm
        ((550000, 7150000, 32635), "35WNM"),  # north of 64°
        ((350000, 6850000, 32635), "35VLJ"),
    ],
)
def test_the_tile_of_a_place(point, tile):
    east, north, code = point
    regions = gpd.GeoDataFrame(geometry=[Point(east, north).buffer(10)], crs=f"EPSG:{code}").to_crs(4326)
    assert list(finnish_area.mgrs_tiles(regions)) == [tile]


def test_the_years_are_those_with_most_of_the_rarer_label(tmp_path):
    path = write_xml(tmp_path / "stands.xml", stands(tended(2018), tended(2018), tended(2019)))
    area = finnish_area.look(path, YEARS, LabelRule(completed=1))
    by_year = area.labels.set_index("year")
    assert by_year.loc[2018].to_dict() == {"need_strong": 2, "need_weak": 0, "clear_strong": 0, "clear_weak": 0}
    assert by_year.loc[2019].to_dict() == {"need_strong": 1, "need_weak": 0, "clear_strong": 2, "clear_weak": 0}
    assert area.years == [2018, 2019]
    assert finnish_area.look(path, YEARS, LabelRule(completed=1), [2020]).years == [2020]


def test_years_with_both_labels_go_before_more_labels_that_the_year_tells():
    kinds = ("need_strong", "need_weak", "clear_strong", "clear_weak")
    rows = {2018: (9, 0, 0, 0), 2019: (0, 0, 9, 0), 2020: (0, 2, 2, 0), 2021: (1, 0, 0, 1)}
    counts = pd.DataFrame([{"year": year} | dict(zip(kinds, row, strict=True)) for year, row in rows.items()])
    assert finnish_area.best_years(counts) == [2020, 2021]
    assert finnish_area.is_known_from_the_year(counts, [2018, 2019])
    assert not finnish_area.is_known_from_the_year(counts, [2018, 2021])


def test_the_tiles_with_most_labelled_stands_are_taken(tmp_path):
    places = {150000: 3, 250000: 1, 350000: 2, 450000: 4}
    stand_list = [stand for east, number in places.items() for stand in stands(*[tended(2018)] * number, east=east)]
    area = finnish_area.look(write_xml(tmp_path / "stands.xml", stand_list), YEARS, LabelRule())
    assert len(area.tiles) == 3 and area.elsewhere == 1
    assert len(area.regions) == 9


def test_of_equal_years_the_latest_are_taken():
    columns = {"need_strong": 1, "need_weak": 0, "clear_strong": 0, "clear_weak": 1}
    assert finnish_area.best_years(pd.DataFrame([{"year": year} | columns for year in YEARS])) == [2020, 2021]


@pytest.mark.parametrize(
    ("name", "words"),
    [("stands.xml", "no stand has a label in July of 2017, .*not observed"), ("stands.shp", "end with")],
)
def test_a_file_that_gives_nothing_is_refused(tmp_path, name, words):
    path = write_xml(tmp_path / name, stands(()))
    with pytest.raises(ValueError, match=f"(?s){words}"):
        finnish_area.look(path, YEARS, LabelRule())
