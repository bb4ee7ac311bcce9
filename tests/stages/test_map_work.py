"""Cells of a map as a worker predicts them, who loads the model by its name."""

import json
from dataclasses import asdict

import onnx
import pytest

from rojsat.config.schema import Dask
from rojsat.maps import map_making, model_card, portable_texts
from rojsat.stages import _map_model, _map_work
from tests.support import map_scenes


def write_model(path):
    """An ONNX file that gives the mean of its second channel in 3 x 3 pixels, and says what it was trained on."""
    helper = onnx.helper
    shapes = {
        name: helper.make_tensor_value_info(name, 1, ["n", count, "h", "w"]) for name, count in (("x", 2), ("y", 1))
    }
    weights = helper.make_tensor("k", 1, (1, 2, 3, 3), [0.0] * 9 + [1 / 9] * 9)
    node = helper.make_node("Conv", ["x", "k"], ["y"], pads=[1, 1, 1, 1])
    graph = helper.make_graph([node], "mean", [shapes["x"]], [shapes["y"]], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    facts = asdict(map_scenes.card())
    described = {"task": "segmentation", "window": facts.pop("window"), model_card.KEY: facts}
    helper.set_model_props(model, {portable_texts.KEY: json.dumps(described)})
    onnx.save(model, path)


def test_a_worker_gives_the_bits_of_this_process(tmp_path):
    pytest.importorskip("onnxruntime")
    path, scene = tmp_path / "mean.onnx", map_scenes.write_scene(tmp_path, "2019-07-11")
    write_model(path)
    model = _map_model.load(str(path), trust=False)
    planned = map_making.plan([scene], map_scenes.stands((0, 0, 80, 60)), model.card, "scene", 16)
    folders = {name: map_making.begin(tmp_path / name, {}) for name in ("here", "worker")}
    _map_work.predict(planned, model, folders["here"], Dask("threads", None), named="", trust=False, batch=None)
    for group in map_making.remaining(planned, model.card, folders["worker"]):
        _map_work.of_group(group, str(path), False, 7, str(folders["worker"]))
    rasters = [map_making.rasters(planned, model.card, folder, folder.parent)[0] for folder in folders.values()]
    assert rasters[0].read_bytes() == rasters[1].read_bytes()
