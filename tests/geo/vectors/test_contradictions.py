import geopandas as gpd
import pytest
from shapely.geometry import box

from rojsat.geo.vectors import contradictions

SQUARE = box(500000, 6400000, 500100, 6400100)


def stands(*rows):
    """Stands by id, label and metres that each lies east of the first."""
    outlines = [box(500000 + east, 6400000, 500100 + east, 6400100) for _, _, east in rows]
    columns = {"region": [name for name, *_ in rows], "role": "stand", "label": [label for _, label, _ in rows]}
    return gpd.GeoDataFrame(columns, geometry=outlines, crs="EPSG:32633")


@pytest.mark.parametrize("crs", ["EPSG:32633", "EPSG:4326", "EPSG:3006"])
def test_the_share_of_a_stand_under_the_other_label_is_found_in_any_coordinate_system(crs):
    table = stands(("a", "need", 0), ("b", "clear", 75), ("c", "clear", 300)).to_crs(crs)
    pairs = contradictions.find(table)
    assert [(pair.region, pair.other, round(pair.share, 3)) for pair in pairs] == [("a", "b", 0.25), ("b", "a", 0.25)]
    assert "25% of a (need) is b (clear)" in contradictions.warning(pairs)
    contradictions.check(pairs)


@pytest.mark.parametrize(
    "others",
    [
        [("b", "need", 20)],  # the same label
        [("b", None, 20)],
        [("b", "clear", 96)],  # 4 %
        [("b", "clear", 100)],  # touches
    ],
)
def test_what_does_not_contradict_is_not_reported(others):
    assert contradictions.find(stands(("a", "need", 0), *others)) == []


def test_a_small_stand_inside_a_large_one_is_no_second_outline():
    table = stands(("a", "need", 0), ("b", "clear", 0))
    table.loc[1, "geometry"] = SQUARE.buffer(-20)
    pairs = contradictions.find(table)
    assert [round(pair.share, 2) for pair in pairs] == [1, 0.36]
    contradictions.check(pairs)


@pytest.mark.parametrize("moved", [0, 0.3])
def test_one_outline_with_both_labels_is_refused_with_the_pairs(moved):
    table = stands(("a", "need", 0), ("b", "clear", moved), ("c", "need", 300))
    with pytest.raises(ValueError, match=r"two labels: a \(need\) and b \(clear\); keep one"):
        contradictions.check(contradictions.find(table))
