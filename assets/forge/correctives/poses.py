"""Which joints correctives listen to, how far those turn, and what a network is told of a pose.

A pose is given by the local rotation of each driven joint, in the axes of the rest pose: nine numbers less the
identity, so that all are zero at rest. (Sines of angles, which would be three, cannot tell an elbow at 60 degrees from
one at 120.)
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.spatial.transform import Rotation

from assets.avatar import Skeleton
from assets.forge.source import F64
from assets.skinning import skinning_matrices

_STILL: Final = 0.15
"""Share of joints that keep still in a drawn pose."""
_EASE: Final = 1.3
"""Power of the uniform draws: small turns are more frequent than large ones."""

# Degrees about x, y, z from the A-pose, of the left side; the right one mirrors them. +x is to the left, +z ahead.
_LIMITS: Final[dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]]] = {
    "spine_01": ((-20, 30), (-20, 20), (-15, 15)),
    "spine_02": ((-15, 25), (-20, 20), (-15, 15)),
    "spine_03": ((-15, 20), (-15, 15), (-10, 10)),
    "neck_01": ((-30, 35), (-45, 45), (-25, 25)),
    "head": ((-25, 30), (-40, 40), (-20, 20)),
    "clavicle_l": ((-10, 10), (-20, 15), (-10, 25)),
    "upperarm_l": ((-60, 60), (-100, 40), (-60, 120)),
    "hand_l": ((-70, 70), (-50, 50), (-50, 50)),
    "thigh_l": ((-110, 30), (-35, 35), (-15, 45)),
    "calf_l": ((0, 140), (-8, 8), (-5, 5)),
    "foot_l": ((-35, 35), (-20, 20), (-15, 15)),
}
_ELBOW: Final = (-30.0, 140.0)
"""Degrees of bending; at rest it is a little bent."""
_ELBOW_PLANE: Final = (-50.0, 70.0)
"""Degrees by which the plane of bending turns about the upper arm, from ahead to up."""
_ELBOW_TWIST: Final = (-75.0, 75.0)

DRIVEN: Final = (
    *("spine_01", "spine_02", "spine_03", "neck_01", "head"),
    *(
        f"{name}_{side}"
        for name in ("clavicle", "upperarm", "lowerarm", "hand", "thigh", "calf", "foot")
        for side in "lr"
    ),
)
"""Joints whose turns move the skin; fingers are left to plain skinning."""


def driven(skeleton: Skeleton) -> list[int]:
    """Numbers of the driven joints."""
    return [skeleton.names.index(name) for name in DRIVEN]


def features(skeleton: Skeleton, joints: F64) -> F64:
    """(P, D, 9) of skinning matrices (P, J, 4, 4): the driven joints' local rotations, less the identity."""
    own = driven(skeleton)
    turns, above = joints[:, own, :3, :3], joints[:, skeleton.parents[own], :3, :3]
    local = np.matmul(above.swapaxes(2, 3), turns)
    return np.asarray((local - np.eye(3)).reshape(len(joints), len(own), 9))


def drawn_poses(skeleton: Skeleton, count: int, seed: int) -> F64:
    """(count, J, 4, 4) skinning matrices of poses within the limits, all driven joints at once."""
    random = np.random.default_rng([seed, 81])
    vectors: dict[str, F64] = {}
    for name in DRIVEN:
        left = _left(name)
        if left == "lowerarm_l":
            vector = _elbow(skeleton, random.uniform(*_ELBOW, count), _ELBOW_PLANE, random)
        else:
            low, high = np.array(_LIMITS[left]).T
            toward = random.uniform(-1, 1, (count, 3))
            vector = np.radians(np.where(toward < 0, -low, high)) * np.sign(toward) * np.abs(toward) ** _EASE
        vectors[name] = vector * (random.random(count) > _STILL)[:, None]
    return _matrices(skeleton, vectors, count)


def usual_poses(skeleton: Skeleton, count: int, seed: int) -> F64:
    """(count, J, 4, 4) skinning matrices of how people mostly are: arms down, at times spread or raised, elbows bent or
    not; standing, stepping or sitting."""
    random = np.random.default_rng([seed, 83])
    sits = random.random(count) < 0.3
    vectors: dict[str, F64] = {}
    for name in DRIVEN:
        left = _left(name)
        if left == "lowerarm_l":
            degrees = _ELBOW[0] + (_ELBOW[1] - _ELBOW[0]) * random.random(count) ** 1.6
            vectors[name] = _elbow(skeleton, degrees, (-40.0, 60.0), random)
            continue
        if left == "upperarm_l":
            down = random.uniform((-25, -35, -52), (25, 15, -15), (count, 3))
            up = random.uniform((-25, -70, -20), (25, 20, 110), (count, 3))
            degrees = np.where(random.random((count, 1)) < 0.75, down, up)
        elif left == "thigh_l":
            stands = random.uniform((-22, -8, -4), (12, 8, 8), (count, 3))
            degrees = np.where(sits[:, None], random.uniform((-100, -15, -5), (-65, 15, 20), (count, 3)), stands)
        elif left == "calf_l":
            bent = np.where(sits, random.uniform(55, 110, count), 45 * random.random(count) ** 2)
            degrees = bent[:, None] * [1.0, 0.0, 0.0]
        else:
            low, high = np.array(_LIMITS[left]).T
            degrees = 0.6 * random.uniform(low, high, (count, 3))
        vectors[name] = np.radians(degrees)
    return _matrices(skeleton, vectors, count)


def _left(name: str) -> str:
    return name[:-1] + "l" if name.endswith("_r") else name


def _matrices(skeleton: Skeleton, vectors: dict[str, F64], count: int) -> F64:
    """Skinning matrices of rotation vectors (count, 3) by joint, the right side's as if it were the left one."""
    turns = np.tile(np.array([1.0, 0.0, 0.0, 0.0]), (count, len(skeleton.names), 1))
    for name, vector in vectors.items():
        mirror = np.array([1.0, -1.0, -1.0]) if name.endswith("_r") else np.ones(3)
        turns[:, skeleton.names.index(name)] = Rotation.from_rotvec(vector * mirror).as_quat()[:, [3, 0, 1, 2]]
    return np.stack([skinning_matrices(skeleton, pose, np.zeros(3)) for pose in turns]).astype(np.float64)


def _elbow(skeleton: Skeleton, degrees: F64, planes: tuple[float, float], random: np.random.Generator) -> F64:
    """(N, 3) rotation vectors of the left elbow bent by `degrees` (N,): in a plane with the upper arm, and the forearm
    twists."""
    count = len(degrees)
    upper, lower, hand = (
        skeleton.rest[skeleton.names.index(f"{n}_l"), :3, 3] for n in ("upperarm", "lowerarm", "hand")
    )
    along = (lower - upper) / np.linalg.norm(lower - upper)
    fore = (hand - lower) / np.linalg.norm(hand - lower)
    ahead = np.cross(along, [0.0, 0.0, 1.0])
    plane = Rotation.from_rotvec(np.radians(random.uniform(*planes, count))[:, None] * along)
    bend = np.radians(degrees)[:, None] * plane.apply(ahead / np.linalg.norm(ahead))
    twist = np.radians(random.uniform(*_ELBOW_TWIST, count))[:, None] * fore
    return np.asarray((Rotation.from_rotvec(bend) * Rotation.from_rotvec(twist)).as_rotvec())
