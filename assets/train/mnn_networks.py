"""The student's networks as .mnn files that an avatar carries.

`pose`: joints (J, 12) and, where faces move, expression (1, E) -> weights (1, n) of the blend shapes, and bias (1, 64),
the pose's share of the other network's first layer. `mesh`: code (V, 64), the vertices' share, and bias -> offsets (V,
3), metres. So the pose is looked at once, not once a vertex.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import onnx
from numpy.typing import NDArray

from assets.convert.graph import Graph

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]


class Driven(Protocol):
    """What the networks are told of a frame; see networks.Driver."""

    @property
    def joints(self) -> Sequence[int]: ...

    @property
    def parents(self) -> Sequence[int]: ...

    @property
    def expressions(self) -> Sequence[int]: ...


def pose_network(params: Mapping[str, F32], driver: Driven, sizes: tuple[int, int]) -> onnx.ModelProto:
    """`sizes` are how many joints and expressions the avatar has. Its inputs and outputs are those that `params` and
    `driver` call for."""
    graph = Graph("pose")
    weights: list[str] = []
    if "body.weight0" in params or "mesh.pose" in params:
        spin = _spin(graph, graph.input("joints", (sizes[0], 12)), sizes[0], driver)
        if "body.weight0" in params:
            weights.append(_mapping(graph, params, "body", spin))
        if "mesh.pose" in params:
            bias = graph.linear(spin, params["mesh.pose"], params["mesh.bias0"][None])
            graph.output(bias, "bias", (1, len(params["mesh.bias0"])))
    if "head.weight0" in params:
        expression = graph.input("expression", (1, sizes[1]))
        face = graph.op("Gather", expression, graph.constant(np.array(driver.expressions, np.int64)), axis=1)
        weights.append(_mapping(graph, params, "head", face))
    if weights:
        count = sum(len(params[f"{name}.bias1"]) for name in ("body", "head") if f"{name}.bias1" in params)
        graph.output(graph.op("Concat", *weights, axis=1), "weights", (1, count))
    return graph.model()


def mesh_network(params: Mapping[str, F32], vertices: int, slope: float) -> onnx.ModelProto:
    """The layers after the first of `networks.mesh_offsets`."""
    graph = Graph("mesh")
    wide = len(params["mesh.bias0"])
    x = graph.op("Add", graph.input("code", (vertices, wide)), graph.input("bias", (1, wide)))
    for k in range(1, 1 + sum(name.startswith("mesh.weight") for name in params)):
        x = graph.op("LeakyRelu", x, alpha=slope)
        x = graph.linear(x, params[f"mesh.weight{k}"], params[f"mesh.bias{k}"][None])
    graph.output(x, "offsets", (vertices, 3))
    return graph.model()


def _mapping(graph: Graph, params: Mapping[str, F32], name: str, given: str) -> str:
    hidden = graph.op("Tanh", graph.linear(given, params[f"{name}.weight0"], params[f"{name}.bias0"][None]))
    return graph.linear(hidden, params[f"{name}.weight1"], params[f"{name}.bias1"][None])


def _spin(graph: Graph, joints: str, count: int, driver: Driven) -> str:
    """(1, 3 joints) as `networks.Driver.pose`: products of columns of the parents' and the joints' rotations."""
    flat = graph.reshape(joints, (12 * count,))
    own, above = np.array(driver.joints, np.int64), np.array(driver.parents, np.int64)

    def columns(which: I64, numbers: tuple[int, int, int]) -> str:
        places = [12 * which[:, None] + 4 * np.arange(3) + number for number in numbers]
        return graph.op("Gather", flat, graph.constant(np.stack(places, 1).reshape(-1)), axis=0)

    def products(a: tuple[int, int, int], b: tuple[int, int, int]) -> str:
        return graph.op("Mul", columns(above, a), columns(own, b))

    difference = graph.op("Sub", products((2, 0, 1), (1, 2, 0)), products((1, 2, 0), (2, 0, 1)))
    thirds = np.kron(np.eye(3 * len(own)), np.ones((1, 3)))
    return graph.linear(graph.reshape(difference, (1, 9 * len(own))), thirds / 2)
