import json
import sys
from dataclasses import asdict
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from rojsat.config import compose
from rojsat.learn.data import tiles, windows
from rojsat.learn.data.sample_arrays import SampleArrays
from rojsat.learn.data.samples import Samples
from rojsat.maps import map_cells, model_card, portable_texts
from rojsat.stages import _map_model
from tests.support import map_scenes


def described(**changes):
    """What a model says of itself, as an ONNX file carries it."""
    facts = asdict(map_scenes.card(**changes))
    window = facts.pop("window")
    return {portable_texts.KEY: json.dumps({"task": "segmentation", "window": window, model_card.KEY: facts})}


@pytest.fixture
def onnx(tmp_path, monkeypatch):
    """Makes an ONNX file whose model gives the second channel; its runtime is made up."""

    def make(texts):
        class InferenceSession:
            def __init__(self, path, options, providers):
                self.path = path

            def get_modelmeta(self):
                return SimpleNamespace(custom_metadata_map=texts)

            def get_inputs(self):
                return [SimpleNamespace(name="x", type="tensor(float)", shape=[None, 2, None, None])]

            def run(self, names, arrays):
                return [arrays["x"][:, 1:]]

        runtime = ModuleType("onnxruntime")
        runtime.InferenceSession, runtime.SessionOptions = InferenceSession, SimpleNamespace
        monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
        path = tmp_path / "theirs.onnx"
        path.write_bytes(b"")
        return str(path)

    return make


@pytest.mark.parametrize("window", [8, None])
def test_an_onnx_file_that_describes_itself_is_applied_to_cells_of_any_size(onnx, tmp_path, window):
    model = _map_model.load(onnx(described(window=window, shape=(20, 20))), trust=False)
    assert model.card.names == ("B04", "B08") and model.card.window == window
    scene = map_scenes.write_scene(tmp_path, "2019-07-11")
    cell = next(map_cells.of_scene(map_cells.map_grids([scene], map_scenes.stands((3, 4, 9, 7))), window or 0))
    height, width = cell.region.chip_grid.shape
    image = np.random.default_rng(0).random((2, height, width)).astype(np.float32)
    degree = model.predict_image()(image, np.ones((height, width), bool), cell)
    np.testing.assert_allclose(degree, image[1], atol=1e-6)


def test_a_model_of_pixels_is_applied_at_once_to_what_is_needed_and_what_lies_around():
    shapes = []

    def predict(images):
        shapes.append(images.shape)
        return images[:, 1]

    model = _map_model.MapModel(map_scenes.card(window=None, reach=1), predict, "made")
    image, needed = np.random.default_rng(0).random((2, 30, 20)).astype(np.float32), np.zeros((30, 20), bool)
    needed[4:9, :7] = True
    degree = model.predict_image()(image, needed, None)
    np.testing.assert_array_equal(degree[needed], image[1][needed])
    assert shapes == [(1, 2, 7, 8)]


@pytest.mark.parametrize("outputs", [1, 2])
def test_tiles_that_were_moved_back_inside_are_placed_and_merged_as_in_an_evaluation(tmp_path, outputs):
    """The model gives the row in its tile, or its sigmoid: they show where tiles lie, and how they are merged."""
    scene = map_scenes.write_scene(tmp_path, "2019-07-11")
    stands = map_scenes.stands((0, 0, 30, 21))
    card = map_scenes.card(inside=True, margin=4, outputs=outputs)
    activate = expit if outputs == 2 else np.asarray
    (cell,) = map_cells.of_outlines(map_cells.map_grids([scene], stands), stands, card.surroundings, 10, None)
    image = np.full((2, *cell.region.chip_grid.shape), 0.1, np.float32)
    image[:, :4], image[:, :, :4] = np.nan, np.nan  # nothing is seen beyond the scene

    def rows(images):
        return np.broadcast_to(np.arange(8, dtype=np.float32)[:, None], (len(images), 8, 8))

    model = _map_model.MapModel(card, lambda images: activate(rows(images)), "made")
    degree = model.predict_image()(image, cell.needed, cell)
    chip = {"region": "a", "frame": windows.INSIDE, "height": 8, "width": 8}
    arrays = SampleArrays(image[None], np.isfinite(image[:1]), -image[:1], image[:1] < 0, pd.DataFrame([chip]))
    expected = activate(tiles.predict(Samples(arrays), rows)[0])
    np.testing.assert_allclose(degree, expected, atol=1e-6 * (outputs - 1), rtol=0)
    assert degree[4, 10] == activate(0), "no tile reaches beyond the edge of what is seen"


def test_an_onnx_file_that_does_not_is_refused(onnx):
    with pytest.raises(ValueError, match=r"theirs.onnx does not say what its training pixels look like"):
        _map_model.load(onnx({}), trust=False)


def test_reports_without_a_run_of_this_machine_and_unknown_names_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    folder = tmp_path / "reports" / "quick" / "unet_roi6"
    folder.mkdir(parents=True)
    (folder / "summary.json").write_text("{}")
    with pytest.raises(ValueError, match="no run of this machine made it"):
        _map_model.load("unet_roi6", trust=False)
    with pytest.raises(ValueError, match="'unet_roi7' does not exist. Did you mean 'unet_roi6'"):
        _map_model.load("unet_roi7", trust=False)
