"""What a body does while it does nothing: stands at ease, looks kind, breathes, sways, looks about a little, blinks.

A pure function of time and seed: the same moment always looks the same, so a film can be drawn again. Joints are
found by their names in MakeHuman's `game_engine` rig, which is Unreal's too; joints that a rig lacks are left alone.
The rest pose is taken to be an A-pose with the arms 45 degrees down, and the person to face +z, her left at +x.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, exp, floor, pi, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from assets.arkit import ARKIT_SHAPES, INDEX

F32 = NDArray[np.float32]
Vector = tuple[float, float, float]

BREATH_S = 4.2
"""One breath; 14 a minute."""
BLINK_SLOT_S = 4.0
"""One blink a slot, in its first half: two blinks are 2 to 6 s apart."""
_CLOSE_S, _SHUT_S, _OPEN_S = 0.07, 0.06, 0.15
_GLANCE_SLOT_S = 1.7

_KIND = (
    # without it a face at rest looks stern
    ("mouthSmileLeft", 0.25),
    ("mouthSmileRight", 0.25),
    ("browInnerUp", 0.2),
    ("browOuterUpLeft", 0.1),
    ("browOuterUpRight", 0.1),
)

_EASE: tuple[tuple[str, Vector, float], ...] = (
    # joint of the left side, axis in the rest pose, degrees; mirrored for the right
    ("upperarm", (0, 0, -1), 32.0),
    ("upperarm", (0, 1, 0), 6.0),
    ("lowerarm", (1, 1, 0), 32.0),
    ("lowerarm", (1, -1, 0), 16.0),  # the palms turn to the thighs
    ("hand", (1, -1, 0), 12.0),
    ("index_01", (0, 0, -1), 12.0),
    ("middle_01", (0, 0, -1), 16.0),
    ("ring_01", (0, 0, -1), 19.0),
    ("pinky_01", (0, 0, -1), 22.0),
    ("index_02", (0, 0, -1), 16.0),
    ("middle_02", (0, 0, -1), 19.0),
    ("ring_02", (0, 0, -1), 21.0),
    ("pinky_02", (0, 0, -1), 22.0),
)


@dataclass(frozen=True)
class IdleState:
    """A pose for `skinning_matrices`, and a face to add to the speaking one."""

    rotations: F32
    """(J, 4) unit quaternions w, x, y, z about the avatar's axes in the rest pose."""
    root: F32
    """(3,) metres."""
    expression: F32
    """(52,) ARKit weights."""


def idle(time_s: float, names: Sequence[str], seed: int = 0) -> IdleState:
    """The state at `time_s` of a skeleton whose joints are called `names`."""
    pose = _Pose(names)
    for joint, axis, degrees in _EASE:
        pose.turn(f"{joint}_l", axis, degrees)
        # Mirrored at x = 0 an axis keeps its x and turns the others round, as rotations do.
        pose.turn(f"{joint}_r", (axis[0], -axis[1], -axis[2]), degrees)
    _breathe(pose, _breath(time_s))
    _sway(pose, time_s, seed)
    expression = np.zeros(len(ARKIT_SHAPES), np.float32)
    for shape, weight in _KIND:
        expression[INDEX[shape]] = weight
    expression[[INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]] = _blink(time_s, seed)
    return IdleState(pose.rotations.astype(np.float32), np.zeros(3, np.float32), expression)


class _Pose:
    """Rotations under construction; turns of one joint are applied in the order in which they are given."""

    def __init__(self, names: Sequence[str]) -> None:
        self._index = {name.lower(): i for i, name in enumerate(names)}
        self.rotations = np.tile((1.0, 0.0, 0.0, 0.0), (len(names), 1))

    def turn(self, joint: str, axis: Vector, degrees: float) -> None:
        index = self._index.get(joint)
        if index is None:
            return
        half = degrees * pi / 360
        scale = sin(half) / sqrt(axis[0] ** 2 + axis[1] ** 2 + axis[2] ** 2)
        a, (b, c, d) = cos(half), (scale * v for v in axis)
        w, x, y, z = self.rotations[index].tolist()
        self.rotations[index] = (
            a * w - b * x - c * y - d * z,
            a * x + b * w + c * z - d * y,
            a * y - b * z + c * w + d * x,
            a * z + b * y - c * x + d * w,
        )


def _breath(time_s: float) -> float:
    """0 (out) to 1 (in): in is quicker than out, and there is a rest after out."""
    phase = 2 * pi * time_s / BREATH_S
    return (exp(sin(phase)) - exp(-1)) / (exp(1) - exp(-1))


def _breathe(pose: _Pose, breath: float) -> None:
    pose.turn("spine_02", (-1, 0, 0), 0.5 * breath)
    pose.turn("spine_03", (-1, 0, 0), 0.7 * breath)
    pose.turn("neck_01", (1, 0, 0), 1.0 * breath)  # the head stays level
    pose.turn("clavicle_l", (0, 0, 1), 1.2 * breath)
    pose.turn("clavicle_r", (0, 0, -1), 1.2 * breath)
    pose.turn("upperarm_l", (0, 0, -1), 0.8 * breath)
    pose.turn("upperarm_r", (0, 0, 1), 0.8 * breath)


def _sway(pose: _Pose, time_s: float, seed: int) -> None:
    side, ahead = wander(time_s, seed, 1, 9.0), wander(time_s, seed, 2, 7.0)
    pose.turn("root", (0, 0, 1), 0.25 * side)  # as a pendulum over the feet
    pose.turn("root", (1, 0, 0), 0.20 * ahead)
    pose.turn("spine_01", (0, 0, -1), 0.5 * side)
    pose.turn("spine_01", (0, 1, 0), 0.8 * wander(time_s, seed, 3, 11.0))
    pose.turn("head", (0, 1, 0), 1.6 * wander(time_s, seed, 4, 6.0))
    pose.turn("head", (1, 0, 0), 1.0 * wander(time_s, seed, 5, 5.0))
    pose.turn("head", (0, 0, 1), 0.8 * wander(time_s, seed, 6, 8.0))
    across, up = _glance(time_s, seed)
    for eye in ("eye_l", "eye_r"):
        pose.turn(eye, (0, 1, 0), across)
        pose.turn(eye, (-1, 0, 0), up)


def wander(time_s: float, seed: int, channel: int, period_s: float) -> float:
    """A smooth wander between -1 and 1: three sines whose periods have no common multiple."""
    total = 0.0
    for k, ratio in enumerate((1.0, 1.618, 2.414)):
        phase = 2 * pi * _chance(seed, channel, k)
        total += sin(2 * pi * time_s * ratio / period_s + phase) / ratio
    return total / (1 + 1 / 1.618 + 1 / 2.414)


def _glance(time_s: float, seed: int) -> tuple[float, float]:
    """Degrees across and up: the eyes rest on one spot for a while, then jump to the next."""
    slot = floor(time_s / _GLANCE_SLOT_S)
    jump = min((time_s / _GLANCE_SLOT_S - slot) * _GLANCE_SLOT_S / 0.08, 1.0)
    (x0, y0), (x1, y1) = _spot(slot - 1, seed), _spot(slot, seed)
    return x0 + jump * (x1 - x0), y0 + jump * (y1 - y0)


def _spot(slot: int, seed: int) -> tuple[float, float]:
    """Degrees across and up; half of the time straight ahead."""
    if _chance(seed, 9, slot) < 0.5:
        return 0.0, 0.0
    return 5.0 * (_chance(seed, 7, slot) - 0.5), 3.0 * (_chance(seed, 8, slot) - 0.5)


def _blink(time_s: float, seed: int) -> float:
    """How far the lids are shut, 0 to 1."""
    slot = floor(time_s / BLINK_SLOT_S)
    since = time_s - (slot + 0.5 * _chance(seed, 0, slot)) * BLINK_SLOT_S
    if since < 0:
        return 0.0
    if since < _CLOSE_S:
        return since / _CLOSE_S
    return min(max(1 - (since - _CLOSE_S - _SHUT_S) / _OPEN_S, 0.0), 1.0)


def _chance(seed: int, channel: int, index: int) -> float:
    """A fixed number in [0, 1) for these three (the finaliser of MurmurHash3, Appleby 2011)."""
    h = (seed * 0x9E3779B1 + channel * 0x85EBCA77 + index * 0xC2B2AE3D) & 0xFFFFFFFF
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
    return (h ^ (h >> 16)) / 2**32
