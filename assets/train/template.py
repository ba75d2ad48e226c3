"""The template of a capture: the mesh with its skeleton that the Gaussians will sit on.

It may come from an avatar (a forged person, an imported rig) or from any tool that can skin a mesh.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from assets.avatar import Avatar, Skeleton, TemplateMesh
from assets.errors import CaptureError

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
Indices = NDArray[np.integer[Any]]

MAX_BYTES: Final = 1 << 30
_TYPES: Final[dict[str, Any]] = {
    "vertices": np.float32, "triangles": np.int32, "skin_joints": np.uint16, "skin_weights": np.float32,
    "shapes": np.float16, "joint_parents": np.int32, "joint_rest": np.float32,
}  # fmt: skip


@dataclass(frozen=True)
class Template:
    """A mesh that moves, and what moves it."""

    mesh: TemplateMesh
    skeleton: Skeleton
    expressions: tuple[str, ...]


def template_of(avatar: Avatar) -> Template:
    """The mesh of an avatar, as far as it carries Gaussians: what lies under clothes is left out."""
    carrying = np.zeros(len(avatar.mesh.vertices), bool)
    carrying[avatar.mesh.triangles[np.unique(avatar.gaussians.triangle)]] = True
    near = carrying[avatar.mesh.triangles].any(axis=1)  # small triangles may carry none between others that do
    return part(Template(avatar.mesh, avatar.skeleton, avatar.expressions), np.flatnonzero(near))


def part(template: Template, triangles: Indices) -> Template:
    """The template with only these triangles, and the vertices that they use."""
    mesh = template.mesh
    used, inverse = np.unique(mesh.triangles[triangles], return_inverse=True)
    return replace(template, mesh=TemplateMesh(
        vertices=mesh.vertices[used],
        triangles=inverse.reshape(-1, 3).astype(np.int32),
        skin_joints=mesh.skin_joints[used],
        skin_weights=mesh.skin_weights[used],
        shapes=mesh.shapes[:, used],
    ))  # fmt: skip


def write_template(path: Path, template: Template) -> None:
    """Write it as safetensors; joint and expression names are the reader's to keep."""
    mesh, skeleton = template.mesh, template.skeleton
    arrays = {
        "vertices": mesh.vertices, "triangles": mesh.triangles, "skin_joints": mesh.skin_joints,
        "skin_weights": mesh.skin_weights, "shapes": mesh.shapes,
        "joint_parents": skeleton.parents, "joint_rest": skeleton.rest,
    }  # fmt: skip
    path.write_bytes(safetensors.numpy.save({k: np.ascontiguousarray(v) for k, v in sorted(arrays.items())}))


def read_template(path: Path, joints: list[str], expressions: list[str]) -> Template:
    """Read what `write_template` wrote, checked. Raises CaptureError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CaptureError(f"{path} is refused: it is {path.stat().st_size} bytes long.")
        arrays: dict[str, NDArray[Any]] = safetensors.numpy.load(path.read_bytes())
    except FileNotFoundError:
        raise CaptureError(f"The capture has no {path.name}; name an avatar to take the template from.") from None
    except (SafetensorError, ValueError, KeyError, OSError) as error:
        raise CaptureError(f"{path} is damaged and cannot be read ({error}); write it again.") from None
    for name, kind in _TYPES.items():
        if name not in arrays or arrays[name].dtype != kind:
            raise CaptureError(f"{path} is damaged: {name} is missing, or is not {np.dtype(kind)}.")
    mesh = TemplateMesh(**{k: arrays[k] for k in ("vertices", "triangles", "skin_joints", "skin_weights", "shapes")})
    skeleton = Skeleton(tuple(joints), arrays["joint_parents"], arrays["joint_rest"])
    template = Template(mesh, skeleton, tuple(expressions))
    check_template(template, str(path))
    return template


def check_template(template: Template, where: str) -> None:
    """Raise CaptureError where shapes, indices or numbers do not fit together."""
    mesh, skeleton = template.mesh, template.skeleton
    verts, joints = len(mesh.vertices), len(skeleton.names)
    shapes: tuple[tuple[str, NDArray[Any], tuple[int, ...]], ...] = (
        ("vertices", mesh.vertices, (verts, 3)),
        ("triangles", mesh.triangles, (len(mesh.triangles), 3)),
        ("skin_joints", mesh.skin_joints, (verts, 4)),
        ("skin_weights", mesh.skin_weights, (verts, 4)),
        ("shapes", mesh.shapes, (len(template.expressions), verts, 3)),
        ("joint_parents", skeleton.parents, (joints,)),
        ("joint_rest", skeleton.rest, (joints, 4, 4)),
    )
    for name, array, shape in shapes:
        if array.shape != shape:
            raise CaptureError(f"{where} is damaged: {name} has shape {array.shape}, not {shape}.")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise CaptureError(f"{where} is damaged: {name} holds a value that is not a number.")
    if not (verts and len(mesh.triangles) and joints):
        raise CaptureError(f"{where} is empty.")
    for name, array, high in (("triangles", mesh.triangles, verts), ("skin_joints", mesh.skin_joints, joints)):
        if array.min() < 0 or array.max() >= high:
            raise CaptureError(f"{where} is damaged: {name} points outside its {high} entries.")
    if np.any(skeleton.parents >= np.arange(joints)) or skeleton.parents.min() < -1:
        raise CaptureError(f"{where} is damaged: a joint stands before its parent.")
