"""Poses for a capture: body and face through their range, no two frames alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from scipy.stats import qmc

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

_TURNS: Final[tuple[tuple[tuple[str, ...], tuple[float, float, float], float, float], ...]] = (
    # joints that share a turn, its axis in the rest pose, degrees at least and at most
    (("upperarm_l",), (0, 0, -1), -25, 45),
    (("upperarm_r",), (0, 0, 1), -25, 45),
    (("upperarm_l",), (0, -1, 0), -20, 45),
    (("upperarm_r",), (0, 1, 0), -20, 45),
    (("lowerarm_l",), (0, -1, 0), 0, 85),
    (("lowerarm_r",), (0, 1, 0), 0, 85),
    (("spine_01", "spine_02", "spine_03"), (0, 1, 0), -11, 11),
    (("spine_01", "spine_02", "spine_03"), (0, 0, 1), -6, 6),
    (("spine_01", "spine_02"), (1, 0, 0), -5, 9),
    (("thigh_l",), (-1, 0, 0), -15, 40),
    (("thigh_r",), (-1, 0, 0), -15, 40),
    (("neck_01", "head"), (0, 1, 0), -20, 20),
    (("neck_01", "head"), (1, 0, 0), -8, 8),
)
_FACE: Final = ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "mouthPucker", "browInnerUp", "eyeBlinkLeft")
"""Shapes that change; each between 0 and its most."""
_MOST: Final = (0.6, 0.8, 0.8, 0.6, 0.8, 1.0)


def exercise(joints: Sequence[str], expressions: Sequence[str], frames: int, seed: int) -> tuple[F32, F32]:
    """Rotations (T, J, 4), quaternions w, x, y, z as `skinning_matrices` takes them, and expressions (T, E).

    The first frame is the rest pose; the others fill the range evenly (Halton's sequence). Joints and expressions that
    the avatar lacks stay as they are.
    """
    numbers = qmc.Halton(len(_TURNS) + len(_FACE), seed=seed).random(max(frames - 1, 1))[: frames - 1]
    rotations = np.zeros((frames, len(joints), 4), np.float32)
    rotations[..., 0] = 1
    expression = np.zeros((frames, len(expressions)), np.float32)
    for frame, row in enumerate(numbers, 1):
        turned: dict[str, Rotation] = {}
        for (names, axis, least, most), share in zip(_TURNS, row[: len(_TURNS)], strict=True):
            turn = Rotation.from_rotvec(np.radians(least + share * (most - least)) * np.array(axis, np.float64))
            for name in names:
                turned[name] = turn * turned.get(name, Rotation.identity())
        for name, turn in turned.items():
            if name in joints:
                rotations[frame, joints.index(name)] = turn.as_quat(canonical=True)[[3, 0, 1, 2]]
        for name, most, share in zip(_FACE, _MOST, row[len(_TURNS) :], strict=True):
            if name in expressions:
                expression[frame, expressions.index(name)] = share * most
    return rotations, expression
