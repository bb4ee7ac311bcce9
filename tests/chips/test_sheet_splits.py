"""Splits by map sheets: all stands of a sheet, and its neighbours beyond the edge, are on one side."""

import numpy as np
import pandas as pd
import pyproj
import pytest

from rojsat.chips import audit, map_sheets, neighbours, roles, splits

TO_TM35 = pyproj.Transformer.from_crs("EPSG:32634", "EPSG:3067", always_xy=True)


def stands(count=120, seed=0, crs="EPSG:3067"):
    """Boxes of 200 m by 200 m within 30 km by 20 km, around the corner of four sheets of 1:50 000."""
    rng = np.random.default_rng(seed)
    east, north = 500_000 + rng.uniform(-15e3, 15e3, count), 6_690_000 + rng.uniform(-10e3, 10e3, count)
    index = pd.DataFrame({"region": [f"s{number}" for number in range(count)], "easting": east, "northing": north})
    return index.assign(
        chip=index["region"], hash=index["region"], date="2023-07-01", crs=crs, height=20, width=20,
        transform=[[10.0, 0, 0, 0, -10.0, 0]] * count, kinds="boa,scl",
    )  # fmt: skip


def sheets_of(index, scale):
    middles = zip(index["easting"] + 100, index["northing"] - 100, strict=True)
    return [map_sheets.tm35_name(east, north, scale) for east, north in middles]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("scale", [25_000, 10_000])
def test_stands_of_a_sheet_are_on_one_side_and_each_sheet_is_tested_once(seed, scale):
    index = stands(seed=seed)
    tested = []
    for fold in range(4):
        parts = splits.tm35fin_sheets(index, scale=scale, folds=4, fold=fold, seed=seed, val=1)
        of_sheets = index.assign(part=parts, sheet=sheets_of(index, scale)).groupby("sheet")["part"]
        assert (of_sheets.nunique() == 1).all()
        assert of_sheets.first().eq("val").sum() == 1
        tested += of_sheets.first()[lambda part: part == "test"].index.tolist()
    assert sorted(tested) == sorted(set(sheets_of(index, scale)))


def test_neighbours_across_an_edge_are_left_out_or_refused():
    index = stands()
    index.loc[0, ["easting", "northing"]] = 499_700.0, 6_690_500.0  # ends 100 m before the edge at 500 km
    index.loc[1, ["easting", "northing"]] = 500_010.0, 6_690_500.0  # begins 10 m after it: 110 m apart
    folds = [splits.tm35fin_sheets(index, folds=4, fold=fold) for fold in range(4)]
    parts = next(parts for parts in folds if "test" in (parts[0], parts[1]) and parts[0] != parts[1])
    assert any(leak.kind == "near" for leak in audit.audit(index, parts).leaks)
    kept = neighbours.drop_near(index, parts, 120)
    assert sorted([kept[0], kept[1]]) == sorted(["test", roles.UNUSED])
    pairs = neighbours.neighbours(index, kept)
    assert pairs["gap"].min() >= 120
    assert splits.CLAIMS_UNSEEN["tm35fin_sheets"] and splits.CLAIMS_UNSEEN["grid_sheets"]


def test_stands_in_another_zone_of_utm_belong_to_the_sheets_of_their_place_in_finland():
    index = stands()
    projected = TO_TM35.transform(index["easting"], index["northing"], direction="INVERSE")
    moved = index.assign(crs="EPSG:32634", easting=projected[0], northing=projected[1])
    same = splits.tm35fin_sheets(moved, folds=4) == splits.tm35fin_sheets(index, folds=4)
    assert same.mean() > 0.95  # boxes turn with the grid: middles differ by some metres


def test_a_grid_of_sheets_in_the_chips_own_system_needs_no_projection():
    index = stands().assign(crs="EPSG:2154")
    parts = splits.grid_sheets(index, crs="EPSG:2154", width=6000, height=5000, west=500_000, south=6_690_000, folds=3)
    column = np.floor((index["easting"] + 100 - 500_000) / 6000)
    row = np.floor((index["northing"] - 100 - 6_690_000) / 5000)
    assert (index.assign(part=parts).groupby([column, row])["part"].nunique() == 1).all()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("tm35fin_sheets", {"scale": 20_000}, "scale=20000 has no map sheets"),
        ("tm35fin_sheets", {"scale": 200_000}, "folds=5, but there are 2 map sheets of 1:200000"),
        ("grid_sheets", {"crs": "EPSG:3067", "width": 0, "height": 1}, "width=0 and height=1 are above 0"),
        ("grid_sheets", {"crs": "EPSG:2154", "width": 1, "height": 1}, "EPSG:2154 is none of UTM"),
    ],
)
def test_sheets_that_cannot_be_are_refused(name, options, message):
    with pytest.raises(ValueError, match=message):
        getattr(splits, name)(stands(), **options)
