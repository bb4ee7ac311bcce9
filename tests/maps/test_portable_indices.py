import numpy as np
import onnx
import onnxruntime
import pytest

from rojsat.chips import channels
from rojsat.maps import portable_graph, portable_indices

NAMES = (*channels.__all__, "B08", "tci.r")


def session(names, dates):
    """A graph of nothing but the nodes that compute channels."""
    nodes, constants = portable_indices.nodes(onnx.helper.make_node, names, dates, "planes", "channels")
    value, sides = onnx.helper.make_tensor_value_info, ["height", "width"]
    planes = len(channels.needs(names))
    given = value("planes", onnx.TensorProto.FLOAT, ["batch", dates * planes, *sides])
    result = value("channels", onnx.TensorProto.FLOAT, ["batch", dates * len(names), *sides])
    numbers = [onnx.numpy_helper.from_array(number, name) for name, number in constants.items()]
    graph = onnx.helper.make_graph(nodes, "indices", [given], [result], numbers)
    versions = [onnx.helper.make_opsetid("", portable_graph.OPSET)]
    model = onnx.helper.make_model(graph, opset_imports=versions, ir_version=portable_graph.IR_VERSION)
    onnx.checker.check_model(model, full_check=True)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("dates", [1, 2])
def test_a_graph_computes_every_channel_as_training_does_also_where_none_is_defined(dates):
    planes = channels.needs(NAMES)
    rng = np.random.default_rng(0)
    images = rng.uniform(-0.02, 0.6, (2, dates * len(planes), 40, 30)).astype(np.float32)
    images[:, :, 0], images[:, 1, 1], images[0, 2, :, 3] = 0, np.nan, np.inf
    images[:, :, 2] = images[:, :1, 2]  # all bands alike: differences of 0
    expected = portable_indices.from_planes(lambda computed: computed, NAMES, dates)(images)
    (computed,) = session(NAMES, dates).run(None, {"planes": images})
    np.testing.assert_array_equal(np.isnan(computed), np.isnan(expected))
    np.testing.assert_allclose(computed, expected, rtol=1e-5, atol=1e-6)
    assert expected.shape[1] == dates * len(NAMES) and 0.01 < np.isnan(expected).mean() < 0.5


def test_an_image_like_those_of_training_has_their_percentiles():
    levels, values = [1, 25, 50, 75, 99], {"B04": [0, 0.02, 0.03, 0.04, 0.1], "B08": [0.1, 0.2, 0.25, 0.3, 0.5]}
    image, spread = portable_indices.example({"levels": levels, "planes": values}, ("B04", "B08"), 2, (50, 60))
    assert image.shape == (1, 4, 50, 60) and (spread > 0).all()
    for number, plane in enumerate(("B04", "B08")):
        np.testing.assert_allclose(np.percentile(image[0, number], 50), values[plane][2], rtol=0.1)
        assert image[0, number].min() >= values[plane][0] and image[0, number].max() <= values[plane][-1]
