"""Real spherical harmonics up to degree 3, ordered and signed as in 3D Gaussian Splatting (Kerbl et al. 2023)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

SH0: Final = 0.28209479177387814
"""The constant one."""


def harmonics(directions: NDArray[np.floating[Any]]) -> F64:
    """(N, 16) harmonics up to degree 3 of unit vectors (N, 3)."""
    x, y, z = directions.T
    xx, yy, zz = x * x, y * y, z * z
    return np.stack(
        [
            np.full_like(x, SH0),
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


def turned_harmonics(turn: F64, count: int) -> F64:
    """(count, count) matrix from the coefficients of f to those of f turned: g(d) = f(turn^T d).

    Solved from more directions than there are coefficients; each degree turns within itself, so the fit is exact.
    """
    directions = np.random.default_rng(0).standard_normal((4 * count, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    before = harmonics(directions @ turn)[:, :count]
    matrix = np.linalg.lstsq(harmonics(directions)[:, :count], before, rcond=None)[0]
    return np.asarray(matrix.round(12), np.float64)
