"""What looks different from elsewhere: mirrored light and the fuzz of cloth, as spherical harmonics of the direction of
view (from the eye to the Gaussian, in the axes of the rest pose, as in assets.avatar).

Light is evaluated for views all around and fitted by least squares, most closely for views from which a Gaussian is
seen; what is left of the weight holds the others near what is not mirrored, so that no colour runs away behind.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.forge.source import F32, F64
from assets.harmonics import SH0, harmonics

VIEWS: Final = 48
"""Directions from which light is looked at."""
_UNSEEN: Final = 0.15
"""Weight of a view from behind, against 1 from in front."""
_RIDGE: Final = 0.02
_SHARPNESS: Final = 9.0
"""Of the mirrored lobe, a von Mises-Fisher distribution around the mirror direction: skin of a roughness near 0.5."""
_STRENGTH: Final = 4.0
"""Mirrored light at a gloss of 1 under even light from all around, seen straight from in front."""
_VEIL: Final = 0.7
"""Share of the evenly spread light that is left out: skin as it is painted has that veil already."""
_GRAZING: Final = 5.0
"""How many times as much is mirrored at grazing angles, rough as skin is (Fresnel's law after Schlick 1994)."""
_DARKEST: Final = 0.1
"""Of what is not mirrored, at least, from everywhere."""
_CHUNK: Final = 2048


def around(count: int) -> F64:
    """(count, 3) unit directions, even over the sphere (a Fibonacci lattice)."""
    k = np.arange(count) + 0.5
    y = 1 - 2 * k / count
    angle = np.pi * (1 + np.sqrt(5)) * k
    ring = np.sqrt(1 - y * y)
    return np.stack([ring * np.cos(angle), y, ring * np.sin(angle)], axis=1)


def mirrored(normals: F64, seen: F32, sphere: F64, radiance: F64, viewers: F64) -> F64:
    """(N, M, 3) light that surfaces with unit `normals` (N, 3) mirror to `viewers`, unit directions (M, 3) towards the
    eye, at a gloss of 1; `seen` (D, N): what reaches them of `radiance` (D, 3) from the unit directions `sphere`."""
    radiance = np.maximum(radiance - _VEIL * np.median(radiance, axis=0), 0.0)
    facing = normals.astype(np.float32) @ viewers.T.astype(np.float32)
    lit = normals.astype(np.float32) @ sphere.T.astype(np.float32)
    norm = _SHARPNESS / (2 * np.pi * (1 - np.exp(-2 * _SHARPNESS))) * 4 * np.pi / len(sphere)
    arriving = np.clip(4 * lit, 0, 1) * seen.T
    between = (viewers @ sphere.T).astype(np.float32)
    lobe = np.exp(np.float32(_SHARPNESS) * (2 * facing[:, :, None] * lit[:, None, :] - between - 1))
    light = np.matmul(lobe * arriving[:, None, :], radiance.astype(np.float32)).astype(np.float64)
    cosine = np.clip(facing, 0, 1)
    fresnel = 1 + (_GRAZING - 1) * (1 - cosine) ** 5
    return np.asarray((_STRENGTH * norm * fresnel * np.clip(8 * cosine, 0, 1))[:, :, None] * light)


def shine(normals: F64, seen: F32, sphere: F64, radiance: F64, terms: int) -> F64:
    """(N, terms, 3) harmonics of what `mirrored` gives; `terms` is 1, 4, 9 or 16."""
    viewers = around(VIEWS)
    total = np.empty((len(normals), terms, 3))
    for first in range(0, len(normals), _CHUNK):
        rows = slice(first, first + _CHUNK)
        light = mirrored(normals[rows], seen[:, rows], sphere, radiance, viewers)
        total[rows] = fitted(light, viewers, normals[rows], terms)
    return total


def fitted(light: F64, viewers: F64, normals: F64, terms: int) -> F64:
    """(N, terms, 3) harmonics of light (N, M, 3) towards `viewers` (M, 3), from surfaces that face along `normals`."""
    basis = harmonics(-viewers)[:, :terms]
    weight = _UNSEEN + np.clip(2 * normals @ viewers.T, 0, 1)
    square = np.einsum("nm,mk,ml->nkl", weight, basis, basis, optimize=True)
    square += _RIDGE * len(viewers) * np.diag((np.arange(terms) > 0).astype(np.float64)) * SH0**2
    side = np.einsum("nm,mk,nmc->nkc", weight, basis, light, optimize=True)
    return np.asarray(np.linalg.solve(square, side))


def fuzz(normals: F64, terms: int) -> F64:
    """(N, terms) harmonics of 1 - cos to the fourth of the angle between normal and viewer: fibres that stand off catch
    light where one looks along the cloth (as Ashikhmin, Premoze and Shirley 2000 have for velvet)."""
    # The profile is the same around every normal, so one fit serves all: only the harmonics' axis differs.
    viewers = around(VIEWS)
    axis = np.array([[0.0, 0.0, 1.0]])
    profile = (1 - np.clip(viewers[:, 2], 0, 1)) ** 4 * (viewers[:, 2] > 0)
    fit = fitted(np.repeat(profile[None, :, None], 3, axis=2), viewers, axis, terms)[0, :, 0]
    along = harmonics(axis)[0, :terms]
    degree = np.repeat(np.arange(4), 2 * np.arange(4) + 1)[:terms]
    zonal = np.array([fit[degree == d] @ along[degree == d] for d in range(int(np.sqrt(terms)))])
    scale = np.array([along[degree == d] @ along[degree == d] for d in range(len(zonal))])
    return np.asarray(harmonics(normals)[:, :terms] * (zonal / scale)[degree])


def never_dark(sh: F64) -> F64:
    """Harmonics (N, K, 3) of linear light, 0.5 + their sum, whose other terms are lessened together where they would
    take away more than all but a little of the constant one, from wherever it is seen."""
    if sh.shape[1] == 1:
        return sh
    constant: NDArray[Any] = 0.5 + SH0 * sh[:, 0]
    least = (harmonics(-around(VIEWS))[:, 1 : sh.shape[1]] @ sh[:, 1:]).min(axis=1)
    room = (1 - _DARKEST) * np.maximum(constant, 0) / np.maximum(-least, 1e-9)
    share = np.clip(room.min(axis=1), 0, 1)[:, None, None]
    return np.concatenate([sh[:, :1], share * sh[:, 1:]], axis=1)
