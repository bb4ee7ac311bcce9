"""The same ground under two ids is found, whatever its coordinate system."""

import geopandas as gpd
from shapely.geometry import box

from rojsat.geo.vectors import repeated_outlines

SQUARE, NEIGHBOUR = box(500_000, 6_500_000, 500_100, 6_500_100), box(500_100, 6_500_000, 500_200, 6_500_100)


def table(*rows, crs="EPSG:32633"):
    names = ("region", "role", "label", "geometry")
    return gpd.GeoDataFrame([dict(zip(names, row, strict=True)) for row in rows], crs=crs)


def test_one_outline_of_one_label_is_a_pair_whichever_comes_first():
    shifted = box(500_000, 6_500_000, 500_100, 6_500_099.5)
    regions = table(("b", "stand", "need", SQUARE), ("c", "stand", "need", NEIGHBOUR), ("a", "stand", "need", shifted))
    assert repeated_outlines.find(regions) == repeated_outlines.find(regions.to_crs(4326)) == [("a", "b")]
    assert "counts twice: a and b; keep one" in repeated_outlines.warning([("a", "b")])


def test_another_role_or_label_and_smaller_common_ground_are_none():
    half = box(500_000, 6_500_000, 500_050, 6_500_100)
    rows = (("1", "stand", "need", SQUARE), ("2", "clearing", None, SQUARE), ("3", "stand", "clear", SQUARE))
    assert repeated_outlines.find(table(*rows, ("4", "stand", "need", half))) == []
