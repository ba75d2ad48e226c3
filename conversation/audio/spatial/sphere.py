"""Sound at a rigid sphere: what a head does to sound, without its ears and its nose.

The pressure at a point of the sphere is an exact series (Rabinowitz et al. 1993; Duda and Martens 1998), at any
distance of the source. The same series tells what a mouth in a sphere sends out, for source and listener may be
exchanged; Flanagan (1960) compares it with mouths that he measured.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.polynomial.legendre import legvander

F64 = npt.NDArray[np.float64]
C128 = npt.NDArray[np.complex128]

RADIUS: Final = 0.0875
"""Of a head, metres: what Hartley and Fry (1921), Kuhn (1977) and Brown and Duda (1998) reckon with."""
SPEED: Final = 343.0
"""Of sound, metres a second."""
_ORDERS: Final = 64
"""Terms of the series: enough up to 24 kHz at this radius."""
_LOWEST: Final = 0.02
"""Of frequencies times radius over speed: under it the series is at its limit, and its terms too large for floats."""
_FURTHEST: Final = 50.0
"""Metres from which a wave is plane."""


def pressure(frequencies: F64, nearness: F64, angles: F64) -> C128:
    """(n, a, f) pressure at a point of the sphere over the pressure at its centre, were the sphere not there.

    frequencies: (f,) Hz. nearness: (n,) one over the source's distance from the centre, 1/m; 0: a plane wave. angles:
    (a,) radians between the point and the source, seen from the centre.
    """
    orders = np.arange(_ORDERS)
    reduced = np.maximum(2 * np.pi * np.abs(frequencies) * RADIUS / SPEED, _LOWEST)
    ratios = 1.0 / (np.maximum(nearness, 1 / _FURTHEST) * RADIUS)
    phase = ratios[:, None] / reduced * np.exp(-1j * np.outer(ratios, reduced))
    with np.errstate(over="ignore", invalid="ignore"):
        surface = _hankel(reduced)
        before = np.concatenate([1j * surface[:1], surface[:-1]])
        slope = before - (orders[:, None] + 1) / reduced * surface
        terms = (2 * orders[:, None, None] + 1) * _hankel(np.outer(ratios, reduced)) / slope[:, None, :]
    # What is too large for a float under the fraction makes a term of nothing.
    terms[~np.isfinite(terms)] = 0.0
    result: C128 = np.einsum("anf,nf->naf", np.tensordot(legvander(np.cos(angles), _ORDERS - 1), terms, 1), -phase)
    return result


def delay(angle: float, distance: float) -> float:
    """Seconds that sound comes later to a point of the sphere than to one at 90 degrees from the source.

    The straight path where the point is seen from the source, else the one along the surface: Woodworth's formula
    (Woodworth and Schlosberg 1954) for a source at any distance. angle: radians, as above; distance: metres from the
    centre, more than RADIUS.
    """
    horizon = np.arccos(RADIUS / distance)
    tangent = np.sqrt(distance**2 - RADIUS**2)
    if angle < horizon:
        path = np.sqrt(distance**2 + RADIUS**2 - 2 * distance * RADIUS * np.cos(angle))
    else:
        path = tangent + RADIUS * (angle - horizon)
    return float(path - tangent - RADIUS * (np.pi / 2 - horizon)) / SPEED


def _hankel(argument: F64) -> C128:
    """(_ORDERS, …) spherical Hankel functions of the first kind, by the recurrence that is stable for them."""
    made = np.empty((_ORDERS, *argument.shape), np.complex128)
    made[0] = -1j * np.exp(1j * argument) / argument
    made[1] = made[0] * (1 / argument - 1j)
    for order in range(1, _ORDERS - 1):
        made[order + 1] = (2 * order + 1) / argument * made[order] - made[order - 1]
    return made
