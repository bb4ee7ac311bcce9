"""Models in ONNX files, with a runtime that is made up: it is no requirement of rojsat's."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from scipy import special

from rojsat.learn import onnx_model

CHANNELS = ["a", "b", "c"]


@pytest.fixture
def model(tmp_path, monkeypatch):
    """Makes a file whose model takes images of a shape and gives what a function makes of them."""

    def make(function, shape=(None, 3, None, None), kind="tensor(float)", count=1):
        class InferenceSession:
            def __init__(self, path, options, providers):
                assert providers == ["CPUExecutionProvider"]
                self.path = path

            def get_inputs(self):
                return [SimpleNamespace(name=f"input{number}", type=kind, shape=list(shape)) for number in range(count)]

            def run(self, names, arrays):
                images = arrays["input0"]
                assert names is None and images.dtype == np.float32 and np.isfinite(images).all()
                assert shape[0] in (None, len(images))
                return [function(images)]

        runtime = ModuleType("onnxruntime")
        runtime.InferenceSession, runtime.SessionOptions = InferenceSession, SimpleNamespace
        monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
        return tmp_path / "theirs.onnx"

    return make


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    images = rng.random((5, 3, 8, 6), np.float32)
    images[:, 1, 0, 0] = np.nan
    return images


@pytest.mark.parametrize("batch", [None, 1, 4])
def test_a_degree_is_taken_as_it_stands_and_unknown_pixels_are_zero(model, images, batch):
    path = model(lambda given: given.mean(axis=1, keepdims=True), shape=(batch, 3, None, None))
    predictions = onnx_model.load(path, CHANNELS, 1)(images)
    np.testing.assert_allclose(predictions, np.nan_to_num(images).mean(axis=1), rtol=1e-6)


def test_scores_of_pixels_become_the_probability_of_need_and_those_of_stands_of_each_class(model, images):
    scores = np.nan_to_num(images)[:, :2]
    of_pixels = onnx_model.load(model(lambda given: given[:, :2]), CHANNELS, 2)(images)
    np.testing.assert_allclose(of_pixels, special.softmax(scores, axis=1)[:, 1], rtol=1e-6)
    of_stands = onnx_model.load(model(lambda given: given[:, :2].mean(axis=(2, 3))), CHANNELS, 2)(images)
    np.testing.assert_allclose(of_stands, special.softmax(scores.mean(axis=(2, 3)), axis=1), rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shape": (None, 13, None, None)}, "takes 13 channels, the experiment has 3: a, b, c"),
        ({"shape": (None, 3)}, r"must have one input, float32 \(N, C, H, W\)"),
        ({"kind": "tensor(double)"}, "must have one input"),
        ({"count": 2}, "must have one input"),
    ],
)
def test_another_input_is_refused_when_the_file_is_opened(model, options, message):
    path = model(lambda given: given, **options)
    with pytest.raises(ValueError, match=message):
        onnx_model.load(path, CHANNELS, 1)


def test_another_output_or_size_is_refused(model, images):
    with pytest.raises(ValueError, match=r"gives \(5, 2, 8, 6\), the experiment needs a degree"):
        onnx_model.load(model(lambda given: given[:, :2]), CHANNELS, 1)(images)
    with pytest.raises(ValueError, match="images of 32 x 32 pixels alone, the experiment has 8 x 6"):
        onnx_model.load(model(lambda given: given, shape=(None, 3, 32, 32)), CHANNELS, 1)(images)


def test_a_missing_runtime_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ValueError, match="theirs.onnx is an ONNX file.*pip install onnxruntime"):
        onnx_model.load(tmp_path / "theirs.onnx", CHANNELS, 1)
