"""Bringing a character to the avatar's conventions: its joints' names, metres, facing +z, feet on the floor, A-pose.

Life and gestures find joints by the names of forge/body.py and take the upper arms to hang 45 degrees at rest; files
hold T-poses mostly. The arms are brought down once, here, by skinning, and that is the avatar's rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from assets.importers.model import F64, Model, Piece

_HALF: Final = {
    "Shoulder": "clavicle", "UpperArm": "upperarm", "LowerArm": "lowerarm", "Hand": "hand", "UpperLeg": "thigh",
    "LowerLeg": "calf", "Foot": "foot", "Toes": "ball", "Eye": "eye",
    **{
        f"{bone}{part}": f"{finger}_0{k}"
        for bone, finger in (
            ("Thumb", "thumb"), ("Index", "index"), ("Middle", "middle"), ("Ring", "ring"), ("Little", "pinky")
        )
        for k, part in enumerate(("Proximal", "Intermediate", "Distal"), start=1)
    },
}  # fmt: skip
OURS: Final[Mapping[str, str]] = {
    "hips": "pelvis", "spine": "spine_01", "chest": "spine_02", "upperChest": "spine_03", "neck": "neck_01",
    "head": "head",
    **{f"{side}{bone}": f"{name}_{side[0]}" for side in ("left", "right") for bone, name in _HALF.items()},
}  # fmt: skip
"""VRM's humanoid bone → our joint."""

_MIXAMO: Final = {
    "spine1": "chest", "spine2": "upperChest", "leftarm": "leftUpperArm", "leftforearm": "leftLowerArm",
    "leftupleg": "leftUpperLeg", "leftleg": "leftLowerLeg", "lefttoebase": "leftToes",
    **{
        f"lefthand{finger}{k}": f"left{bone}{part}"
        for finger, bone in (
            ("thumb", "Thumb"), ("index", "Index"), ("middle", "Middle"), ("ring", "Ring"), ("pinky", "Little")
        )
        for k, part in enumerate(("Proximal", "Intermediate", "Distal"), start=1)
    },
}  # fmt: skip
"""Mixamo's and Ready Player Me's names, where they are not VRM's own."""
_ROLES: Final = {
    **{role.lower(): role for role in OURS},
    **{name.replace("_", ""): role for role, name in OURS.items()},
    **_MIXAMO,
    **{name.replace("left", "right"): role.replace("left", "right") for name, role in _MIXAMO.items()},
    "eyel": "leftEye", "eyer": "rightEye", "eyeleft": "leftEye", "eyeright": "rightEye",
}  # fmt: skip

_DROP: Final = np.radians(45.0)
_NEAR_ENOUGH: Final = np.radians(8.0)
_PERSON: Final = (0.08, 3.0)
"""Metres: lower or taller than that, a file is in other units."""
_UNITS: Final = ((1e-2, "centimetres"), (1e-3, "millimetres"), (100.0, "hundreds of metres"))
_NATURAL_M: Final = 1.65
_HEAD_TOP_M: Final = 1.62
"""Where a head without a body is shown."""
_HEAD_M: Final = (0.15, 0.6, 0.27)
"""Heads with or without shoulders: lowest, highest, and what others are shown as."""
_HEADS_DEPTH: Final = 0.45
"""Depth in heights, from which what has no legs is a head: who stands is less than a third as deep as tall."""


def role_of(name: str) -> str | None:
    """The humanoid bone that a joint is, by its name, as VRM spells it."""
    bare = re.sub(r"^(.*[:|])|^mixamorig\d*", "", name).lower()
    return _ROLES.get(re.sub(r"[^a-z0-9]", "", bare))


def with_roles(model: Model) -> Model:
    """The roles that the file tells, or else those that the joints' names do, and the joints renamed by them."""
    roles = dict(model.roles)
    if not roles:
        for index, name in reversed(list(enumerate(model.names))):
            role = role_of(name)
            if role is not None:
                roles[role] = index
    names = list(model.names)
    ours = {index: OURS[role] for role, index in roles.items() if role in OURS}
    for index, name in enumerate(names):
        if index in ours:
            names[index] = ours[index]
        elif name.lower() in ours.values():
            names[index] = f"{name} (2)"
    return replace(model, roles=roles, names=tuple(names))


def turned_to_front(model: Model, vrm_0: bool) -> Model:
    """Facing +z: as the limbs tell, which are on the person's left at +x then; else by the format's own rule."""
    away = vrm_0
    for limb in ("UpperArm", "UpperLeg", "Shoulder"):
        pair = [model.roles.get(side + limb) for side in ("left", "right")]
        if pair[0] is not None and pair[1] is not None:
            apart = model.rest[pair[0], 0, 3] - model.rest[pair[1], 0, 3]
            if abs(apart) > 1e-6:
                away = bool(apart < 0)
                break
    return moved(model, np.diag([-1.0, 1.0, -1.0]), np.zeros(3)) if away else model


def eyes_sorted(model: Model) -> Model:
    """With the left eye at +x: some files name eyes as who looks at them sees them."""
    left, right = model.roles.get("leftEye"), model.roles.get("rightEye")
    if left is None or right is None or model.rest[left, 0, 3] >= model.rest[right, 0, 3]:
        return model
    names = list(model.names)
    names[left], names[right] = names[right], names[left]
    return replace(model, names=tuple(names), roles={**model.roles, "leftEye": right, "rightEye": left})


def standing(model: Model, height: float | None) -> tuple[Model, list[str]]:
    """In metres with the soles on the floor, and what had to be guessed; `height`: metres, where the user knows."""
    notes = []
    wide, tall, deep = (float(side) for side in np.ptp(model.vertices, axis=0))
    largest = max(wide, tall, deep)
    head_only = not is_whole(model) and bool(model.targets) and deep > _HEADS_DEPTH * tall
    factor = 1.0
    if height is not None:
        factor = height / max(tall, 1e-9)
    elif head_only and not _HEAD_M[0] <= tall <= _HEAD_M[1]:
        factor = _HEAD_M[2] / max(tall, 1e-9)
        notes.append(f"It is a head {tall:.3g} m high, so it is shown {_HEAD_M[2]} m high; --height tells better.")
    elif not _PERSON[0] <= largest <= _PERSON[1]:
        fitting = [(f, unit) for f, unit in _UNITS if _PERSON[0] <= f * largest <= _PERSON[1]]
        factor, unit = fitting[0] if fitting else (_NATURAL_M / largest, "some unit of its own")
        notes.append(f"It is {largest:.3g} m across, so its numbers are taken as {unit}; --height tells better.")
    low, high = model.vertices.min(axis=0) * factor, model.vertices.max(axis=0) * factor
    floor = -float(low[1])
    if head_only and factor * tall < _HEAD_TOP_M:
        floor += _HEAD_TOP_M - factor * tall
        notes.append("It has no body, so the head is shown at the height of one.")
    middle = -(low + high) / 2
    return moved(model, factor * np.eye(3), np.array([middle[0], floor, middle[2]])), notes


def is_whole(model: Model) -> bool:
    """Whether someone stands there: with legs."""
    return "leftUpperLeg" in model.roles and "rightUpperLeg" in model.roles


def arms_down(model: Model) -> Model:
    """The upper arms 45 degrees down, where there are arms, as the new rest."""
    for side in ("left", "right"):
        upper = model.roles.get(f"{side}UpperArm")
        lower = model.roles.get(f"{side}LowerArm", model.roles.get(f"{side}Hand"))
        if upper is None or lower is None:
            continue
        along = model.rest[lower, :3, 3] - model.rest[upper, :3, 3]
        length = float(np.linalg.norm(along))
        if length < 1e-6:
            continue
        along /= length
        outward = 1.0 if side == "left" else -1.0
        target = np.array([outward * np.cos(_DROP), -np.sin(_DROP), 0.0])
        if np.arccos(np.clip(along @ target, -1, 1)) > _NEAR_ENOUGH:
            model = _bent(model, upper, _shortest_turn(along, target))
    return model


def moved(model: Model, linear: F64, shift: F64) -> Model:
    """All of it moved by a rotation times a factor, then shifted."""
    factor = float(np.cbrt(np.linalg.det(linear)))
    turn = linear / factor
    rest = model.rest.copy()
    rest[:, :3, :3] = turn @ rest[:, :3, :3]
    rest[:, :3, 3] = rest[:, :3, 3] @ linear.T + shift
    rest[0] = np.eye(4)  # the root stays on the floor
    return replace(
        model,
        vertices=model.vertices @ linear.T + shift,
        normals=model.normals @ turn.T,
        rest=rest,
        targets={
            target: [Piece(p.first, (p.offsets @ linear.T).astype(np.float32)) for p in pieces]
            for target, pieces in model.targets.items()
        },
    )


def _bent(model: Model, joint: int, turn: F64) -> Model:
    """With one joint, and all below it, turned about its place."""
    below = np.zeros(len(model.names), bool)
    below[joint] = True
    for index in range(joint + 1, len(model.names)):
        below[index] = below[model.parents[index]]
    centre = model.rest[joint, :3, 3]
    rest = model.rest.copy()
    rest[below, :3, :3] = turn @ rest[below, :3, :3]
    rest[below, :3, 3] = (rest[below, :3, 3] - centre) @ turn.T + centre
    share = (model.skin_weights * below[model.skin_joints]).sum(axis=1)
    blend = share[:, None, None] * turn + (1 - share)[:, None, None] * np.eye(3)
    normals = np.einsum("vab,vb->va", blend, model.normals)
    return replace(
        model,
        rest=rest,
        vertices=np.einsum("vab,vb->va", blend, model.vertices - centre) + centre,
        normals=normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12),
        targets={
            target: [
                Piece(
                    p.first, np.einsum("vab,vb->va", blend[p.first : p.first + len(p.offsets)], p.offsets).astype("f4")
                )
                for p in pieces
            ]
            for target, pieces in model.targets.items()
        },
    )


def _shortest_turn(before: F64, after: F64) -> F64:
    """The rotation between two unit vectors (Rodrigues), which do not point against each other here."""
    axis, cosine = np.cross(before, after), float(before @ after)
    if cosine < -0.999:
        return np.diag([-1.0, -1.0, 1.0])
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + cross + cross @ cross / (1 + cosine))
