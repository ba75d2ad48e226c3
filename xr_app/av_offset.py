"""How far the face is off the voice, measured on what was really shown and really played.

Lips of the submitted frames, at the times at which they were seen, against the samples that the loudspeaker took, at
the times at which they were heard. Loudness alone is a blunt ruler: lips and envelope correlate at 0.5 to 0.6, so that
two seconds of speech tell their lag to a tenth of a second at best. So the samples are made into lips once more, by the
face network, straight from the recording and knowing nothing of stamps and clocks; against that curve a window of
speech tells its lag to a few milliseconds. The envelope is the second witness, over the whole talk at once.

Positive offsets mean that the face is late.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

STEP_S: Final = 0.005
"""Resolution of the lag search; a parabola through the best three goes below it."""
REACH_S: Final = 0.3
"""Lags searched on either side."""
MOVING: Final = 0.02
"""Standard deviation under which a curve says nothing."""


class Curve(NamedTuple):
    """A quantity over time."""

    at_s: F64
    value: F64


@dataclass(frozen=True)
class Offset:
    """Milliseconds; NaN where too little was spoken."""

    mean: float
    """Mean of the windows' signed offsets."""
    p99: float
    """99th percentile of their size."""
    windows: int
    envelope: float
    """The whole talk's lips against its envelope, less the lag that the network has by itself."""


SILENT: Final = Offset(float("nan"), float("nan"), 0, float("nan"))


def envelope(samples: F32, sample_rate: int) -> Curve:
    """Loudness every 5 ms: the square root of the RMS over 30 ms, at each window's middle."""
    hop, width = round(sample_rate * STEP_S), round(sample_rate * 0.03)
    if len(samples) < width:
        return Curve(np.zeros(0), np.zeros(0))
    power = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    starts = np.arange(0, len(samples) - width + 1, hop)
    rms = np.sqrt(np.maximum(power[starts + width] - power[starts], 0) / width)
    return Curve((starts + width / 2) / sample_rate, np.sqrt(rms))


def measure(
    shown: Curve, made: Curve, loud: Curve, *, intrinsic_s: float = 0.0, window_s: float = 1.5, hop_s: float = 0.25
) -> Offset:
    """Offset of the shown face against the heard voice.

    shown: lip opening of the submitted frames. made: lip opening that the network makes of what was heard. loud: the
    envelope of that. All on one clock, seconds. intrinsic_s: lag of the network's lips against the envelope (negative
    where the lips lead).
    """
    lags = [
        lag
        for begin in np.arange(shown.at_s[0], shown.at_s[-1] - window_s, hop_s)
        if (lag := lag_behind(_between(shown, begin, begin + window_s), made)) is not None
    ]
    whole = lag_behind(_where(shown, loud), loud, least=0.3)
    if not lags:
        return SILENT
    values = np.array(lags) * 1000
    blunt = float("nan") if whole is None else (whole - intrinsic_s) * 1000
    return Offset(float(values.mean()), float(np.percentile(np.abs(values), 99)), len(values), blunt)


def lag_behind(curve: Curve, reference: Curve, *, least: float = 0.6) -> float | None:
    """Seconds by which `curve` follows `reference`; None where no lag gives a correlation of `least`."""
    if len(curve.at_s) < 8 or len(reference.at_s) < 2 or curve.value.std() < MOVING:
        return None
    lags = np.arange(-REACH_S, REACH_S + STEP_S / 2, STEP_S)
    moved = np.interp(curve.at_s[:, None] - lags[None, :], reference.at_s, reference.value)
    spread = moved.std(axis=0)
    if spread.min() < MOVING / 2:
        return None
    a = (curve.value - curve.value.mean()) / curve.value.std()
    score = (a[:, None] * (moved - moved.mean(axis=0)) / spread).mean(axis=0)
    best = int(score.argmax())
    if score[best] < least or best in (0, len(lags) - 1):
        return None
    before, peak, after = score[best - 1 : best + 2]
    bend = before - 2 * peak + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(lags[best] + shift * STEP_S)


def _between(curve: Curve, begin: float, end: float) -> Curve:
    inside = (curve.at_s >= begin) & (curve.at_s < end)
    return Curve(curve.at_s[inside], curve.value[inside])


def _where(curve: Curve, loud: Curve) -> Curve:
    """The part of `curve` within half a second of anything loud."""
    noisy = loud.at_s[loud.value > 0.1]
    if not len(noisy):
        return Curve(np.zeros(0), np.zeros(0))
    nearest = np.searchsorted(noisy, curve.at_s).clip(1, max(len(noisy) - 1, 1))
    away = np.minimum(
        np.abs(curve.at_s - noisy[nearest - 1]), np.abs(curve.at_s - noisy[nearest.clip(max=len(noisy) - 1)])
    )
    return Curve(curve.at_s[away < 0.5], curve.value[away < 0.5])
