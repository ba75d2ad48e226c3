"""The order in which a scene's Gaussians are kept, so that every prefix is the whole scene, thinner.

By importance alone a prefix is made of large things: the sky before any face. At random all are thinned alike, and what
matters little is kept as often as what matters. Between the two: a weighted draw without replacement (Efraimidis and
Spirakis 2006) with the fourth root of opacity times area as weight. Its random numbers are evenly spread ones (van der
Corput 1935) along a curve through space, so that no prefix has holes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assets.importers.cloud import Cloud
from assets.morton import morton_codes

_FAINTEST = 1e-30


def importance_order(cloud: Cloud) -> NDArray[np.intp]:
    """(N,) indices, those that every level of detail draws first."""
    curve = np.argsort(morton_codes(cloud.positions), kind="stable")
    a, b, c = cloud.scales[curve].astype(np.float64).T
    weight = np.maximum(cloud.opacities[curve] * (a * b + b * c + c * a), _FAINTEST) ** 0.25
    return curve[np.argsort(-np.log(_spread_evenly(len(cloud))) / weight, kind="stable")]


def _spread_evenly(count: int) -> NDArray[np.float64]:
    """(count,) numbers between 0 and 1, of which neighbours are far apart."""
    bits = max((count - 1).bit_length(), 1)
    mirrored = np.zeros(count, np.int64)
    for bit in range(bits):
        mirrored |= ((np.arange(count) >> bit) & 1) << (bits - 1 - bit)
    return (mirrored + 0.5) / (1 << bits)
