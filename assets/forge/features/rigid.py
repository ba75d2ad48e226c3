"""Rotation and shift of what moves as one piece."""

from __future__ import annotations

import numpy as np

from assets.forge.source import F64


def rigid_motion(before: F64, after: F64) -> tuple[F64, F64]:
    """Rotation (3, 3) and shift (3,) that best take points (N, 3) to their new places (Kabsch 1976)."""
    a, b = before - before.mean(0), after - after.mean(0)
    u, _, vt = np.linalg.svd(b.T @ a)
    turn = u @ np.diag([1.0, 1.0, np.linalg.det(u @ vt)]) @ vt
    return turn, after.mean(0) - turn @ before.mean(0)
