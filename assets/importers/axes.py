"""Turning a scene as a whole: places, rotations and harmonics, so that the light still comes from where it did."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

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


def turned_harmonics(turn: F64, count: int) -> F64:
    """(count, count) matrix from the coefficients of f to those of f turned: g(d) = f(turn^T d).

    Solved from more directions than there are coefficients; each degree turns within itself, so the fit is exact.
    """
    directions = np.random.default_rng(0).standard_normal((4 * count, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    before = harmonics(directions @ turn)[:, :count]
    matrix = np.linalg.lstsq(harmonics(directions)[:, :count], before, rcond=None)[0]
    return np.asarray(matrix.round(12), np.float64)


def harmonics(directions: F64) -> F64:
    """(N, 16) real spherical harmonics up to degree 3 of unit vectors, in 3D Gaussian Splatting's order and signs."""
    x, y, z = directions.T
    xx, yy, zz = x * x, y * y, z * z
    return np.stack(
        [
            np.full_like(x, 0.28209479177387814),
            -0.4886025119029199 * y,
            0.4886025119029199 * z,
            -0.4886025119029199 * x,
            1.0925484305920792 * x * y,
            -1.0925484305920792 * y * z,
            0.31539156525252005 * (2 * zz - xx - yy),
            -1.0925484305920792 * x * z,
            0.5462742152960396 * (xx - yy),
            -0.5900435899266435 * y * (3 * xx - yy),
            2.890611442640554 * x * y * z,
            -0.4570457994644658 * y * (4 * zz - xx - yy),
            0.3731763325901154 * z * (2 * zz - 3 * xx - 3 * yy),
            -0.4570457994644658 * x * (4 * zz - xx - yy),
            1.445305721320277 * z * (xx - yy),
            -0.5900435899266435 * x * (xx - 3 * yy),
        ],
        axis=1,
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
