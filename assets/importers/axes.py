"""Turning a scene as a whole: places, rotations and harmonics, so that the light still comes from where it did."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.harmonics import turned_harmonics
from assets.importers.cloud import Cloud
from assets.importers.up import Up

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


_TURNS: Final[dict[Up, tuple[tuple[int, int, int], ...]]] = {
    Up.x: ((0, -1, 0), (1, 0, 0), (0, 0, 1)),
    Up.y: ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    Up.z: ((1, 0, 0), (0, 0, 1), (0, -1, 0)),
    Up.minus_x: ((0, 1, 0), (-1, 0, 0), (0, 0, 1)),
    Up.minus_y: ((1, 0, 0), (0, -1, 0), (0, 0, -1)),
    Up.minus_z: ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
}
"""The shortest turn of each to +y; of -y the one about x: a camera's ahead (+z) becomes ours (-z)."""


def upright(cloud: Cloud, up: Up) -> Cloud:
    """The cloud with its axis `up` along +y."""
    return turned(cloud, np.array(_TURNS[up], np.float64))


def turned(cloud: Cloud, turn: F64) -> Cloud:
    """The cloud turned by a rotation matrix (3, 3)."""
    if np.array_equal(turn, np.eye(3)):
        return cloud
    return replace(
        cloud,
        positions=(cloud.positions @ turn.T).astype(np.float32),
        rotations=_multiplied(_quaternion(turn), cloud.rotations),
        sh=np.matmul(turned_harmonics(turn, cloud.sh.shape[1]).astype(np.float32), cloud.sh),
    )


def _quaternion(turn: F64) -> F64:
    """(4,) w, x, y, z of a rotation matrix: the eigenvector of the largest eigenvalue (Bar-Itzhack 2000)."""
    (a, b, c), (d, e, f), (g, h, i) = turn
    symmetric = np.array(
        [
            [a + e + i, h - f, c - g, d - b],
            [h - f, a - e - i, b + d, c + g],
            [c - g, b + d, e - a - i, f + h],
            [d - b, c + g, f + h, i - a - e],
        ]
    )
    vector: F64 = np.linalg.eigh(symmetric)[1][:, -1]
    return vector


def _multiplied(left: F64, right: F32) -> F32:
    """(N, 4) Hamilton products of one quaternion and many."""
    w, x, y, z = left
    matrix = np.array([[w, -x, -y, -z], [x, w, -z, y], [y, z, w, -x], [z, -y, x, w]])
    return np.asarray(right @ matrix.T, np.float32)
