"""A trained model as an avatar: Gaussians, blend shapes as tensors, networks as .mnn, and the graph that runs them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from assets.arkit import ARKIT_SHAPES
from assets.avatar import Avatar, Gaussians, TemplateMesh
from assets.convert.mnn import to_mnn
from assets.stages import StageSpec, corrected
from assets.train.capture import Capture
from assets.train.mnn_networks import mesh_network, pose_network
from assets.train.model import Model
from assets.train.networks import SLOPE
from assets.train.surface import frames

_LEVELS: Final = (8, 4, 2)
"""Levels of detail: the whole divided by these."""
_FEWEST: Final = 1000
"""Gaussians of a level, at least."""
_ROOM: Final = 1.5
_LEAST_REACH_M: Final = 0.001
_MOST_REACH_M: Final = 0.5


def to_avatar(model: Model, capture: Capture, provenance: dict[str, Any] | None = None) -> Avatar:
    """What the renderer draws as the trainer did. Raises ConversionError."""
    params = {name: value.detach().cpu().numpy() for name, value in model.params.items()}
    template, mesh, count = model.template, model.template.mesh, len(model.strewn.parent)
    tensors: dict[str, NDArray[Any]] = {}
    models: dict[str, bytes] = {}
    with torch.no_grad():
        rest = model.rest().cpu().numpy()
        if "mesh.code" in params:
            tensors["vertex_code"] = (model.code @ model.params["mesh.code"].T).cpu().numpy().astype(np.float16)
            models["mesh"] = to_mnn(mesh_network(params, len(rest), SLOPE))
    if "shapes.shift" in params:
        tensors |= {name: params[f"shapes.{name}"].astype(np.float16) for name in ("shift", "tint")}
    seen: list[str] = []
    if tensors:
        sizes = len(template.skeleton.names), len(template.expressions)
        network = pose_network(params, model.driver, sizes)
        seen = [port.name for port in network.graph.input]
        models["pose"] = to_mnn(network)
    named = bool(template.expressions)
    rotation = params["gaussians.rotation"]
    return Avatar(
        name=capture.name,
        licence=capture.licence,
        skeleton=template.skeleton,
        mesh=TemplateMesh(
            vertices=rest,
            triangles=mesh.triangles,
            skin_joints=mesh.skin_joints,
            skin_weights=mesh.skin_weights,
            shapes=mesh.shapes if named else np.zeros((len(ARKIT_SHAPES), len(rest), 3), np.float16),
        ),
        gaussians=Gaussians(
            triangle=model.strewn.parent,
            barycentric=model.strewn.barycentric,
            offset=params["gaussians.offset"],
            rotation=(rotation / np.linalg.norm(rotation, axis=1, keepdims=True)).astype(np.float32),
            scale=np.exp(params["gaussians.scale"]),
            opacity=(1 / (1 + np.exp(-params["gaussians.opacity"]))).astype(np.float32),
            sh=params["gaussians.sh"],
        ),
        expressions=template.expressions if named else ARKIT_SHAPES,
        levels=tuple(count // share for share in _LEVELS if count // share >= _FEWEST),
        stages=graph(seen, *reaches(model, capture)),
        models=models,
        tensors=tensors,
        provenance=provenance or {},
    )


def reaches(model: Model, capture: Capture) -> tuple[float | None, float | None]:
    """Metres by which the mesh network and the blend shapes move anything at most, with room for poses that the capture
    has none of; None where there is no such part."""
    mesh = blend = 0.0
    with torch.no_grad():
        _, edge = frames(model.rest(), model.rig.triangles)
        edges = edge[torch.as_tensor(model.strewn.parent.astype(np.int64), device=model.device)]
        for frame in capture.frames:
            posed = model.on_device(frame)
            moved, weights = model.corrections(posed), model.weights(posed)
            if moved is not None:
                mesh = max(mesh, float(moved.norm(dim=1).max()))
            if weights is not None:
                shift = torch.tensordot(weights, model.params["shapes.shift"], 1)
                blend = max(blend, float((shift.norm(dim=1) * edges).max()))
    found = "mesh.code" in model.params, "shapes.shift" in model.params
    return (
        min(_ROOM * mesh + _LEAST_REACH_M, _MOST_REACH_M) if found[0] else None,
        min(_ROOM * blend + _LEAST_REACH_M, _MOST_REACH_M) if found[1] else None,
    )


def graph(seen: list[str], mesh: float | None, blend: float | None) -> tuple[StageSpec, ...]:
    """The stages of an avatar whose networks see `seen` of a key; `mesh` and `blend` are `reaches`."""
    learned: list[StageSpec] = []
    if mesh is not None or blend is not None:
        made = ["weights"] * (blend is not None) + ["bias"] * (mesh is not None)
        options: dict[str, Any] = {"model": "pose", "inputs": seen, "outputs": made}
        learned.append(StageSpec("pose", "model", seen, made, "key", options))
    if mesh is not None:
        options = {"model": "mesh", "inputs": ["code", "bias"], "outputs": ["offsets"], "shared": ["bias"]}
        learned.append(StageSpec("mesh", "model", ["vertex_code", "bias"], ["vertex_offsets"], "key", options))
    if blend is not None:
        learned.append(StageSpec("shift", "blend", ["weights", "shift"], ["shifted"], "key"))
        learned.append(StageSpec("tint", "blend", ["weights", "tint"], ["tinted"], "key"))
    return corrected(
        learned,
        vertices=None if mesh is None else ("vertex_offsets", mesh),
        places=None if blend is None else ("shifted", blend),
        light=None if blend is None else "tinted",
    )
