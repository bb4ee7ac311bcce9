import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

from rojsat.chips.reader import Chips
from rojsat.figures import maps, mask_marks
from tests.support import stores

GPS = {"source": "gps", "options": {}}


def hatched(figure):
    return [patch for patch in figure.findobj(PathPatch) if patch.get_hatch()]


def test_the_hatch_covers_exactly_the_known_pixels_that_no_worker_walked():
    heat = np.random.default_rng(0).integers(0, 3, (9, 11)).astype(np.float32)
    shown = np.where(np.arange(11) == 4, np.float32(-1), heat / 2)  # a column under a cloud
    figure = Figure()
    maps.draw_degree(figure.subplots(), shown, mask_marks.marks(GPS, heat, []))
    (patch,) = hatched(figure)
    rows, columns = np.indices(heat.shape)
    covered = sum(polygon_covers(polygon, columns.ravel(), rows.ravel()) for polygon in patch.get_path().to_polygons())
    np.testing.assert_array_equal(covered.reshape(heat.shape), (heat == 0) & (shown >= 0))


def polygon_covers(polygon, x, y):
    (left, top), (right, bottom) = polygon.min(axis=0), polygon.max(axis=0)
    return ((left < x) & (x < right) & (top < y) & (y < bottom)).astype(int)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (GPS, "no GPS point in the pixel"),
        ({"source": "gps", "options": {"heat": "seconds"}}, "no time spent in the pixel"),
        ({"source": "gps", "options": {"heat": "density"}}, "no GPS point within 50 m"),
        (
            {"source": "gps", "options": {"heat": "density", "heat_options": {"bandwidth": 7}}},
            "no GPS point within 35 m",
        ),
        ({"source": "gps", "options": {"untouched": "unknown"}}, ""),  # 0 lies near a walk
        ({"source": "polygons", "options": {}}, ""),  # somebody said that nothing needs clearing there
    ],
)
def test_what_the_hatch_means_follows_from_how_the_mask_was_made(labels, words):
    drawn = mask_marks.marks(labels, np.zeros((3, 3), np.float32), [])
    assert drawn.meaning == words
    assert (drawn.unwalked is None) == (not words)
    assert ("hatched" in mask_marks.legend("degree", [drawn])) == bool(words)


def test_marks_of_a_window_lie_on_its_own_pixels():
    ring = np.array([[2.0, 1], [5, 1], [5, 3], [2, 1]])
    window = mask_marks.marks(GPS, np.eye(6, dtype=np.float32), [ring]).window(1, 2, 3, 4)
    np.testing.assert_array_equal(window.unwalked, np.eye(6)[1:4, 2:6] == 0)
    np.testing.assert_array_equal(window.outlines[0], ring - (2, 1))


def test_a_store_gives_the_outlines_that_were_written_and_none_of_old_ones(tmp_path):
    ring = np.array([[0, 0], [16, 0], [16.004, 16], [0, 0]])
    chips = Chips(stores.write_small(tmp_path / "new", regions=1, dates=1, outlines={"0": [ring]}))
    np.testing.assert_array_equal(mask_marks.of_store(chips, "0").outlines, [ring.round(2)])
    assert mask_marks.of_store(chips, "100").outlines == []
    assert Chips(stores.write_small(tmp_path / "old", regions=1, dates=1)).outlines == {}
