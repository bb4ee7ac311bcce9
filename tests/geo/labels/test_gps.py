import dataclasses
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from shapely import Polygon

from rojsat.geo.gps import cleaning, heat, tracks
from rojsat.geo.gps.points import Points
from rojsat.geo.labels import gps
from tests.geo.conftest import CRS, EAST, NORTH


def test_counts_are_cut_at_one_percentile_of_all_regions_and_scaled(parts):
    labels = gps.masks(*parts, percentile=99, zeros=True)
    counts = np.zeros(150 + 192)
    counts[:4] = 60, 30, 20, 200
    threshold = np.percentile(counts, 99)
    assert labels.facts["threshold"] == pytest.approx(threshold)
    first, second = labels.masks["1"], labels.masks["2"]
    assert first.dtype == np.float32
    assert first[1, 1] == pytest.approx(min(30 / threshold, 1))
    assert first[9, 14] == pytest.approx(min(20 / threshold, 1))
    assert (first[0, 0], second[5, 5]) == (1, 1)
    assert (first == 0).sum() == 147
    assert set(labels.masks) == {"1", "2"}


def test_zeros_may_stay_out_of_the_percentile(parts):
    labels = gps.masks(*parts, percentile=50, zeros=False)
    assert labels.facts["threshold"] == 45  # median of 20, 30, 60, 200


def test_heat_that_a_split_is_to_scale_is_not_cut_and_cut_at_1_it_is_the_degree_bit_for_bit(parts):
    options = {"percentile": 99, "untouched": "unknown", "near": 30.0}
    study, heat = (gps.masks(*parts, **options, **more) for more in ({}, {"scale": "training_regions"}))
    for region, degree in study.masks.items():
        assert np.minimum(heat.masks[region], np.float32(1)).tobytes() == degree.tobytes()
    threshold = study.facts["threshold"]
    assert heat.masks["2"].dtype == np.float32
    assert heat.masks["2"][5, 5] == pytest.approx(200 / threshold) and heat.masks["2"].max() > 1
    unscaled = {"percentile": 99, "zeros": True, "threshold": threshold, "unit": "points a pixel"}
    assert heat.facts == study.facts | {"unscaled": unscaled}


def test_a_region_nobody_cleared_is_dropped_with_its_reason(parts):
    labels = gps.masks(*parts, zeros=False)
    assert labels.dropped == {"4": "not a clearing object: 3 GPS points, fewer than 100"}
    assert labels.facts["points"] == {"1": 110, "2": 200, "4": 3}
    assert sum(labels.facts["histogram"]["count"]) == labels.facts["pixels"] == 342


def test_a_threshold_of_zero_and_too_few_points_are_refused(parts):
    with pytest.raises(ValueError, match="percentile .* is 0: set zeros=false"):
        gps.masks(*parts, percentile=50)
    with pytest.raises(ValueError, match="no clearing object has 1000 GPS points"):
        gps.masks(*parts, min_points=1000)
    tracks_file = parts[0] / "gps.parquet"
    assert len(tracks.load_tracks(tracks_file))
    tracks_file.unlink()
    with pytest.raises(ValueError, match="no GPS tracks"):
        gps.masks(*parts)


@pytest.mark.parametrize("name", heat.__all__)
def test_every_measure_gives_degrees_and_states_its_unit(parts, name):
    stamp(parts[0])
    labels = gps.masks(*parts, heat=name, zeros=False)
    assert labels.facts["heat"] == name
    assert labels.facts["unit"] == heat.UNITS[name]
    assert labels.facts["gps"] == {"points": 313}
    degrees = np.concatenate([mask.ravel() for mask in labels.masks.values()])
    assert degrees.min() == 0 and degrees.max() == 1


def stamp(raw):
    """All points on one track, a second apart."""
    points = tracks.load_tracks(raw / "gps.parquet")
    time = points.time + np.arange(len(points)) * np.timedelta64(1000, "ms")
    stamped = dataclasses.replace(points, time=time, track=np.zeros(len(points), np.int32), tracks=("a",))
    tracks.write_tracks(stamped, raw / "gps.parquet")


def test_seconds_without_times_are_refused(parts):
    with pytest.raises(ValueError, match="seconds need points with times"):
        gps.masks(*parts, heat="seconds")


def test_a_break_may_count_as_so_much_time(parts):
    stamp(parts[0])
    labels = gps.masks(*parts, zeros=False, percentile=100, max_stop=20)
    assert labels.facts["threshold"] == pytest.approx(30 * 20 / 29)  # 30 points in 29 seconds
    assert labels.masks["2"][5, 5] == pytest.approx(200 / 199 * 29 / 30)


def test_ground_that_nobody_came_near_may_be_unknown(parts):
    labels = gps.masks(*parts, untouched="unknown", near=14.0, percentile=100)
    rows, cols = np.mgrid[:16, :12]
    away = 10 * np.hypot(rows - 5, cols - 5)  # the points lie at the centre of pixel 5, 5
    assert ((labels.masks["2"] == -1) == (away > 14)).all()
    assert labels.facts["pixels"] + labels.facts["unknown_pixels"] == 342
    zero = gps.masks(*parts, percentile=100)
    assert (labels.masks["2"] == np.where(away > 14, -1, zero.masks["2"])).all()


def test_unknown_ground_does_not_count_in_the_percentile(parts):
    few = gps.masks(*parts, untouched="unknown", near=5.0, percentile=50)
    assert few.facts["threshold"] == 45  # of 60, 30, 20, 200: every known pixel has points
    assert few.facts["zero_pixels"] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"heat": "count"}, "measure of GPS heat 'count' does not exist. Did you mean 'counts'"),
        ({"heat": "density", "heat_options": {"band": 3}}, "Did you mean 'bandwidth'"),
        ({"percentile": 0}, "above 0 and at most 100"),
        ({"untouched": "nothing"}, "'zero' or 'unknown'"),
        ({"scale": "training"}, "scale: 'training' does not exist. Did you mean 'training_regions'"),
        ({"near": 0}, "above 0 metres"),
        ({"max_stop": 0}, "both must be above 0"),
        ({"extent": "boxes"}, "extent: 'boxes' does not exist. Did you mean 'box'"),
    ],
)
def test_wrong_options_are_refused(parts, options, message):
    with pytest.raises(ValueError, match=message):
        gps.masks(*parts, **options)


def clearing_object(folder, corners, counts):
    """Raw data with one clearing object, its table of regions and its grid.

    Args:
        folder: of the raw data.
        corners: of its outline, column and row in 10 m pixels.
        counts: GPS points by row and column of a pixel.
    """
    outline = Polygon([(EAST + 10 * column, NORTH - 10 * row) for column, row in corners])
    regions = gpd.GeoDataFrame({"region": ["a"], "role": "clearing", "geometry": [outline]}, crs=CRS)
    xy = [(EAST + 10 * c + 5, NORTH - 10 * r - 5) for (r, c), n in counts.items() for _ in range(n)]
    x, y = np.array(xy, float).reshape(-1, 2).T
    time, track = np.full(len(x), "2019-08-05", "datetime64[ms]"), np.zeros(len(x), np.int32)
    points = Points(x, y, time, cleaning.assign(x, y, regions), track, ("a",), ("t",), regions.crs, {"points": len(x)})
    tracks.write_tracks(points, folder / "gps.parquet")
    left, bottom, right, top = outline.bounds
    west, north = 10 * np.floor(left / 10), 10 * np.ceil(top / 10)
    box = (west, 10 * np.floor(bottom / 10), 10 * np.ceil(right / 10), north)
    return folder, regions, {"a": GeoBox.from_bbox(box, crs=CRS, resolution=10, tight=True)}


STRIP = [(0.25, 0), (3.25, 0), (13.25, 10), (10.25, 10)]
"""A strip across its box of 10 rows and 14 columns: in row r the centres of columns r + 1 to r + 3 lie in it."""


def test_outside_the_outline_pixels_are_unknown_and_the_percentile_is_taken_inside(tmp_path):
    counts = {(0, 1): 20, (4, 6): 40, (9, 12): 100, (0, 9): 500}  # the last lies outside the strip
    labels = gps.masks(*clearing_object(tmp_path, STRIP, counts))
    mask = labels.masks["a"]
    rows, columns = np.indices((10, 14))
    assert ((mask >= 0) == ((columns > rows) & (columns <= rows + 3))).all()  # 30 of 140
    # 27 pixels of 0, then 20, 40, 100: the 97th percentile is at 0.97 * 29 = 28.13, between 40 and 100
    threshold = 40 + 0.13 * 60
    assert labels.facts["threshold"] == pytest.approx(threshold)
    assert [mask[0, 1], mask[4, 6], mask[9, 12]] == pytest.approx([20 / threshold, 40 / threshold, 1])
    assert (mask == 1).sum() == 1 and (mask == 0).sum() == 27
    assert (labels.facts["pixels"], labels.facts["outside_pixels"], labels.facts["unknown_pixels"]) == (30, 110, 110)


def test_an_object_may_be_its_box(tmp_path):
    counts = {(0, 1): 20, (4, 6): 40, (9, 12): 100, (0, 9): 500}
    labels = gps.masks(*clearing_object(tmp_path, STRIP, counts), extent="box", percentile=100)
    assert (labels.masks["a"] >= 0).all() and labels.masks["a"][0, 9] == 1
    assert (labels.facts["threshold"], labels.facts["outside_pixels"]) == (500, 0)


def test_heat_that_a_split_is_to_scale_is_unknown_outside_the_outline_too(tmp_path):
    labels = gps.masks(
        *clearing_object(tmp_path, STRIP, {(4, 6): 150, (0, 9): 500}), percentile=99, scale="training_regions"
    )
    assert (labels.masks["a"] == -1).sum() == 110
    assert labels.masks["a"][4, 6] == pytest.approx(1 / 0.71)  # 0.99 * 29 = 28.71 of 0 and 150


corner = st.tuples(st.floats(0, 12), st.floats(0, 12))


@settings(max_examples=60, deadline=None)
@given(
    corners=st.lists(corner, min_size=3, max_size=3).filter(lambda three: Polygon(three).area > 0.5),
    walked=st.dictionaries(st.tuples(st.integers(0, 11), st.integers(0, 11)), st.integers(1, 50), min_size=1),
    options=st.fixed_dictionaries(
        {"untouched": st.sampled_from(["zero", "unknown"]), "heat": st.sampled_from(["counts", "density"])}
    ),
)
def test_no_pixel_outside_an_outline_is_known(corners, walked, options):
    with tempfile.TemporaryDirectory() as folder:
        raw, regions, grids = clearing_object(Path(folder), corners, walked)
        try:
            mask = gps.masks(raw, regions, grids, percentile=100, min_points=0, **options).masks["a"]
        except ValueError as error:
            assert "percentile" in str(error)  # nobody walked in the outline
            return
    rows, columns = np.indices(mask.shape) + 0.5
    x, y = grids["a"].affine @ (columns, rows)
    outline = regions.geometry[0]
    inside = shapely.distance(outline, shapely.points(x, y)) <= 1e-6
    if not inside.any():  # too narrow for a centre: the pixels that it touches
        inside = shapely.distance(outline, shapely.points(x, y)) <= np.hypot(5, 5)
    assert not (mask[~inside] >= 0).any()
