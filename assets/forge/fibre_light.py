"""How hair shines: light that its surface mirrors, and light that comes back through it, tinted.

Two of the lobes of Marschner et al. 2003 ("Light scattering from human hair fibers"), as Gaussians of the half angle
along the fibre: R, shifted towards the root, and TRT, wider, coloured, shifted towards the tip. What is baked is the
mean over viewers around the person, about at the height of the head: where hair hangs all of them see nearly the same.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.forge.source import F32, F64

_SHIFT_R, _WIDTH_R = np.radians((-6.0, 8.0))
_SHIFT_TRT, _WIDTH_TRT = np.radians((9.0, 14.0))
_TRT: Final = 3.2
"""Strength of the tinted lobe where albedo is 1, against the mirrored one."""
_WRAP: Final = 0.25
"""How far light reaches around a head of hair."""
_CHUNK: Final = 4096


def fibre_sheen(tangents: F32, normals: F64, seen: F32, sphere: F64, radiance: F64, albedo: F64) -> F64:
    """(N, 3) mean highlight of fibres along `tangents` (N, 3), root to tip, whose outward normals are `normals`.

    seen (D, N): what reaches them of `radiance` (D, 3) from the unit directions `sphere` (D, 3); albedo (N, 3).
    """
    viewers = _viewers()
    # What comes evenly from all around gives no highlight, only a veil.
    radiance = np.maximum(radiance - np.median(radiance, axis=0), 0.0)
    # Angles of the normal plane: cos(difference) of light and viewer around the fibre needs only dot products.
    between = (sphere @ viewers.T).astype(np.float32)
    total = np.zeros((len(tangents), 3))
    for first in range(0, len(tangents), _CHUNK):
        rows = slice(first, first + _CHUNK)
        along, out = tangents[rows].astype(np.float32), normals[rows].astype(np.float32)
        light, view = along @ sphere.T.astype(np.float32), along @ viewers.T.astype(np.float32)
        facing = np.maximum(out @ viewers.T.astype(np.float32), 0.0) + 1e-4
        facing /= facing.sum(axis=1, keepdims=True)
        arriving = np.maximum(out @ sphere.T.astype(np.float32) + _WRAP, 0.0) / (1 + _WRAP) * seen[:, rows].T
        light_angle, view_angle = np.arcsin(np.clip(light, -1, 1)), np.arcsin(np.clip(view, -1, 1))
        mirrored, through = np.zeros((2, *light.shape), np.float32)
        for k in range(len(viewers)):
            half = (light_angle + view_angle[:, k : k + 1]) / 2
            flat = np.sqrt(np.maximum((1 - light**2) * (1 - view[:, k : k + 1] ** 2), 1e-6))
            around = np.clip((between[None, :, k] - light * view[:, k : k + 1]) / flat, -1, 1)
            share = facing[:, k : k + 1]
            mirrored += share * np.sqrt((1 + around) / 2) * _lobe(half, _SHIFT_R, _WIDTH_R)
            through += share * np.maximum(around, 0) ** 2 * _lobe(half, _SHIFT_TRT, _WIDTH_TRT)
        tint = _TRT * np.sqrt(np.clip(albedo[rows], 0, 1)) * albedo[rows]
        white = (arriving * mirrored) @ radiance
        total[rows] = white + tint * ((arriving * through) @ radiance)
    return total * (4 / len(sphere))


def _lobe(angle: NDArray[np.floating[Any]], shift: float, width: float) -> F32:
    """Normalised over the angle, so that a wider lobe is a dimmer one."""
    return np.asarray(np.exp(-0.5 * ((angle - shift) / width) ** 2) / (width * np.sqrt(2 * np.pi)), np.float32)


def _viewers() -> F64:
    """(M, 3) unit directions to viewers around the person."""
    azimuth = np.radians(np.arange(0, 360, 30.0))
    level = np.array([-0.15, 0.30])
    a, y = (grid.ravel() for grid in np.meshgrid(azimuth, level))
    across = np.sqrt(1 - y * y)
    return np.stack([across * np.sin(a), y, across * np.cos(a)], axis=1)
