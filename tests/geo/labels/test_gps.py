import numpy as np
import pytest

from rojsat.geo import scenes, tracks, vectors
from rojsat.geo.grid import region_grids
from rojsat.geo.labels import gps


@pytest.fixture
def parts(world):
    regions = vectors.load_regions(world / "regions.gpkg")
    return world, regions, region_grids(scenes.read(world), regions)


def test_counts_are_cut_at_one_percentile_of_all_regions_and_scaled(parts):
    found = gps.masks(*parts, percentile=99, zeros=True)
    counts = np.zeros(150 + 192)
    counts[:4] = 60, 30, 20, 200
    threshold = np.percentile(counts, 99)
    assert found.facts["threshold"] == pytest.approx(threshold)
    one, two = found.masks["1"], found.masks["2"]
    assert one.dtype == np.float32
    assert one[1, 1] == pytest.approx(min(30 / threshold, 1))
    assert one[9, 14] == pytest.approx(min(20 / threshold, 1))
    assert (one[0, 0], two[5, 5]) == (1, 1)
    assert (one == 0).sum() == 147
    assert set(found.masks) == {"1", "2"}


def test_zeros_may_stay_out_of_the_percentile(parts):
    found = gps.masks(*parts, percentile=50, zeros=False)
    assert found.facts["threshold"] == 45  # median of 20, 30, 60, 200


def test_a_region_nobody_cleared_is_dropped_with_its_reason(parts):
    found = gps.masks(*parts, zeros=False)
    assert found.dropped == {"4": "not a clearing object: 3 GPS points, fewer than 100"}
    assert found.facts["points"] == {"1": 110, "2": 200, "4": 3}
    assert sum(found.facts["histogram"]["count"]) == found.facts["pixels"] == 342


def test_thresholds_and_points_that_are_no_use_are_refused(parts):
    with pytest.raises(ValueError, match="percentile .* is 0: set zeros=false"):
        gps.masks(*parts, percentile=50)
    with pytest.raises(ValueError, match="no clearing object has 1000 GPS points"):
        gps.masks(*parts, min_points=1000)
    tracks_file = parts[0] / "gps.parquet"
    assert len(tracks.load_tracks(tracks_file))
    tracks_file.unlink()
    with pytest.raises(ValueError, match="no GPS tracks"):
        gps.masks(*parts)
