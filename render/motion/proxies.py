"""Simple shapes around the parts of a body, fitted to its mesh: what hands and elbows must stay out of.

Trunk, head and thighs become elliptic rods, one for each slice of the part that a joint moves; arms become balls along
their bones. A rod holds all but the outermost hundredth of its slice's vertices, clothes and hair included.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.motion.rig import SPINE, Rig

F64 = NDArray[np.float64]

_FEWEST: Final = 12
"""Vertices that make a slice worth a rod."""
_KEPT: Final = 99.0
_ROUND: Final = 92.0
"""Percent of a slice's vertices inside its ellipse: the corners of what is square are soft."""
_ELBOW: Final = 0.6
"""An upper arm lies against the chest: share of its radius that stays out."""
_SOFT: Final = 60.0
"""Percent of a limb's vertices that its radius holds: sleeves and flesh give way."""
_SLICE_M: Final = 0.09
_PARTS: Final = ("hips", *SPINE, "neck", "head", "upper_leg_l", "upper_leg_r")


@dataclass(frozen=True)
class Rods:
    """Elliptic rods, each fixed to a joint; all in the rest pose."""

    joint: NDArray[np.intp]
    """(R,)."""
    centre: F64
    """(R, 3)."""
    axes: F64
    """(R, 3, 3) rows: along the rod, and along the two radii."""
    half: F64
    """(R,) half of the length, metres."""
    radii: F64
    """(R, 2) metres."""

    def __len__(self) -> int:
        return len(self.joint)


@dataclass(frozen=True)
class Balls:
    """Balls on one arm: on its bones, and fixed to the hand."""

    along: F64
    """(b, 3) shares of shoulder, elbow and wrist in the places of those on the bones."""
    hand: F64
    """(h, 3) from the wrist, in the rest pose."""
    radii: F64
    """(b + h,) metres."""
    by_elbow: F64
    """(b + h,) how far the elbow goes for the ball to go a metre, when elbow and wrist go the least way for it."""
    by_wrist: F64


def fit_rods(avatar: Avatar, rig: Rig) -> Rods:
    """The rods of everything that is not an arm."""
    vertices = avatar.mesh.vertices.astype(np.float64)
    owner = _owners(avatar)
    rods: list[tuple[int, F64, F64, float, F64]] = []
    for role in _PARTS:
        joint = rig.joints.get(role)
        if joint is None:
            continue
        points = vertices[np.isin(owner, _with_small_ones(avatar, rig, joint))]
        axis = _axis(avatar, rig, role)
        side = np.cross(axis, (0.0, 0.0, 1.0))
        side /= np.linalg.norm(side)
        axes = np.stack([axis, side, np.cross(side, axis)])
        rods += [(joint, *rod) for rod in _slices(points, axes)]
    if not rods:
        return Rods(np.zeros(0, np.intp), np.zeros((0, 3)), np.zeros((0, 3, 3)), np.zeros(0), np.zeros((0, 2)))
    joints, centres, axes_, halves, radii = zip(*rods, strict=True)
    return Rods(np.array(joints), np.array(centres), np.array(axes_), np.array(halves), np.array(radii))


def fit_balls(avatar: Avatar, rig: Rig, side: str) -> Balls:
    """The balls of one arm: of the upper arm the elbow alone, as the rest lies against the chest."""
    places = {role: avatar.skeleton.rest[joint, :3, 3].astype(np.float64) for role, joint in rig.joints.items()}
    owner = _owners(avatar)
    shoulder, elbow, wrist = (places[f"{part}_{side}"] for part in ("upper_arm", "lower_arm", "hand"))
    upper, lower = np.array((0.95,)), np.array((0.25, 0.5, 0.75, 1.0))
    thick_upper = _ELBOW * _thickness(avatar, owner, rig.joints[f"upper_arm_{side}"], shoulder, elbow, upper)
    thick_lower = _thickness(avatar, owner, rig.joints[f"lower_arm_{side}"], elbow, wrist, np.minimum(lower, 0.9))
    hand = []
    for finger in ("index", "middle", "pinky"):
        knuckle, tip = (places.get(f"{finger}_{k}_{side}") for k in (1, 3))
        if knuckle is not None and tip is not None:
            hand += [knuckle - wrist, 1.25 * tip - 0.25 * knuckle - wrist]
    thumb = places.get(f"thumb_2_{side}")
    if thumb is not None:
        hand.append(thumb - wrist)
    length = float(np.linalg.norm(elbow - shoulder) + np.linalg.norm(wrist - elbow))
    radii = np.concatenate([thick_upper, thick_lower, np.full(len(hand), 0.035 * length)])
    zeros = np.zeros(len(upper)), np.zeros(len(lower))
    along = np.concatenate([np.stack([1 - upper, upper, zeros[0]], 1), np.stack([zeros[1], 1 - lower, lower], 1)])
    with_wrist = np.concatenate([np.zeros(len(upper)), lower, np.ones(len(hand))])
    least = with_wrist**2 + (1 - with_wrist) ** 2
    return Balls(along, np.array(hand).reshape(-1, 3), radii, (1 - with_wrist) / least, with_wrist / least)


def _owners(avatar: Avatar) -> NDArray[np.intp]:
    """(V,) the joint that moves each vertex most."""
    heaviest = avatar.mesh.skin_weights.argmax(axis=1)
    owner: NDArray[np.intp] = avatar.mesh.skin_joints[np.arange(len(heaviest)), heaviest].astype(np.intp)
    return owner


def _with_small_ones(avatar: Avatar, rig: Rig, joint: int) -> list[int]:
    """The joint and those below it that play no role, such as strands of hair or twist bones."""
    roles, mine = set(rig.joints.values()), {joint}
    for child, parent in enumerate(avatar.skeleton.parents.tolist()):
        if parent in mine and (child not in roles or child in (rig.joints.get("eye_l"), rig.joints.get("eye_r"))):
            mine.add(child)
    return sorted(mine)


def _axis(avatar: Avatar, rig: Rig, role: str) -> F64:
    """Along the thigh for a thigh, upright for the rest."""
    if not role.startswith("upper_leg"):
        return np.array((0.0, 1.0, 0.0))
    knee = rig.joints.get(role.replace("upper", "lower"))
    if knee is None:
        return np.array((0.0, 1.0, 0.0))
    way = avatar.skeleton.rest[rig.joints[role], :3, 3] - avatar.skeleton.rest[knee, :3, 3]
    return np.asarray(way / np.linalg.norm(way), np.float64)


def _slices(points: F64, axes: F64) -> list[tuple[F64, F64, float, F64]]:
    """(centre, axes, half, radii) of each slice of points (n, 3)."""
    if len(points) < _FEWEST:
        return []
    local = points @ axes.T
    low, high = np.percentile(local[:, 0], (100 - _KEPT, _KEPT))
    count = max(round(float(high - low) / _SLICE_M), 1)
    edges = np.linspace(low, high, count + 1)
    found = []
    for a, b in pairwise(edges):
        inside = local[(local[:, 0] >= a) & (local[:, 0] <= b), 1:]
        if len(inside) < _FEWEST:
            continue
        least, most = np.percentile(inside, (100 - _KEPT, _KEPT), axis=0)
        middle, radii = (least + most) / 2, np.maximum((most - least) / 2, 1e-3)
        # An ellipse of these radii cuts the corners of what is square.
        radii = radii * max(float(np.percentile(np.linalg.norm((inside - middle) / radii, axis=1), _ROUND)), 1.0)
        centre = np.array(((a + b) / 2, *middle)) @ axes
        found.append((centre, axes, float(b - a) / 2, radii))
    return found


def _thickness(avatar: Avatar, owner: NDArray[np.intp], joint: int, a: F64, b: F64, shares: F64) -> F64:
    """Radius of a limb around its bone from a to b at these shares of the way, sleeves included."""
    points = avatar.mesh.vertices[owner == joint].astype(np.float64)
    way = b - a
    along = (points - a) @ way / (way @ way)
    away = np.linalg.norm(points - a - along[:, None] * way, axis=1)
    radii = []
    for share in shares:
        near = away[np.abs(along - share) < 0.12]
        radii.append(float(np.percentile(near, _SOFT)) if len(near) >= _FEWEST else 0.07 * float(np.linalg.norm(way)))
    return np.array(radii)
