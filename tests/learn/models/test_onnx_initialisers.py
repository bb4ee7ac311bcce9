import pytest
import torch

from rojsat.learn.models import onnx_initialisers


def model(**fields):
    """An ONNX file of one initialiser."""
    content = onnx_initialisers._model_class()()
    content.graph.initializer.add(name="weight", dims=[2, 2], **fields)
    return content.SerializeToString()


VALUES = torch.tensor([[1.5, -2], [0.25, 3]])


@pytest.mark.parametrize(
    "fields",
    [
        {"data_type": 1, "raw_data": VALUES.numpy().tobytes()},
        {"data_type": 1, "float_data": VALUES.flatten().tolist()},
        {"data_type": 10, "raw_data": VALUES.half().numpy().tobytes()},
    ],
)
def test_initialisers_are_read_from_either_field_and_precision(tmp_path, fields):
    (tmp_path / "model.onnx").write_bytes(model(**fields))
    state = onnx_initialisers.read(tmp_path / "model.onnx")
    assert state.keys() == {"weight"}
    assert torch.equal(state["weight"], VALUES)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"no model", "no ONNX file"), (model(data_type=7, raw_data=bytes(32)), "no initialisers of floats")],
)
def test_a_file_without_weights_is_refused(tmp_path, content, message):
    (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        onnx_initialisers.read(tmp_path / "model.onnx")
