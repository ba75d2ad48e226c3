"""Speech made faster or slower at the same pitch, for voices that cannot do it themselves.

WSOLA (Verhelst and Roelands 1993): windows of the sound are laid over each other at another distance than they had,
each taken from where it fits best what the one before it goes on with.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.signal import correlate

from conversation.engines.base import F32

_WINDOW_S: Final = 0.030
_SEARCH_S: Final = 0.010
"""To either side; the longest period of a voice."""


def stretched(samples: F32, rate: int, speed: float) -> F32:
    """`samples` (n,) said `speed` times as fast, n / speed long."""
    hop = max(1, round(rate * _WINDOW_S / 2))
    window, search = 2 * hop, max(1, round(rate * _SEARCH_S))
    length = round(len(samples) / speed)
    if abs(speed - 1) < 1e-3 or len(samples) < window:
        return samples
    steps = -(-length // hop) + 1
    padded = np.pad(samples, (search + hop, window + search + hop))
    shape = np.hanning(window + 1)[:-1].astype(np.float32)
    out = np.zeros((steps + 1) * hop, np.float32)
    at = search
    for step in range(steps):
        out[step * hop : step * hop + window] += shape * padded[at : at + window]
        goes_on = padded[at + hop : at + hop + window]
        near = min(round((step + 1) * hop * speed), len(samples))
        around = padded[near : near + window + 2 * search]
        fit = correlate(around, goes_on, mode="valid")
        power = np.convolve(around**2, np.ones(window, np.float32), mode="valid")
        at = near + int(np.argmax(fit / np.sqrt(power + 1e-6)))
    return out[hop : hop + length]
