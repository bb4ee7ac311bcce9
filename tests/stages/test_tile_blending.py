import numpy as np
from scipy.ndimage import uniform_filter

from rojsat.learn.data import tiles
from rojsat.maps import map_cells
from rojsat.stages import _tile_blending
from tests.support import map_scenes

WINDOW = 8


def context(batch):
    """A model that looks 3 pixels around."""
    return np.stack([uniform_filter(image, 7, mode="constant") for image in np.nan_to_num(batch[:, 1])])


def test_tiles_across_the_edge_of_a_cell_are_predicted_once_and_the_bits_are_those_of_the_evaluation(tmp_path):
    scene = map_scenes.write_scene(tmp_path, "2019-07-11")
    grids = map_cells.map_grids([scene], map_scenes.stands((0, 0, 80, 60)))
    around = np.random.default_rng(0).random((2, 60 + 2 * WINDOW, 80 + 2 * WINDOW)).astype(np.float32)
    around[:, 20:30, 40:44] = np.nan
    counts = []

    def counted(batch):
        counts.append(len(batch))
        return context(batch)

    def predict(size, predict_image):
        degree = np.full(around.shape[1:], np.nan, np.float32)
        for cell in map_cells.of_scene(grids, WINDOW, size):
            (rows, cols), (height, width) = cell.place(grids[0].grid), cell.region.grid.shape
            image = around[:, rows.start : rows.stop + 2 * WINDOW, cols.start : cols.stop + 2 * WINDOW]
            needed = np.zeros(image.shape[1:], bool)
            needed[cell.own] = np.isfinite(image[0])[cell.own]
            degree[rows, cols] = predict_image(image, needed, cell)[cell.own]
            assert (height, width) == degree[rows, cols].shape
        return degree[:60, :80]

    def as_evaluated(image, needed, cell):
        firsts = tiles.firsts_on_grid(*map_cells.tile_phase(cell), WINDOW)
        return tiles.predict_image(image, needed, lambda batch: context(batch.numpy()), window=WINDOW, firsts=firsts)

    complete = predict(512, as_evaluated)
    np.testing.assert_array_equal(
        predict(512, _tile_blending.TileBlending(counted, WINDOW, batch=5)), complete
    )  # NaN where nothing is needed
    assert max(counts) == 5 and min(counts) >= _tile_blending.LEAST
    at_once, counts[:] = sum(counts), []
    cut = predict(17, _tile_blending.TileBlending(counted, WINDOW, batch=1000))
    np.testing.assert_array_equal(cut, predict(17, as_evaluated))
    known = np.isfinite(around[0, WINDOW:-WINDOW, WINDOW:-WINDOW])
    np.testing.assert_array_equal(cut[known], complete[known])
    assert sum(counts) <= at_once + 4, "no tile is predicted twice"
