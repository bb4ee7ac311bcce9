import json

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod, Transformer

from rojsat.geo.vectors import region_areas
from rojsat.maps import map_cells, map_rasters, map_summary, stand_table, training_ground
from rojsat.maps.canopy_change import Change
from rojsat.maps.cell_prediction import CellMap
from rojsat.maps.stand_columns import COLUMNS
from tests.support import map_scenes

DAY = (pd.Timestamp("2019-07-11") - pd.Timestamp("1970-01-01")).days


@pytest.fixture
def stands():
    """Two of 10 x 10 pixels, one of 20 x 10, one where no scene is."""
    return map_scenes.stands((5, 5, 10, 10), (20, 5, 10, 10), (5, 20, 20, 10), (900, 900, 5, 5))


def made(folder, stands, degree, card, rank="hectares", **more):
    """The table of a map of these degrees, (60, 80), NaN where not seen; the upper half is seen a day later."""
    scene = map_scenes.write_scene(folder, "2019-07-11")
    grids = map_cells.map_grids([scene], stands)
    (cell,) = map_cells.of_scene(grids, 0)
    rows, cols = map_cells.offset(grids[0].grid, scene.grid)
    height, width = grids[0].grid.shape
    part = np.asarray(degree, np.float32)[rows : rows + height, cols : cols + width]
    newest = np.where(np.isfinite(part), DAY, 0).astype(np.int32)
    newest[: 10 - rows] += 1
    dates, outside = np.isfinite(part).astype(np.uint8), np.zeros(part.shape, np.float32)
    map_rasters.write_cell(folder / "cell.npz", CellMap(part, dates, newest, outside))
    path = map_rasters.write(folder / "degree.tif", grids[0], [(cell, folder / "cell.npz")], None, {})
    return stand_table.table(stands, grids, [path], card, rank, **more)


def test_a_stand_says_how_much_of_it_is_in_need_and_what_is_seen(tmp_path, stands):
    degree = np.full((60, 80), 0.1)
    degree[5:15, 5:15] = np.linspace(0, 0.99, 100).reshape(10, 10)
    degree[5:15, 20:24] = 0.9
    degree[5:15, 24:27] = np.nan
    degree[20:30, 5:25] = np.nan
    table = made(tmp_path, stands, degree, map_scenes.card())
    rows = table.set_index("region").to_dict("index")
    assert table["region"].tolist() == ["a", "b", "c", "d"] and table["rank"].tolist() == [1, 2, pd.NA, pd.NA]
    assert rows["a"]["need_ha"] == pytest.approx(0.49 * rows["a"]["area_ha"], abs=2e-3)  # 49 above 0.5
    assert rows["a"]["degree_mean"] == pytest.approx(0.495, abs=1e-4)
    assert rows["a"]["degree_p90"] == pytest.approx(0.891, abs=1e-4)
    assert rows["b"]["need_ha"] == pytest.approx(0.4 * rows["b"]["area_ha"], abs=2e-3) and rows["b"]["seen"] == 0.7
    assert rows["a"]["last_clear"] == "2019-07-12"  # half of it was seen on that day
    assert rows["c"]["note"] == "not seen on any date" and rows["d"]["note"] == "no scene covers it"
    text = map_summary.words(table, map_scenes.card(), "hectares", ["S2A"])
    assert text.startswith(
        "0.9 ha in need (degree of need above 0.5) of 1.7 ha that are seen, in 2 of 4 stands (4.3 ha)"
    )
    assert "  1. stand a: 0.49 of 1.00 ha, mean degree 0.49; 100% seen, last clear 2019-07-12" in text
    assert "On regions that it was not trained on: R² 0.2" in text and "1 stand: not seen on any date (c)" in text


@pytest.mark.parametrize(("rank", "first"), [("hectares", "c"), ("degree", "b")])
def test_the_rank_is_that_asked_for(tmp_path, stands, rank, first):
    degree = np.full((60, 80), 0.6)
    degree[5:15, 20:30] = 0.8
    assert made(tmp_path, stands, degree, map_scenes.card(), rank)["region"].iloc[0] == first


@pytest.mark.parametrize(("errors", "half"), [([0.1] * 8, None), ([0.1] * 8 + [-0.3], 0.3), ([0.0] * 19 + [0.2], 0.0)])
def test_the_interval_of_a_mean_follows_from_the_errors_of_tested_regions(tmp_path, stands, errors, half):
    card = map_scenes.card(calibration={"level": 0.9, "pixels": None, "regions": errors})
    row = made(tmp_path, stands, np.full((60, 80), 0.6), card).iloc[0]
    if half is None:
        assert np.isnan(row["degree_low"]) and "too few for an interval of 90%" in map_summary.sure(card)
    else:
        assert (row["degree_low"], row["degree_high"]) == pytest.approx((0.6 - half, 0.6 + half), abs=1e-4)
        need = 0.0 if half > 0.1 else row["area_ha"]  # above the threshold of 0.5 even if all degrees are too high
        assert (row["need_low_ha"], row["need_high_ha"]) == (need, row["area_ha"])


@pytest.mark.parametrize("crs", ["EPSG:32633", "EPSG:3857", "EPSG:4326", "EPSG:3006", "EPSG:3035"])
def test_an_area_is_that_on_the_ellipsoid_in_any_coordinate_system(crs):
    hectares = region_areas.geodesic_hectares(map_scenes.stands((0, 0, 50, 40), crs=crs)).iloc[0]
    assert hectares == pytest.approx(20 / 0.9996**2, rel=1e-4)  # the scale of UTM on its central meridian


@pytest.mark.parametrize("crs", ["EPSG:32633", "EPSG:3857", "EPSG:4326", "EPSG:3006"])
def test_hectares_of_a_table_are_those_of_the_ellipsoid_whatever_the_file(tmp_path, crs):
    stands = map_scenes.stands((5, 5, 10, 10), (20, 5, 10, 10), crs=crs)
    degree = np.full((60, 80), 0.1)
    degree[5:15, 5:10] = 0.9
    row = made(tmp_path, stands, degree, map_scenes.card()).iloc[0]
    east, north = map_scenes.EAST + 50, map_scenes.NORTH - 50
    corners = [(east, north), (east + 100, north), (east + 100, north - 100), (east, north - 100)]
    to_degrees = Transformer.from_crs(map_scenes.CRS, "EPSG:4326", always_xy=True)
    known, _ = Geod(ellps="WGS84").polygon_area_perimeter(*to_degrees.transform(*zip(*corners, strict=True)))
    assert row["area_ha"] == pytest.approx(abs(known) / 1e4, rel=1e-3)  # written with three decimals
    assert row["need_ha"] == pytest.approx(abs(known) / 2e4, rel=1e-3)
    areas = region_areas.geodesic_hectares(stands)
    assert areas.iloc[0] == pytest.approx(abs(known) / 1e4, rel=1e-4)


def test_a_stand_that_looks_cleared_is_ranked_last_and_costs_no_waiting(tmp_path, stands):
    changes = {
        "c": Change("2018-07-11", "2019-07-12", drop=0.3, threshold=0.1),
        "a": Change("2018-07-11", "2019-07-12", drop=0.0, threshold=0.1),
    }
    heights = pd.Series({"a": 3.37, "c": 2.0})
    table = made(
        tmp_path, stands, np.full((60, 80), 0.6), map_scenes.card(), changes=changes, heights=heights, visits=2
    )
    rows = table.set_index("region")
    assert table["region"].tolist() == ["a", "b", "c", "d"] and table["rank"].tolist() == [1, 2, 3, pd.NA]
    assert list(table)[:-1] == [name for name in COLUMNS if name in table] and list(table)[-1] == "geometry"
    assert rows["already_cleared"].to_list() == [False, pd.NA, True, pd.NA]
    assert rows.loc["c", "note"] == "looks cleared between 2018-07-11 and 2019-07-12"
    assert rows.loc["a", ["years_left", "waiting_cost_eur"]].tolist() == [-1.0, 62.0]
    assert rows[["years_left", "waiting_cost_eur"]].isna().all(axis=1).tolist() == [False, True, True, True]
    text = map_summary.words(table, map_scenes.card(), "hectares", ["S2A"])
    assert "1 of the 2 stands that are clear on two dates of one season look so: c; 2.0 of the hectares" in text
    assert "1 of 1 stands of known height are past the best time, 3 m (a)" in text


def test_a_list_says_which_stands_its_model_was_trained_on(tmp_path, stands):
    rows = pd.DataFrame(
        {
            "region": ["x", "x", "y"],
            "crs": map_scenes.CRS,
            "transform": [[10, 0, 0, 0, -10, 0]] * 3,
            "easting": [map_scenes.EAST + 10 * (5 - 8)] * 2 + [map_scenes.EAST + 10 * 26.0],
            "northing": [map_scenes.NORTH - 10 * (5 - 8)] * 2 + [map_scenes.NORTH - 10 * 5.0],
            "height": [26, 26, 10],
            "width": [26, 26, 10],
            "box_row": [8, 8, 0],  # surroundings are no ground of training
            "box_col": [8, 8, 0],
            "box_height": [10, 10, 10],
            "box_width": [10, 10, 10],
        }
    )
    ground = training_ground.of_regions(rows)
    assert [len(sides) for sides in ground.values()] == [2]  # two dates of a region are one box
    card = map_scenes.card(ground=json.loads(json.dumps(ground)))
    table = made(tmp_path, stands, np.full((60, 80), 0.6), card).set_index("region")
    assert table["trained_on"].round(2).to_dict() == {"a": 1.0, "b": 0.4, "c": 0.0, "d": 0.0}
    assert table.loc["a", "note"] == stand_table.TRAINED_ON and table.loc["b", "note"] == ""
    text = map_summary.words(table.reset_index(), card, "hectares", ["S2A"])
    assert "1 of the 4 stands, with 1.0 ha above the threshold, lie on ground that the model was trained on" in text
    assert "1 stand: the model was trained on it (a)." in text
    unknown = map_scenes.card()
    table = made(tmp_path, stands, np.full((60, 80), 0.6), unknown)
    assert table["trained_on"].isna().all() and "is not known: it does not say on what ground" in map_summary.words(
        table, unknown, "hectares", ["S2A"]
    )
