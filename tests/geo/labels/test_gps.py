import dataclasses

import numpy as np
import pytest

from rojsat.geo.gps import heat, tracks
from rojsat.geo.labels import gps


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
    ],
)
def test_wrong_options_are_refused(parts, options, message):
    with pytest.raises(ValueError, match=message):
        gps.masks(*parts, **options)
