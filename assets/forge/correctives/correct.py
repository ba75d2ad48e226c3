"""What moves with pose and expression besides skin and shapes: a forged person's offsets, wrinkles, folds and shade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from assets.errors import ForgeError
from assets.forge.anatomy.body import Body
from assets.forge.anatomy.face import Face
from assets.forge.correctives import folds, shade, wrinkles
from assets.forge.correctives.mapping import Mapping
from assets.forge.correctives.marks import Marks, lessened, unmarked
from assets.forge.correctives.mesh import MeshNetwork, learn
from assets.forge.correctives.poses import DRIVEN, drawn_poses, features, usual_poses
from assets.forge.layer import Layer, Surface, joined, positions, shifted, stacked
from assets.forge.source import F64
from assets.stages import StageSpec, corrected

MODEL: Final = "pose"
_ROOM: Final = 1.25
"""How much farther than in the poses that were tried offsets may reach."""
_TRIED: Final = 40
_SHIFT_REACH_M: Final = 0.01
_SHADED: Final = ("skin", "clothes")


@dataclass(frozen=True)
class Correctives:
    """Shapes for each layer, and the network that mixes them and moves the mesh."""

    marks: list[Marks]
    mesh: MeshNetwork
    mapping: Mapping
    reach: float
    """Metres by which the network moves vertices at most."""

    @property
    def shifting(self) -> NDArray[np.int32]:
        """Which shapes move Gaussians; the others only change their light."""
        moves = np.array([mark.shift.any(axis=(1, 2)) for mark in self.marks]).any(axis=0)
        return np.flatnonzero(moves).astype(np.int32)


def correctives(layers: Sequence[Layer], parts: Sequence[str], body: Body, *, age: float, seed: int) -> Correctives:
    """Of lit `layers`, of which `parts` says what each is: skin and clothes take wrinkles, folds and shade."""
    surface, _ = stacked([layer.surface for layer in layers])
    mesh = learn(body, surface, seed)
    faces, bends, shades = len(wrinkles.SHAPES), len(folds.SHAPES), shade.SHAPES
    learned, spread = _shade(layers, parts, body, mesh, surface, seed)
    mapping = Mapping(wrinkles.expression_weights(), learned.weights, _bends())
    marks, face = [], Face(body)
    for layer, part, share in zip(layers, parts, spread, strict=True):
        lines = wrinkles.wrinkles(layer, face, age, seed) if part == "skin" else unmarked(layer, faces)
        creases = folds.folds(layer, body, seed) if part == "clothes" else unmarked(layer, bends)
        light = [lines.light, lessened(layer, share[..., None]), creases.light]
        still = unmarked(layer, shades).shift
        marks.append(Marks(np.concatenate(light), np.concatenate([lines.shift, still, creases.shift])))
    return Correctives(marks, mesh, mapping, _reach(body, surface, mesh, seed))


def corrected_avatar(avatar: Avatar, found: Correctives, order: NDArray[np.intp]) -> Avatar:
    """The avatar of the layers, whose Gaussians stand in this order, with stages that correct it. Raises
    ConversionError, and ForgeError where what converts networks is not installed."""
    try:
        from assets.convert.mnn import to_mnn
        from assets.convert.pose_network import network
    except ModuleNotFoundError as error:
        raise ForgeError(
            f"Forging needs {error.name}, which is not installed: pip install 'visavis[convert]'."
        ) from None
    shifting = found.shifting
    light = np.concatenate([mark.light for mark in found.marks], axis=1)[:, order]
    shift = np.concatenate([mark.shift[shifting] for mark in found.marks], axis=1)[:, order]
    made = ["vertex_offsets", "light_weights", "shift_weights"]
    options: dict[str, Any] = {
        "model": MODEL,
        "inputs": ["joints", "expression"],
        "outputs": ["offsets", "light", "shift"],
    }
    learned = (
        StageSpec("pose", "model", ["joints", "expression"], made, "key", options),
        StageSpec("wrinkles", "blend", ["shift_weights", "shift_shapes"], ["shifted"], "key"),
        StageSpec("shade", "blend", ["light_weights", "light_shapes"], ["shaded"], "key"),
    )
    return replace(
        avatar,
        stages=corrected(
            learned, vertices=("vertex_offsets", found.reach), places=("shifted", _SHIFT_REACH_M), light="shaded"
        ),
        models={MODEL: to_mnn(network(avatar.skeleton, found.mesh, found.mapping, shifting), half=True)},
        tensors={"light_shapes": light.astype(np.float16), "shift_shapes": shift.astype(np.float16)},
    )


def _bends() -> F64:
    """(folds, 9 D): EAGERNESS (1 - cos) of each joint's angle, of the features of a pose."""
    table = np.zeros((len(folds.SHAPES), 9 * len(DRIVEN)))
    for row, joint in enumerate(folds.SHAPES):
        table[row, 9 * DRIVEN.index(joint) + np.array([0, 4, 8])] = -folds.EAGERNESS / 2
    return table


def _shade(
    layers: Sequence[Layer], parts: Sequence[str], body: Body, mesh: MeshNetwork, surface: Surface, seed: int
) -> tuple[shade.Shade, list[F64]]:
    """What the poses' shade is, and (SHAPES, n) of it on each layer's Gaussians."""
    _, first = stacked([layer.surface for layer in layers])
    total = sum(len(layer.gaussians) for layer, part in zip(layers, parts, strict=True) if part in _SHADED)
    share = min(1.0, shade.PROBES / total)
    taken = [
        round(share * len(layer.gaussians)) if part in _SHADED else 0 for layer, part in zip(layers, parts, strict=True)
    ]
    gaussians = joined([shifted(each.gaussians, k).prefix(n) for each, k, n in zip(layers, first, taken, strict=True)])
    normals = np.concatenate([layer.normals[:n] for layer, n in zip(layers, taken, strict=True)])
    used = np.unique(np.concatenate([layer.gaussians.triangle + k for layer, k in zip(layers, first, strict=True)]))
    probes = shade.Probes(surface, gaussians, normals, used, seed)
    joints = usual_poses(body.skeleton, shade.POSES, seed)
    x = features(body.skeleton, joints).reshape(len(joints), -1)
    changes = [
        probes.change(shade.skinned(surface, pose, mesh.offsets(x[k : k + 1])[0])) for k, pose in enumerate(joints)
    ]
    learned = shade.learn_shade(x, np.stack(changes))
    known = positions(surface, gaussians), normals.astype(np.float64)
    found = []
    for layer, part in zip(layers, parts, strict=True):
        if part in _SHADED:
            where = positions(layer.surface, layer.gaussians), layer.normals.astype(np.float64)
            found.append(shade.spread(learned.shapes, known, where) * layer.lit)
        else:
            found.append(np.zeros((shade.SHAPES, len(layer.gaussians))))
    return learned, found


def _reach(body: Body, surface: Surface, mesh: MeshNetwork, seed: int) -> float:
    """Metres that skinned vertices move by the offsets, at most in some poses, and some room."""
    joints = drawn_poses(body.skeleton, _TRIED, seed + 2)
    x = features(body.skeleton, joints).reshape(_TRIED, -1)
    moving = np.concatenate(mesh.members)
    part = Surface(
        surface.vertices[moving],
        surface.triangles[:0],
        surface.skin_joints[moving],
        surface.skin_weights[moving],
        surface.shapes[:, :0],
    )
    most = 0.0
    for k, pose in enumerate(joints):
        given = mesh.offsets(x[k : k + 1])[0, moving]
        apart = shade.skinned(part, pose, given) - shade.skinned(part, pose, np.zeros_like(given))
        most = max(most, float(np.linalg.norm(apart, axis=1).max()))
    return round(_ROOM * most + 0.001, 4)
