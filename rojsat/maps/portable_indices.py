"""Spectral indices inside an ONNX graph: the formulas of `rojsat.chips.channels`, whose numpy functions write nodes.

A model on indices takes stored bands then, as a raster of a scene has them. Knows onnx by the functions it is given.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from rojsat.chips import channels

OPERATORS: Mapping[Any, str] = {
    np.add: "Add",
    np.subtract: "Sub",
    np.multiply: "Mul",
    np.true_divide: "Div",
    np.power: "Pow",
    np.absolute: "Abs",
    np.sqrt: "Sqrt",
    np.maximum: "Max",
    np.greater: "Greater",
    np.greater_equal: "GreaterOrEqual",
    np.less_equal: "LessOrEqual",
}
"""Operators of ONNX by the functions of numpy that formulas are made of."""

LARGEST = float(np.finfo(np.float32).max)

MakeNode = Callable[..., Any]
"""`onnx.helper.make_node`."""


class GraphNodes:
    """Nodes of a graph, in the sequence that formulas call for them.

    Attributes:
        nodes: so far.
        constants: float32 numbers that they use, by name.
    """

    def __init__(self, make: MakeNode) -> None:
        """There is no node yet."""
        self._make = make
        self.nodes: list[Any] = []
        self.constants: dict[str, NDArray[np.float32]] = {}

    def add(self, operator: str, *values: Any, **attributes: Any) -> "GraphPlane":
        """A node of some planes and numbers."""
        result = f"index_{len(self.nodes)}"
        self.nodes.append(self._make(operator, [self._name(value) for value in values], [result], **attributes))
        return GraphPlane(self, result)

    def _name(self, value: Any) -> str:
        if isinstance(value, GraphPlane):
            return value.name
        name = f"index_number_{float(value):g}"
        self.constants[name] = np.array(value, np.float32)
        return name


class GraphPlane(NDArrayOperatorsMixin):
    """A plane (N, 1, H, W) of a graph: what numpy does with it becomes a node.

    Attributes:
        name: of the value in the graph.
    """

    def __init__(self, graph: GraphNodes, name: str) -> None:
        self._graph, self.name = graph, name

    def __array_ufunc__(self, function: Any, method: str, *values: Any, **how: Any) -> Any:
        """A node for an operator of numpy; a formula with another one is refused by numpy."""
        if method != "__call__" or how:
            return NotImplemented
        if function is np.isfinite:
            return abs(self) <= LARGEST  # of NaN it is false
        return self._graph.add(OPERATORS[function], *values) if function in OPERATORS else NotImplemented

    def __array_function__(self, function: Any, types: Any, values: Sequence[Any], how: Mapping[str, Any]) -> Any:
        """A node for `np.where` and `np.stack`."""
        if function is np.where and not how:
            return self._graph.add("Where", *values)
        if function is np.stack and not how:
            return self._graph.add("Concat", *values[0], axis=1)
        return NotImplemented

    def astype(self, kind: Any) -> "GraphPlane":
        """Itself: all numbers of the graph are float32."""
        assert kind is np.float32
        return self


def nodes(
    make: MakeNode, names: Sequence[str], dates: int, source: str, result: str
) -> tuple[list[Any], dict[str, NDArray[np.float32]]]:
    """The nodes that compute channels from stored planes, and their constants by name.

    Args:
        make: `onnx.helper.make_node`.
        names: C channels of one date.
        dates: T that are stacked.
        source: name of the planes in the graph, (N, T P, H, W) of the P planes `channels.needs(names)`.
        result: name of the channels, (N, T C, H, W).
    """
    graph, planes = GraphNodes(make), channels.needs(names)
    parts = [f"{plane}_of_{number}" for number in range(dates) for plane in planes]
    graph.nodes.append(make("Split", [source], parts, axis=1, num_outputs=len(parts)))
    computed: list[Any] = []
    for first in range(0, len(parts), len(planes)):
        of_date: dict[str, Any] = {
            plane: GraphPlane(graph, part) for plane, part in zip(planes, parts[first:], strict=False)
        }
        computed.append(np.stack([_channel(name, of_date) for name in names]))
    graph.nodes.append(make("Concat", [block.name for block in computed], [result], axis=1))
    return graph.nodes, graph.constants


def _channel(name: str, planes: Mapping[str, Any]) -> Any:
    """A channel as `channels.compute` has it: NaN where it is not finite."""
    is_index = name in channels.__all__
    plane = getattr(channels, name)(*(planes[band] for band in channels.bands(name))) if is_index else planes[name]
    return np.where(np.isfinite(plane), plane, np.nan)


def from_planes(
    predict: Callable[[NDArray[np.float32]], NDArray[np.float32]], names: Sequence[str], dates: int
) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """A model of channels as one of stored planes, the channels computed by numpy; shapes as of `nodes`."""
    planes = channels.needs(names)

    def of_planes(images: NDArray[np.float32]) -> NDArray[np.float32]:
        blocks = [
            np.stack([channels.compute(names, dict(zip(planes, image, strict=True))) for image in block])
            for block in np.split(images, dates, axis=1)
        ]
        return predict(np.concatenate(blocks, axis=1))

    return of_planes


def example(
    distribution: Mapping[str, Any], planes: Sequence[str], dates: int, shape: Sequence[int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """An image of stored planes as training had them, drawn from their percentiles alone.

    Args:
        distribution: of the training pixels (`rojsat.chips.plane_distribution`).
        planes: P stored planes.
        dates: T that are stacked.
        shape: height and width, pixels.

    Returns:
        (1, T P, H, W), all dates alike, and T P deviations of a little noise.
    """
    rng = np.random.default_rng(0)
    light = rng.random(tuple(shape))  # of a pixel, dark or bright in all planes
    levels, image = np.array(distribution["levels"]) / 100, []
    for plane in planes:
        share = np.clip(light + 0.1 * rng.standard_normal(light.shape), 0, 1)
        known = distribution["planes"].get(plane)  # of the outline, which every pixel lies in, there is none
        image.append(np.ones(share.shape) if known is None else np.interp(share, levels, known))
    stacked = np.stack(image * dates).astype(np.float32)
    return stacked[None], 0.1 * stacked.std(axis=(1, 2))
