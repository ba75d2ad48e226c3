"""How far the face is off the voice, measured on what was really shown and really played.

Lip opening of the submitted frames, at their display times, against the envelope of the samples that the loudspeaker
took, at the times at which they were heard. In each window of speech the lag with the best correlation is taken; the
lag that the face network itself has between lips and envelope (lips lead sound; measured once on held-out speech) is
subtracted. A positive offset means that the face is late.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

STEP_S = 0.005
"""Resolution of the lag search; a parabola through the best three goes below it."""
REACH_S = 0.3
"""Lags searched on either side."""


@dataclass(frozen=True)
class Offset:
    """Milliseconds, over all windows of speech; NaN where nothing was spoken long enough."""

    mean: float
    """Mean of the signed offsets: positive where the face is late."""
    p99: float
    """99th percentile of the offsets' size."""
    windows: int


def envelope(samples: NDArray[np.float32], sample_rate: int) -> tuple[F64, F64]:
    """Loudness every 5 ms: (seconds at each window's middle, square root of the RMS over 30 ms)."""
    hop, width = round(sample_rate * STEP_S), round(sample_rate * 0.03)
    if len(samples) < width:
        return np.zeros(0), np.zeros(0)
    power = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    starts = np.arange(0, len(samples) - width + 1, hop)
    rms = np.sqrt(np.maximum(power[starts + width] - power[starts], 0) / width)
    return (starts + width / 2) / sample_rate, np.sqrt(rms)


def measure(
    shown_s: F64,
    opening: F64,
    samples: NDArray[np.float32],
    sample_rate: int,
    heard_start_s: float,
    *,
    intrinsic_s: float = 0.0,
    window_s: float = 2.0,
    hop_s: float = 0.25,
) -> Offset:
    """Offset of the shown face against the heard voice.

    shown_s: (N,) display times, seconds, ascending. opening: (N,) lip opening in those frames. samples: what the
    loudspeaker took. heard_start_s: when its first sample was heard, same clock. intrinsic_s: lag of lips against
    envelope that the face network has by itself (negative where the lips lead).
    """
    at, loud = envelope(samples, sample_rate)
    at = at + heard_start_s
    lags = np.arange(-REACH_S, REACH_S + STEP_S / 2, STEP_S)
    offsets: list[float] = []
    if len(at) and len(shown_s):
        start, end = max(at[0], shown_s[0]), min(at[-1], shown_s[-1])
        for begin in np.arange(start, end - window_s, hop_s):
            inside = (shown_s >= begin) & (shown_s < begin + window_s)
            lag = _best_lag(shown_s[inside], opening[inside], at, loud, lags)
            if lag is not None:
                offsets.append(lag - intrinsic_s)
    if not offsets:
        return Offset(float("nan"), float("nan"), 0)
    values = np.array(offsets) * 1000
    return Offset(float(values.mean()), float(np.percentile(np.abs(values), 99)), len(values))


def _best_lag(times: F64, opening: F64, at: F64, loud: F64, lags: F64) -> float | None:
    """Seconds by which the opening follows the loudness; None where there is too little speech to tell."""
    if len(times) < 8 or opening.std() < 0.02:
        return None
    heard = np.interp(times[:, None] - lags[None, :], at, loud)
    heard_spread = heard.std(axis=0)
    if heard_spread.min() < 0.02:
        return None
    a = (opening - opening.mean()) / opening.std()
    b = (heard - heard.mean(axis=0)) / heard_spread
    score = (a[:, None] * b).mean(axis=0)
    best = int(score.argmax())
    if score[best] < 0.4 or best in (0, len(lags) - 1):
        return None
    before, peak, after = score[best - 1 : best + 2]
    bend = before - 2 * peak + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(lags[best] + shift * STEP_S)
