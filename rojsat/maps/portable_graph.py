"""A trained network as an ONNX graph: stored planes in their own units in, degrees out. Knows torch and onnx.

Spectral indices, standardisation, unknown pixels and padding are inside. The file runs by onnx and its runtime alone.
"""

import contextlib
import importlib
import io
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rojsat.chips import channels
from rojsat.maps import portable_indices

OPSET, IR_VERSION = 18, 8
"""Version of the operators and of the file format: onnxruntime 1.14 of February 2023, and all later ones, run them."""

INPUT, OUTPUT = "channels", "degree"
"""Names of the one input (N, P, H, W) and the one output (N, 1, H, W)."""

PLANES = "known_planes"
"""Name of what indices are computed from, NaN where a pixel is empty."""

NEAR = 1e-6
"""Mean distance over planes up to which a pixel holds what stands for no data; a step of reflectance is 1e-4."""


def load(path: Path) -> torch.export.ExportedProgram:
    """The program that `rojsat.learn.export` wrote: (N, C, H, W), NaN where unknown, to degrees (N, H, W)."""
    with _quiet():
        return torch.export.load(path)


def convert(
    program: torch.export.ExportedProgram, empty: Sequence[float], side: int | None, *, names: Sequence[str], dates: int
) -> Any:
    """The ONNX model of a program.

    A pixel whose planes are all NaN, all 0 or all `empty` is unknown: the network gets the mean of training, and its
    degree is NaN. It gets the mean for a single channel, too, that is NaN or computed from a plane that is.

    Args:
        program: see `load`.
        empty: values that an empty pixel of a raster has in the planes' own units: of the P planes that the channels
            are computed from, date by date.
        side: height and width that it takes, pixels; None: any, and any number of images either way.
        names: channels of one date.
        dates: how many are stacked.

    Returns:
        An `onnx.ModelProto` without a trace of the machine that made it.

    Raises:
        ValueError: if a package is missing, or the network has an operation that ONNX has not.
    """
    onnx = package("onnx")
    package("onnxscript")
    try:
        with _quiet():
            exported = torch.onnx.export(program, dynamo=True, opset_version=OPSET, optimize=True, verbose=False)
    except torch.onnx.errors.OnnxExporterError as error:
        reason = str(error).strip().partition("\n")[0]
        raise ValueError(
            f"this network cannot be written as ONNX ({reason}): use it by `rojsat predict` or MLflow"
        ) from error
    assert exported is not None  # None is of the exporter that writes a file by itself
    model = onnx.inliner.inline_local_functions(exported.model_proto)
    _forget_machine(model)
    _between(onnx, model.graph, np.asarray(empty, np.float32), side, names, dates)
    model.ir_version = IR_VERSION
    model.producer_name = "rojsat"
    onnx.checker.check_model(model, full_check=True)
    return model


def with_texts(model: Any, texts: Mapping[str, str]) -> bytes:
    """The bytes of the file of a model that carries some texts."""
    package("onnx").helper.set_model_props(model, dict(texts))
    return bytes(model.SerializeToString(deterministic=True))


def package(name: str) -> Any:
    """A package of the extra `export`.

    Raises:
        ValueError: if it is missing.
    """
    try:
        importlib.import_module("onnx.inliner" if name == "onnx" else name)
    except ModuleNotFoundError as error:
        raise ValueError(
            f'the package {name} is missing, which ONNX files need: pip install "rojsat[export]"'
        ) from error
    return importlib.import_module(name)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without what the exporter tells developers of torch."""
    level = logging.getLogger("torch").level
    logging.getLogger("torch").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.getLogger("torch").setLevel(level)


def _forget_machine(model: Any) -> None:
    """Drop names of scopes, and stack traces with the folders of this machine: two exports give the same bytes."""
    del model.metadata_props[:]
    for graph in _graphs(model.graph):
        del graph.value_info[:]
        for part in (graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
            del part.metadata_props[:]
            part.doc_string = ""


def _graphs(graph: Any) -> Iterator[Any]:
    """A graph, and those inside its nodes."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs) if attribute.HasField("g") or attribute.graphs else ():
                yield from _graphs(inner)


def _between(onnx: Any, graph: Any, empty: np.ndarray, side: int | None, names: Sequence[str], dates: int) -> None:
    """Put empty pixels and indices before the network, and a plane of its own around the degree behind it."""
    make, numbers = onnx.helper.make_node, onnx.numpy_helper.from_array
    own, result = graph.input[0].name, graph.output[0].name
    if own == INPUT or result == OUTPUT:
        _rename(graph, {INPUT: f"{INPUT}_of_network", OUTPUT: f"{OUTPUT}_of_network"})
        own, result = graph.input[0].name, graph.output[0].name
    distances = {"zero": np.zeros_like(empty)} | ({"empty": empty} if empty.any() else {})
    nodes: list[Any] = []
    constants: dict[str, np.ndarray] = {"unknown": np.array(np.nan, np.float32), "axis": np.array([1], np.int64)}
    constants["near"] = np.array(NEAR * len(empty), np.float32)
    for name, values in distances.items():
        constants[f"value_{name}"] = values[None, :, None, None]
        nodes += [
            make("Sub", [INPUT, f"value_{name}"], [f"from_{name}"]),
            make("Abs", [f"from_{name}"], [f"distance_{name}"]),
            make("ReduceSum", [f"distance_{name}", "axis"], [f"sum_{name}"], keepdims=1),
            make("Less", [f"sum_{name}", "near"], [f"at_{name}"]),
        ]
    is_empty = "at_zero"
    if "empty" in distances:
        is_empty = "at_either"
        nodes.append(make("Or", ["at_zero", "at_empty"], [is_empty]))
    has_indices = channels.needs(names) != tuple(names)
    nodes.append(make("Where", [is_empty, "unknown", INPUT], [PLANES if has_indices else own]))
    if has_indices:
        of_indices, numbers_used = portable_indices.nodes(make, names, dates, PLANES, own)
        nodes, constants = [*nodes, *of_indices], constants | numbers_used
    network = [*graph.node]
    del graph.node[:], graph.input[:], graph.output[:]
    graph.node.extend([*nodes, *network, make("Unsqueeze", [result, "axis"], [OUTPUT])])
    graph.initializer.extend(numbers(value, name) for name, value in constants.items())
    value, real = onnx.helper.make_tensor_value_info, onnx.TensorProto.FLOAT
    # the output has sides without a name: Deepness refuses two of them that differ
    graph.input.append(value(INPUT, real, ["batch", len(empty), side or "height", side or "width"]))
    graph.output.append(value(OUTPUT, real, ["batch", 1, side, side]))
    graph.name = "rojsat"


def _rename(graph: Any, names: dict[str, str]) -> None:
    """Give values of a graph other names."""
    for part in (*graph.input, *graph.output):
        part.name = names.get(part.name, part.name)
    for inner in _graphs(graph):
        for node in inner.node:
            node.input[:] = [names.get(name, name) for name in node.input]
            node.output[:] = [names.get(name, name) for name in node.output]
