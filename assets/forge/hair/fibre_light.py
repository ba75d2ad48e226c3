"""How hair shines: light that its surface mirrors, and light that comes back through it, tinted.

Two of the lobes of Marschner et al. 2003 ("Light scattering from human hair fibers"), as Gaussians of the half angle
along the fibre: R, shifted towards the root, and TRT, wider, coloured, shifted towards the tip.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.forge.shine import VIEWS, around, fitted
from assets.forge.source import F32, F64

_SHIFT_R, _WIDTH_R = np.radians((-6.0, 8.0))
_SHIFT_TRT, _WIDTH_TRT = np.radians((9.0, 14.0))
_TRT: Final = 3.2
"""Strength of the tinted lobe where albedo is 1, against the mirrored one."""
_STRENGTH: Final = 2.2
"""Of both lobes at a gloss of 1."""
_WRAP: Final = 0.25
"""How far light reaches around a head of hair."""
_CHUNK: Final = 2048


def fibre_shine(tangents: F32, normals: F64, seen: F32, sphere: F64, radiance: F64, albedo: F64, terms: int) -> F64:
    """(N, terms, 3) harmonics (as shine.py has them) of the highlight of fibres along `tangents` (N, 3), root to tip,
    whose outward normals are `normals`, at a gloss of 1.

    seen (D, N): what reaches them of `radiance` (D, 3) from the unit directions `sphere` (D, 3); albedo (N, 3).
    """
    viewers = around(VIEWS)
    total = np.empty((len(tangents), terms, 3))
    for first in range(0, len(tangents), _CHUNK):
        rows = slice(first, first + _CHUNK)
        light = fibres_seen(tangents[rows], normals[rows], seen[:, rows], sphere, radiance, albedo[rows], viewers)
        total[rows] = fitted(light, viewers, normals[rows], terms)
    return total


def fibres_seen(tangents: F32, normals: F64, seen: F32, sphere: F64, radiance: F64, albedo: F64, viewers: F64) -> F64:
    """(N, M, 3) light towards `viewers` (M, 3), unit directions to the eye; the rest as `fibre_shine`."""
    # What comes evenly from all around gives no highlight, only a veil.
    radiance = np.maximum(radiance - np.median(radiance, axis=0), 0.0)
    # Angles of the normal plane: cos(difference) of light and viewer around the fibre needs only dot products.
    between = (sphere @ viewers.T).astype(np.float32)
    along, out = tangents.astype(np.float32), normals.astype(np.float32)
    light, view = along @ sphere.T.astype(np.float32), along @ viewers.T.astype(np.float32)
    arriving = np.maximum(out @ sphere.T.astype(np.float32) + _WRAP, 0.0) / (1 + _WRAP) * seen.T
    light_angle, view_angle = np.arcsin(np.clip(light, -1, 1)), np.arcsin(np.clip(view, -1, 1))
    tint = _TRT * np.sqrt(np.clip(albedo, 0, 1)) * albedo
    total = np.empty((len(tangents), len(viewers), 3))
    for k in range(len(viewers)):
        half = (light_angle + view_angle[:, k : k + 1]) / 2
        flat = np.sqrt(np.maximum((1 - light**2) * (1 - view[:, k : k + 1] ** 2), 1e-6))
        around_it = np.clip((between[None, :, k] - light * view[:, k : k + 1]) / flat, -1, 1)
        white = np.sqrt((1 + around_it) / 2) * _lobe(half, _SHIFT_R, _WIDTH_R)
        through = np.maximum(around_it, 0) ** 2 * _lobe(half, _SHIFT_TRT, _WIDTH_TRT)
        total[:, k] = (arriving * white) @ radiance + tint * ((arriving * through) @ radiance)
    return total * (_STRENGTH * 4 / len(sphere))


def _lobe(angle: NDArray[np.floating[Any]], shift: float, width: float) -> F32:
    """Normalised over the angle, so that a wider lobe is a dimmer one."""
    return np.asarray(np.exp(-0.5 * ((angle - shift) / width) ** 2) / (width * np.sqrt(2 * np.pi)), np.float32)
