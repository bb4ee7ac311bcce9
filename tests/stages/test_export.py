"""A network as an ONNX file: rojsat and Deepness get the degrees that the run itself predicts."""

import json
import shutil

import numpy as np
import onnx
import onnxruntime
import pytest
import rasterio
from segmentation_models_pytorch.encoders import encoders

from rojsat.chips import channels
from rojsat.learn.models import heads
from rojsat.learn.models.segmenters import segformer
from rojsat.maps import portable_graph, portable_indices, portable_parity
from rojsat.stages import _map_model, export
from rojsat.tracking import pyfunc
from tests.support import map_scenes, saved_networks

NAMES, INDICES = ("B04", "B08"), ("B08", "ndvi")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return saved_networks.save(tmp_path_factory.mktemp("export") / "saved")


@pytest.fixture(scope="module")
def exported(saved, tmp_path_factory):
    return call(saved, tmp_path_factory.mktemp("exported") / "free.onnx")


def call(model, out, *more, dry=False):
    export.run([f"model={model}", f"out={out}", "trust=true", *more], dry)
    return out


def deepness(path, raster):
    """What the plugin makes of the one tile that a raster is: its reading, its standardisation, its NaN."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    texts = session.get_modelmeta().custom_metadata_map
    (given,), (degree,) = session.get_inputs(), session.get_outputs()
    assert json.loads(texts["model_type"]) == "Regressor" and json.loads(texts["resolution"]) == 1000
    assert degree.shape[2] == degree.shape[3] == given.shape[-1]  # else it refuses the model
    assert json.loads(texts["tile_size"]) == given.shape[-1] and isinstance(given.shape[0], str)
    with rasterio.open(raster) as file:
        tiles = np.moveaxis(file.read(), 0, -1)[None, :, :, : given.shape[1]]
    mean, std = (np.float32(json.loads(texts[f"standardization_{name}"])) for name in ("mean", "std"))
    batch = np.transpose((np.float32(tiles * 1.0 / 255.0) - mean) / std, (0, 3, 1, 2))
    predicted = session.run(None, {given.name: batch})[0]
    predicted[np.isnan(predicted)] = 0
    return predicted[0, 0] * json.loads(texts["reg_output_scaling"])


@pytest.mark.slow
def test_predict_gives_the_degrees_of_the_run_also_where_pixels_or_channels_are_unknown(saved, exported):
    model, images = _map_model.load(str(exported), trust=False), saved_networks.example(3, 37, 22)
    images[0, :, :9] = images[1, 0, 5] = np.nan
    direct = pyfunc.load(saved, NAMES, trust=True)(images)
    np.testing.assert_allclose(model.predict(images), direct, atol=portable_parity.TOLERANCE)
    assert np.isnan(direct[0, :9]).all() and np.isfinite(direct[1]).all()
    assert model.card == _map_model.load(saved, trust=True).card


@pytest.mark.slow
def test_exported_twice_the_bytes_are_the_same_and_say_nothing_of_this_machine(saved, exported, tmp_path):
    content = exported.read_bytes()
    assert str(exported.parent).encode() not in content and b"rojsat.learn" not in content
    again = call(saved, tmp_path / "again.onnx")
    assert again.read_bytes() == content
    first, second = (file.with_suffix(".md").read_text() for file in (exported, again))
    assert second == first.replace("free.onnx", "again.onnx")
    assert "R² 0.2; the best predictor without an image has 0.1" in first and "Code: rojsat, MIT" in first


@pytest.mark.slow
@pytest.mark.parametrize("head", [heads.linear(2), heads.quantiles(1)], ids=["classes", "quantiles"])
def test_one_plane_is_left_of_other_heads_the_probability_of_need_or_the_median(tmp_path, head):
    folder = saved_networks.save(tmp_path / "saved", head)
    model = _map_model.load(str(call(folder, tmp_path / "model.onnx")), trust=False)
    images = saved_networks.example(2, 19, 33)
    direct = pyfunc.load(folder, NAMES, trust=True)(images)
    np.testing.assert_allclose(model.predict(images), direct, atol=portable_parity.TOLERANCE)


@pytest.mark.slow
def test_a_network_of_published_layers_is_the_same_after_training(tmp_path, monkeypatch):
    monkeypatch.setitem(encoders["resnet18"]["params"], "layers", [1] * 4)  # each block once
    network = saved_networks.trained(segformer.build(2, 1, encoder="resnet18"))
    folder = saved_networks.save(tmp_path / "saved", network=network)
    file, images = call(folder, tmp_path / "model.onnx"), saved_networks.example(2, 45, 64)
    images[0, :, :9] = np.nan
    direct = pyfunc.load(folder, NAMES, trust=True)(images)
    degrees = _map_model.load(str(file), trust=False).predict(images)
    np.testing.assert_allclose(degrees, direct, atol=portable_parity.TOLERANCE)
    assert np.nanstd(direct) > 1e-3


@pytest.fixture(scope="module")
def of_indices(tmp_path_factory):
    return saved_networks.save(tmp_path_factory.mktemp("indices") / "saved", names=INDICES)


@pytest.mark.slow
def test_a_model_on_indices_takes_the_bands_of_a_scene_and_computes_them_itself(of_indices, tmp_path, capsys):
    file, images = call(of_indices, tmp_path / "model.onnx"), saved_networks.example(2, 30, 41)
    assert "1. B08: reflectance in [0, 1]" in file.with_suffix(".md").read_text()
    model = _map_model.load(str(file), trust=False)
    assert model.card.names == model.card.planes == ("B08", "B04")
    bands = images[:, ::-1].copy()
    bands[0, :, :9], bands[1, 1, 5], bands[1, :, 7] = np.nan, np.nan, 0
    direct = portable_indices.from_planes(pyfunc.load(of_indices, INDICES, trust=True), INDICES, 1)
    expected = direct(np.where((bands == 0).all(axis=1, keepdims=True), np.float32(np.nan), bands))
    np.testing.assert_allclose(model.predict(bands), expected, atol=portable_parity.TOLERANCE)
    assert np.isnan(expected[0, :9]).all() and np.isnan(expected[1, 7]).all() and np.isfinite(expected[1, 5]).all()


@pytest.mark.slow
@pytest.mark.parametrize("names", [NAMES, INDICES], ids=["bands", "indices"])
def test_deepness_gets_them_too_from_a_raster_of_stored_numbers(saved, of_indices, tmp_path, names):
    scale, offset, model = 0.0001, -0.1, saved if names == NAMES else of_indices
    path = call(model, tmp_path / "tile.onnx", "tile=32", f"scale={scale}", f"offset={offset}")
    bands = saved_networks.example(1, 32, 32, names=channels.needs(names))[0]
    stored = np.rint((bands - offset) / scale).astype(np.uint16)
    stored[:, 20:] = 0  # what lies beyond the edge of the image
    transform = rasterio.transform.from_origin(map_scenes.EAST, map_scenes.NORTH, 10, 10)
    grid = {"driver": "GTiff", "dtype": "uint16", "count": 2, "height": 32, "width": 32, "crs": map_scenes.CRS}
    with rasterio.open(tmp_path / "raster.tif", "w", transform=transform, **grid) as file:
        file.write(stored)
    images = (stored * np.float32(scale) + np.float32(offset))[None].astype(np.float32)
    images[:, :, 20:] = np.nan
    direct = portable_indices.from_planes(pyfunc.load(model, names, trust=True), names, 1)
    expected = np.nan_to_num(direct(images)[0])
    np.testing.assert_allclose(deepness(path, tmp_path / "raster.tif"), expected, atol=portable_parity.TOLERANCE)
    assert expected[:20].std() > 0.01 and (expected[20:] == 0).all()


@pytest.mark.slow
def test_a_file_that_predicts_something_else_is_not_left(saved, exported, tmp_path, monkeypatch):
    monkeypatch.setattr(portable_graph, "convert", lambda *more, **names: onnx.load(exported))
    right = portable_parity.of_program
    monkeypatch.setattr(portable_parity, "of_program", lambda program: lambda images: right(program)(images) + 2e-4)
    with pytest.raises(ValueError, match="degrees that differ by 0.0002 from torch's"):
        call(saved, tmp_path / "wrong.onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_dry_run_prints_the_bands_and_writes_nothing(saved, tmp_path, capsys):
    call(saved, tmp_path / "dry.onnx", "offset=-0.1", dry=True)
    assert "1. B04: reflectance in [0, 1] = value in the raster x 0.0001 -0.1" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_an_estimator_on_pixels_and_a_model_of_all_dates_are_refused_with_what_is_possible(saved, tmp_path):
    series = shutil.copytree(saved, tmp_path / "series")
    (series / "MLmodel").write_text((series / "MLmodel").read_text().replace("blocks: null", "blocks: 1"))
    with pytest.raises(ValueError, match="reads all dates of a place at once"):
        call(series, tmp_path / "series.onnx")
    folder = shutil.copytree(saved, tmp_path / "pixels")
    text = (folder / "MLmodel").read_text()
    (folder / "MLmodel").write_text(text.replace("mlflow_network.py", "mlflow_pixels.py"))
    with pytest.raises(ValueError, match="an estimator of scikit-learn on single pixels, and only networks"):
        call(folder, tmp_path / "pixels.onnx")
    with pytest.raises(ValueError, match="tile=1 is too small for this network"):
        call(saved, tmp_path / "small.onnx", "tile=1")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "model=, out= missing"),
        (["model=unet"], "out= missing"),
        (["model=unet", "out=x.onnx", "fast"], "fast is no key"),
        (["model=theirs.onnx", "out=x.onnx"], "is an ONNX file already"),
        (["model=unet", "out=x.pt"], "must be a file that ends in .onnx"),
        (["model=unet", "out=nowhere/x.onnx"], "there is no folder nowhere"),
        (["model=unet", "out=x.onnx", "tile=big"], "tile=big is neither free nor a number"),
        (["model=unet", "out=x.onnx", "scale=0"], "scale=0 must be above 0"),
        (["model=unet", "out=x.onnx", "offset=none"], "offset=none is no number"),
        (["model=unet", "out=x.onnx", "side=3"], "key of rojsat.stages.export"),
    ],
)
def test_words_that_cannot_be_are_refused_before_anything_is_imported(words, message):
    with pytest.raises(ValueError, match=message):
        export.run(words)
