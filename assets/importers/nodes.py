"""The nodes of a glTF file: their tree, their places in the world, and which of them are joints of a skeleton."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.importers.cloud import RefusedError
from assets.importers.gltf import Gltf, Node, pick

F64 = NDArray[np.float64]

_MOST: Final = 1 << 15
_MOST_JOINTS: Final = 1 << 11


@dataclass(frozen=True)
class Tree:
    """The nodes that the scene shows."""

    order: tuple[int, ...]
    """Parents first."""
    parents: Mapping[int, int]
    """-1 for those at the top."""
    world: Mapping[int, F64]
    """(4, 4) node to world."""


def tree_of(file: Gltf) -> Tree:
    """The nodes of the file's scene; raises RefusedError where they form no tree."""
    nodes = file.document.nodes
    if len(nodes) > _MOST:
        raise RefusedError(f"it has {len(nodes)} nodes, and {_MOST} are the most")
    scenes = file.document.scenes
    if scenes:
        tops = list(pick(scenes, file.document.scene or 0, "scene").nodes)
    else:
        below = {child for node in nodes for child in node.children}
        tops = [index for index in range(len(nodes)) if index not in below]
    parents, order = dict.fromkeys(tops, -1), list[int]()
    world: dict[int, F64] = {}
    waiting = list(reversed(tops))
    if len(parents) < len(waiting):
        raise RefusedError("its nodes form no tree")
    while waiting:
        index = waiting.pop()
        node = pick(nodes, index, "node")
        above = parents[index]
        order.append(index)
        with np.errstate(all="ignore"):
            world[index] = (world[above] if above >= 0 else np.eye(4)) @ _local(node)
        if not np.abs(world[index]).max() < 1e9:
            raise RefusedError(f"its node {index} lies nowhere")
        for child in reversed(node.children):
            if child in parents:
                raise RefusedError("its nodes form no tree")
            parents[child] = index
            waiting.append(child)
    return Tree(tuple(order), parents, world)


def _local(node: Node) -> F64:
    if node.matrix is not None:
        return np.array(node.matrix, np.float64).reshape(4, 4).T
    x, y, z, w = np.array(node.rotation) / max(float(np.linalg.norm(node.rotation)), 1e-12)
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    local = np.eye(4)
    local[:3, :3] = turn * np.array(node.scale)
    local[:3, 3] = node.translation
    return local


@dataclass(frozen=True)
class Joints:
    """A skeleton out of nodes, with a root of our own as joint 0."""

    names: tuple[str, ...]
    parents: NDArray[np.int64]
    rest: F64
    """(J, 4, 4) rigid."""
    index: Mapping[int, int]
    """Node → joint, of those that are joints."""
    tree: Tree

    def owner(self, node: int) -> int:
        """The joint that a node hangs from: its own, or the nearest above it."""
        while node >= 0 and node not in self.index:
            node = self.tree.parents[node]
        return self.index.get(node, 0)


def joints_of(file: Gltf, tree: Tree, chosen: set[int]) -> Joints:
    """The skeleton of these nodes; those that the scene does not show are left out. Raises RefusedError."""
    order = [node for node in tree.order if node in chosen]
    if len(order) >= _MOST_JOINTS:
        raise RefusedError(f"it has {len(order)} joints, and {_MOST_JOINTS} are the most")
    index = {node: k for k, node in enumerate(order, start=1)}
    names, taken = ["root"], {"root"}
    for node in order:
        name = file.document.nodes[node].name or f"joint_{node}"
        while name.lower() in taken:
            name += "_"
        taken.add(name.lower())
        names.append(name)
    rest = np.tile(np.eye(4), (len(order) + 1, 1, 1))
    parents = np.full(len(order) + 1, -1)
    for node, k in index.items():
        rest[k, :3, :3] = _rigid(tree.world[node][:3, :3])
        rest[k, :3, 3] = tree.world[node][:3, 3]
        above = tree.parents[node]
        while above >= 0 and above not in index:
            above = tree.parents[above]
        parents[k] = index.get(above, 0)
    return Joints(tuple(names), parents, rest, index, tree)


def _rigid(linear: F64) -> F64:
    """The rotation nearest to a linear map."""
    left, _, right = np.linalg.svd(linear)
    turn = left @ right
    if np.linalg.det(turn) < 0:
        left[:, 2] *= -1
        turn = left @ right
    return np.asarray(turn)
