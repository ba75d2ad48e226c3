"""From a glTF file's parts to one mesh at rest: every primitive where the scene shows it, skins and morph targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.importers import gltf
from assets.importers.accessors import Accessors
from assets.importers.cloud import RefusedError
from assets.importers.gltf import Gltf, pick
from assets.importers.humanoid import role_of
from assets.importers.materials import read_materials
from assets.importers.model import F32, F64, I64, Model, Piece, Target
from assets.importers.nodes import Joints, Tree, joints_of, tree_of

_MOST: Final = 1 << 19
"""Vertices and triangles that are taken; each vertex has 52 offsets."""
_TRIANGLES, _STRIP, _FAN = 4, 5, 6
_FARTHEST: Final = 1e7
_SMALLEST: Final = 1e-12
"""Share of the box's surface below which a triangle is none."""


@dataclass(frozen=True)
class _Part:
    """One primitive in the world."""

    vertices: F64
    normals: F64
    uv: F64
    colours: F32
    triangles: I64
    material: int
    joints: I64
    weights: F64
    targets: dict[Target, F32]


def read_model(file: Gltf, roles: Mapping[str, int]) -> Model:
    """The character in a file; `roles`: VRM's humanoid bones → node. Raises RefusedError."""
    tree = tree_of(file)
    document = file.document
    shown = [node for node in tree.order if document.nodes[node].mesh is not None]
    skins = {document.nodes[node].skin for node in shown} - {None}
    chosen = {joint for skin in skins if skin is not None for joint in pick(document.skins, skin, "skin").joints}
    chosen |= set(roles.values())
    if not chosen:
        chosen = {node for node in tree.order if role_of(document.nodes[node].name) in ("leftEye", "rightEye")}
    joints = joints_of(file, tree, chosen)
    accessors = Accessors(file)
    materials = read_materials(file)
    parts: list[_Part] = []
    for node in shown:
        mesh = pick(document.meshes, document.nodes[node].mesh or 0, "mesh")
        for primitive in mesh.primitives:
            if primitive.mode not in (_TRIANGLES, _STRIP, _FAN):
                continue  # points and lines
            material = len(materials) - 1 if primitive.material is None else primitive.material
            pick(materials, material, "material")
            parts.append(_part(file, accessors, tree, joints, node, primitive, material))
            if sum(max(len(part.vertices), len(part.triangles)) for part in parts) > _MOST:
                raise RefusedError(f"it has more than {_MOST} vertices or triangles; make its meshes simpler")
    if not sum(len(part.triangles) for part in parts):
        raise RefusedError("it shows no surface")
    named = {role: joints.index[node] for role, node in roles.items() if node in joints.index}
    return _joined(parts, joints, named, materials, _target_names(file), bool(skins))


def _part(
    file: Gltf, accessors: Accessors, tree: Tree, joints: Joints, node: int, primitive: gltf.Primitive, material: int
) -> _Part:
    named = primitive.attributes
    if "POSITION" not in named:
        raise RefusedError("it has a mesh without vertices")
    count = accessors.count(named["POSITION"])
    if primitive.indices is None:
        order = np.arange(count)
    else:
        order = accessors.whole(primitive.indices, "SCALAR")[:, 0]
        if order.max() >= count:
            raise RefusedError("it has a triangle whose corners are not there")
    corners = _triangles(order, primitive.mode)
    used, triangles = np.unique(corners, return_inverse=True)

    def read(name: str, *types: str) -> F32 | None:
        if name not in named:
            return None
        if accessors.count(named[name]) != count:
            raise RefusedError(f"it has a mesh with more of {name} than vertices, or less")
        return accessors.floats(named[name], *types)[used]

    position = read("POSITION", "VEC3")
    place = np.asarray(position, np.float64)
    normals = read("NORMAL", "VEC3")
    uv = np.zeros((len(used), 2, 2))
    for k in range(2):
        coordinates = read(f"TEXCOORD_{k}", "VEC2")
        if coordinates is not None:
            uv[:, k] = np.clip(coordinates, -1e4, 1e4)
    colours = np.ones((len(used), 4), np.float32)
    painted = read("COLOR_0", "VEC3", "VEC4")
    if painted is not None:
        colours[:, : painted.shape[1]] = painted
    skin = file.document.nodes[node].skin
    if skin is None or "JOINTS_0" not in named or "WEIGHTS_0" not in named:
        own = np.tile([joints.owner(node), 0, 0, 0], (len(used), 1))
        weights = np.tile([1.0, 0.0, 0.0, 0.0], (len(used), 1))
        matrices = np.broadcast_to(tree.world[node], (len(used), 4, 4))
    else:
        own, weights, matrices = _skinned(file, accessors, tree, joints, skin, named, used, count)
    place = np.einsum("vab,vb->va", matrices[:, :3, :3], place) + matrices[:, :3, 3]
    if not np.abs(place).max() < _FARTHEST:
        raise RefusedError("it has a mesh that lies nowhere")
    triangles = triangles.reshape(-1, 3)
    if len(matrices) and np.linalg.det(matrices[0, :3, :3]) < 0:
        triangles = triangles[:, ::-1]  # mirrored: the other way round
    mesh = file.document.nodes[node].mesh or 0
    targets = {}
    for k, target in enumerate(primitive.targets):
        if "POSITION" in target:
            if accessors.count(target["POSITION"]) != count:
                raise RefusedError("it has a shape with more vertices than its mesh, or fewer")
            moved = accessors.floats(target["POSITION"], "VEC3")[used]
            if not np.abs(moved).max() < _FARTHEST:
                raise RefusedError("it has a shape that lies nowhere")
            targets[mesh, k] = np.einsum("vab,vb->va", matrices[:, :3, :3], moved).astype(np.float32)
    shading = _normals(place, triangles)
    if normals is not None:
        normals = np.clip(normals, -1e3, 1e3)
        given = np.einsum("vab,vb->va", np.linalg.pinv(matrices[:, :3, :3]).transpose(0, 2, 1), normals)
        length = np.linalg.norm(given, axis=1, keepdims=True)
        shading = np.where(length > 1e-9, given / np.maximum(length, 1e-9), shading)
    return _Part(place, shading, uv, colours, triangles, material, own, weights, targets)


def _skinned(
    file: Gltf, accessors: Accessors, tree: Tree, joints: Joints, skin: int, named: Mapping[str, int], used: I64,
    count: int,
) -> tuple[I64, F64, F64]:  # fmt: skip
    """(V, 4) joints, (V, 4) weights, (V, 4, 4) mesh to world of the vertices `used`."""
    bones = pick(file.document.skins, skin, "skin")
    if not bones.joints or any(node not in tree.world for node in bones.joints):
        raise RefusedError("it has a skin with joints that are not in its scene")
    numbers, weights = [], []
    for k in range(2):
        if f"JOINTS_{k}" in named and f"WEIGHTS_{k}" in named:
            if accessors.count(named[f"JOINTS_{k}"]) != count or accessors.count(named[f"WEIGHTS_{k}"]) != count:
                raise RefusedError("it has a skin of more vertices than its mesh, or fewer")
            numbers.append(accessors.whole(named[f"JOINTS_{k}"], "VEC4")[used])
            weights.append(accessors.floats(named[f"WEIGHTS_{k}"], "VEC4")[used])
    number, weight = np.concatenate(numbers, axis=1), np.concatenate(weights, axis=1).astype(np.float64)
    weight = np.maximum(weight, 0)
    best = np.argsort(-weight, axis=1, kind="stable")[:, :4]
    number, weight = np.take_along_axis(number, best, axis=1), np.take_along_axis(weight, best, axis=1)
    number[weight == 0] = 0
    if number.max() >= len(bones.joints):
        raise RefusedError("it has a vertex on a joint that its skin has not")
    weight[weight.sum(axis=1) < 1e-6] = (1, 0, 0, 0)
    weight /= weight.sum(axis=1, keepdims=True)
    inverse = np.tile(np.eye(4), (len(bones.joints), 1, 1))
    if bones.inverse_bind_matrices is not None:
        given = accessors.floats(bones.inverse_bind_matrices, "MAT4")
        if len(given) < len(bones.joints):
            raise RefusedError("it has a skin with fewer matrices than joints")
        inverse = given[: len(bones.joints)].reshape(-1, 4, 4).transpose(0, 2, 1).astype(np.float64)
    to_world = np.stack([tree.world[node] for node in bones.joints]) @ inverse
    if not np.abs(to_world).max() < _FARTHEST:
        raise RefusedError("it has a skin that lies nowhere")
    own = np.array([joints.index[node] for node in bones.joints])
    return own[number], weight, np.einsum("vk,vkab->vab", weight, to_world[number])


def _triangles(order: I64, mode: int) -> I64:
    if mode == _TRIANGLES:
        return order[: len(order) - len(order) % 3].reshape(-1, 3)
    k = np.arange(max(len(order) - 2, 0))
    if mode == _FAN:
        return np.stack([np.broadcast_to(order[0], k.shape), order[k + 1], order[k + 2]], axis=1)
    odd = k % 2
    return np.stack([order[k], order[k + 1 + odd], order[k + 2 - odd]], axis=1)


def _normals(vertices: F64, triangles: I64) -> F64:
    corners = vertices[triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    total = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(total, triangles[:, k], normal)
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-30))


def _target_names(file: Gltf) -> dict[str, list[Target]]:
    """Morph targets by the names that exporters keep in extras."""
    found: dict[str, list[Target]] = {}
    for index, mesh in enumerate(file.document.meshes):
        names: Any = None
        for extras in (mesh.extras, *(primitive.extras for primitive in mesh.primitives)):
            names = names or (extras.get("targetNames") if isinstance(extras, dict) else None)
        for k, name in enumerate(names if isinstance(names, list) else ()):
            if isinstance(name, str):
                found.setdefault(name, []).append((index, k))
    return found


def _joined(
    parts: list[_Part], joints: Joints, roles: dict[str, int], materials: Any, names: dict[str, list[Target]],
    skinned: bool,
) -> Model:  # fmt: skip
    first = np.cumsum([0] + [len(part.vertices) for part in parts])
    pieces: dict[Target, list[Piece]] = {}
    for start, part in zip(first, parts, strict=False):
        for target, offsets in part.targets.items():
            pieces.setdefault(target, []).append(Piece(int(start), offsets))
    vertices = np.concatenate([part.vertices for part in parts])
    triangles = np.concatenate([part.triangles + start for part, start in zip(parts, first, strict=False)])
    material: NDArray[np.int64] = np.concatenate([np.full(len(part.triangles), part.material) for part in parts])
    corners = vertices[triangles]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    real = area > _SMALLEST * np.square(np.ptp(vertices, axis=0)).sum()
    if not real.any():
        raise RefusedError("it shows no surface")
    return Model(
        vertices=vertices,
        normals=np.concatenate([part.normals for part in parts]),
        uv=np.concatenate([part.uv for part in parts]),
        colours=np.concatenate([part.colours for part in parts]),
        triangles=triangles[real],
        material=material[real],
        materials=materials,
        skin_joints=np.concatenate([part.joints for part in parts]),
        skin_weights=np.concatenate([part.weights for part in parts]),
        names=joints.names,
        parents=joints.parents,
        rest=joints.rest,
        roles=roles,
        targets=pieces,
        target_names=names,
        skinned=skinned,
    )
