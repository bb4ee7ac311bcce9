"""Weights of an ONNX file: its initialisers, read by protobuf with the few fields of the format that hold them."""

import functools
import importlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

_FIELDS = {
    # of onnx.proto (ONNX IR version 3 and later): number, whether repeated, type
    "ModelProto": {"graph": (7, False, "GraphProto")},
    "GraphProto": {"initializer": (5, True, "TensorProto")},
    "TensorProto": {
        "dims": (1, True, "INT64"),
        "data_type": (2, False, "INT32"),
        "float_data": (4, True, "FLOAT"),
        "name": (8, False, "STRING"),
        "raw_data": (9, False, "BYTES"),
    },
}

_FLOATS: dict[int, np.dtype[Any]] = {1: np.dtype("<f4"), 10: np.dtype("<f2")}
"""`TensorProto.DataType` FLOAT and FLOAT16, by their numbers."""


def read(path: Path) -> dict[str, Tensor]:
    """The initialisers of an ONNX file by their names, as 32-bit floats; those of integers are no weights.

    Raises:
        ValueError: if the file is no ONNX model, or has no initialiser of floats; or if protobuf is missing.
    """
    model = _model_class()()
    try:
        model.ParseFromString(path.read_bytes())
    except _protobuf("message").DecodeError as error:
        raise ValueError(f"{path} is no ONNX file ({error})") from error
    weights = {each.name: _tensor(each) for each in model.graph.initializer if each.data_type in _FLOATS}
    if not weights:
        raise ValueError(f"{path} holds no initialisers of floats; export the model with its weights")
    return weights


def _tensor(initialiser: Any) -> Tensor:
    stored, raw = _FLOATS[initialiser.data_type], initialiser.raw_data
    values = np.frombuffer(raw, stored) if raw else np.array(initialiser.float_data)
    return torch.from_numpy(values.reshape(tuple(initialiser.dims)).astype(np.float32))


def _protobuf(module: str) -> Any:
    """A module of protobuf, which only these weights need."""
    try:
        return importlib.import_module(f"google.protobuf.{module}")
    except ModuleNotFoundError as error:
        raise ValueError(f'weights of an ONNX file need protobuf ({error}): pip install "rojsat[weights]"') from error


@functools.cache
def _model_class() -> Any:
    described_by = _protobuf("descriptor_pb2")
    file = described_by.FileDescriptorProto(name="rojsat/onnx_initialisers.proto", package="rojsat.onnx")
    kinds = described_by.FieldDescriptorProto
    for message, fields in _FIELDS.items():
        described = file.message_type.add(name=message)
        for name, (number, repeated, kind) in fields.items():
            label = kinds.LABEL_REPEATED if repeated else kinds.LABEL_OPTIONAL
            field = described.field.add(name=name, number=number, label=label)
            if kind in _FIELDS:
                field.type, field.type_name = kinds.TYPE_MESSAGE, f".rojsat.onnx.{kind}"
            else:
                field.type = getattr(kinds, f"TYPE_{kind}")
    pool = _protobuf("descriptor_pool").DescriptorPool()
    pool.Add(file)
    return _protobuf("message_factory").GetMessageClass(pool.FindMessageTypeByName("rojsat.onnx.ModelProto"))
