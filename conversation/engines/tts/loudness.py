"""How loud speech is to an ear (ITU-R BS.1770-4), and how to make it as loud as asked without clipping.

K-weighting is a high shelf for the head and a high pass, given by the recommendation for 48 kHz; for other rates the
same analogue filters are mapped anew (the parameters are those found by B. Mansbridge for libebur128 and pyloudnorm).
The level is the mean over blocks of 0.4 s that are louder than -70 LUFS and than 10 dB below their own mean.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d, uniform_filter1d
from scipy.signal import sosfilt

from conversation.engines.base import F32

CEILING: Final = 10 ** (-1 / 20)
"""No sample is larger: -1 dBFS."""
_BLOCK_S: Final = 0.4
_STEP: Final = 4
"""Blocks begin after each quarter of a block."""
_ABSOLUTE: Final = -70.0
_RELATIVE: Final = -10.0
_AHEAD_S: Final = 0.004
_MOST_DB: Final = 30.0


def loudness(samples: F32, rate: int) -> float:
    """Integrated loudness of mono sound in LUFS; -inf for silence. What is shorter than a block is one block."""
    if not len(samples):
        return float("-inf")
    weighted = sosfilt(_k_weighting(rate), samples.astype(np.float64))
    step = max(1, round(_BLOCK_S * rate / _STEP))
    steps = len(weighted) // step
    if steps < _STEP:
        return _level(np.array([np.mean(weighted**2)]))
    power = (weighted[: steps * step] ** 2).reshape(steps, step).mean(axis=1)
    blocks = np.lib.stride_tricks.sliding_window_view(power, _STEP).mean(axis=1)
    blocks = blocks[blocks > 10 ** ((_ABSOLUTE + 0.691) / 10)]
    if not len(blocks):
        return float("-inf")
    return _level(blocks[blocks > np.mean(blocks) * 10 ** (_RELATIVE / 10)])


def levelled(samples: F32, rate: int, target: float) -> F32:
    """`samples` brought to `target` LUFS, peaks held below CEILING; silence stays as it is."""
    now = loudness(samples, rate)
    if not np.isfinite(now):
        return samples
    gain = 10 ** (min(target - now, _MOST_DB) / 20)
    return limited(np.asarray(samples * gain, np.float32), rate)


def limited(samples: F32, rate: int) -> F32:
    """`samples` with the parts around peaks above CEILING turned down smoothly, from 4 ms before to 4 ms after."""
    needed = np.minimum(1.0, CEILING / np.maximum(np.abs(samples), 1e-9))
    if needed.min(initial=1.0) >= 1.0:
        return samples
    width = 2 * max(1, round(_AHEAD_S * rate)) + 1
    # The least gain that any neighbour needs, then smoothed over the same width: never more than the sample needs.
    gain = uniform_filter1d(minimum_filter1d(needed, width, mode="nearest"), width, mode="nearest")
    held: F32 = np.clip(samples * gain, -CEILING, CEILING).astype(np.float32)
    return held


def _level(powers: NDArray[np.float64]) -> float:
    mean = float(np.mean(powers))
    return -0.691 + 10 * float(np.log10(mean)) if mean > 0 else float("-inf")


@lru_cache(maxsize=8)
def _k_weighting(rate: int) -> NDArray[np.float64]:
    """Second-order sections of the high shelf and the high pass."""
    return np.array([_shelf(rate), _high_pass(rate)])


def _shelf(rate: int) -> list[float]:
    k, q = np.tan(np.pi * 1681.974450955533 / rate), 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    scale = 1 + k / q + k * k
    b = [(high + band * k / q + k * k) / scale, 2 * (k * k - high) / scale, (high - band * k / q + k * k) / scale]
    return [*b, 1.0, 2 * (k * k - 1) / scale, (1 - k / q + k * k) / scale]


def _high_pass(rate: int) -> list[float]:
    k, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    scale = 1 + k / q + k * k
    return [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / scale, (1 - k / q + k * k) / scale]
