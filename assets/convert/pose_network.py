"""A forged person's network: what the pose does to the mesh, and how much of each shape on the Gaussians shows.

joints (J, 12)      turns of the driven joints, less the identity: x (1, 9 D)
x                   offsets (V, 3) as mesh.MeshNetwork has them
x, expression       weights: tanh of the face's muscles, the shade of the pose, tanh of each joint's bending
"""

from __future__ import annotations

import numpy as np
import onnx

from assets.avatar import Skeleton
from assets.convert.graph import Graph
from assets.forge.correctives.mapping import Mapping
from assets.forge.correctives.mesh import MeshNetwork
from assets.forge.correctives.poses import driven
from assets.forge.source import I32


def network(skeleton: Skeleton, mesh: MeshNetwork, mapping: Mapping, shifting: I32) -> onnx.ModelProto:
    """`offsets` (V, 3), `light` (1, H + S + B), the weights, and `shift`, those of them that `shifting` numbers."""
    graph = Graph("pose")
    x = _features(graph, skeleton)
    graph.output(_offsets(graph, mesh, x), "offsets", (mesh.vertices, 3))
    expression = graph.input("expression", (1, mapping.face.shape[1]))
    weights = graph.op(
        "Concat",
        graph.op("Tanh", graph.linear(expression, mapping.face)),
        graph.linear(x, mapping.shade),
        graph.op("Tanh", graph.linear(x, mapping.bends)),
        axis=1,
    )
    count = len(mapping.face) + len(mapping.shade) + len(mapping.bends)
    graph.output(weights, "light", (1, count))
    shift = graph.op("Gather", weights, graph.constant(shifting.astype(np.int64)), axis=1)
    graph.output(shift, "shift", (1, len(shifting)))
    return graph.model()


def _features(graph: Graph, skeleton: Skeleton) -> str:
    """(1, 9 D) as poses.features."""
    own = np.array(driven(skeleton), np.int64)
    joints = graph.reshape(graph.input("joints", (len(skeleton.names), 12)), (len(skeleton.names), 3, 4))
    turns = graph.op("Gather", joints, graph.constant(np.arange(3)), axis=2)
    here = graph.op("Gather", turns, graph.constant(own), axis=0)
    above = graph.op("Gather", turns, graph.constant(skeleton.parents[own].astype(np.int64)), axis=0)
    local = graph.op("MatMul", graph.op("Transpose", above, perm=[0, 2, 1]), here)
    still = graph.constant(np.tile(np.eye(3).ravel(), len(own))[None])
    return graph.op("Sub", graph.reshape(local, (1, 9 * len(own))), still)


def _offsets(graph: Graph, mesh: MeshNetwork, x: str) -> str:
    hidden = graph.op("Tanh", graph.linear(x, mesh.inner, mesh.bias[None]))
    hidden = graph.op("Sub", hidden, graph.constant(np.tanh(mesh.bias)[None]))
    wide = graph.op("Concat", x, hidden, axis=1)
    regions, width, _ = mesh.out.shape
    vectors = graph.split(graph.linear(wide, mesh.out.reshape(regions * width, -1)), regions, axis=1)
    moved = [
        graph.linear(graph.reshape(vector, (3, width // 3)), shape)
        for vector, shape in zip(vectors, mesh.shapes, strict=True)
    ]
    found = graph.op("Concat", *moved, graph.constant(np.zeros((3, 1))), axis=1)
    number = np.full(mesh.vertices, sum(len(member) for member in mesh.members), np.int64)
    number[np.concatenate(mesh.members)] = np.arange(sum(len(member) for member in mesh.members))
    spread = graph.op("Gather", found, graph.constant(number), axis=1)
    return graph.op("Transpose", spread, perm=[1, 0])
