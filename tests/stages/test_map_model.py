import json
import sys
from dataclasses import asdict
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from rojsat.config import compose
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
            def __init__(self, path, providers):
                self.path = path

            def get_modelmeta(self):
                return SimpleNamespace(custom_metadata_map=texts)

            def get_inputs(self):
                return [SimpleNamespace(name="x", type="tensor(float)", shape=[None, 2, None, None])]

            def run(self, names, arrays):
                return [arrays["x"][:, 1:]]

        runtime = ModuleType("onnxruntime")
        runtime.InferenceSession = InferenceSession
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
