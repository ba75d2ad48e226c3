"""What every reader of a scene gives: Gaussians as 3D Gaussian Splatting (Kerbl et al. 2023) means them, activated."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.harmonics import SH0

F32 = NDArray[np.float32]

MOST: Final = 1 << 24
"""Gaussians; what one sort of the renderer holds."""
KEPT: Final = 16
"""Spherical harmonics that are drawn: up to degree 3."""


class RefusedError(Exception):
    """Why a file is refused, without its name: whoever opened the file adds that."""


@dataclass(frozen=True)
class Cloud:
    """N Gaussians in the axes and units of their file."""

    positions: F32
    """(N, 3)."""
    scales: F32
    """(N, 3) standard deviations, not their logarithms."""
    rotations: F32
    """(N, 4) quaternions w, x, y, z, of any length."""
    opacities: F32
    """(N,) 0 to 1."""
    sh: F32
    """(N, K, 3), K = 1, 4, 9 or 16: coefficients of display (sRGB) values, in the order and with the signs of
    3D Gaussian Splatting; the colour is 0.5 + sum Y_k f_k."""
    mip: bool = False
    """Whether it was trained under Mip-Splatting's filter."""
    y_up: bool = False
    """Whether +y points up by the format's own rule; else -y does, as cameras of photographs have it."""

    def __len__(self) -> int:
        return len(self.positions)

    def at(self, which: NDArray[Any]) -> Cloud:
        """Those at these indices, or where this mask is true."""
        arrays = {f.name: getattr(self, f.name) for f in fields(self)}
        return Cloud(**{k: v[which] if isinstance(v, np.ndarray) else v for k, v in arrays.items()})


def check_count(count: int) -> None:
    """Raise RefusedError where there are none, or more than can be drawn."""
    if not 0 < count <= MOST:
        raise RefusedError(f"it says that it holds {count} Gaussians, and between 1 and {MOST} can be drawn")


def degree_of(coefficients: int) -> int:
    """The degree of harmonics that has so many coefficients beyond the constant one, 0 to 4; raises RefusedError."""
    for degree in range(5):
        if coefficients == (degree + 1) ** 2 - 1:
            return degree
    raise RefusedError(f"it has {coefficients} harmonics a colour, which no degree has")


def sigmoid(x: NDArray[Any]) -> F32:
    """1 / (1 + exp(-x)), of any size of x."""
    result: F32 = (0.5 + 0.5 * np.tanh(0.5 * x.astype(np.float32))).astype(np.float32)
    return result


def constant_harmonic(colour: NDArray[Any]) -> F32:
    """(N, 1, 3) of (N, 3) display colours."""
    result: F32 = (colour[:, None].astype(np.float32) - np.float32(0.5)) / np.float32(SH0)
    return result


def joined(constant: NDArray[Any], rest: NDArray[Any]) -> F32:
    """(N, K, 3) of (N, 1, 3) and (N, k, 3); what is above degree 3 is left out."""
    result: F32 = np.concatenate([constant, rest[:, : KEPT - 1]], axis=1, dtype=np.float32)
    return result
