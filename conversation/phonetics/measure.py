"""How good a mouth is: correlation, closures, rest and lag, on speech that the network was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from conversation.phonetics.flite import RATE
from conversation.phonetics.mouth import CHANNELS, FRAME_RATE, OPENING, POSES
from conversation.phonetics.phones import BILABIALS, Segment

Array = npt.NDArray[Any]

_MAX_LAG = 20
"""Frames searched on both sides for the best lag."""


@dataclass(frozen=True)
class Clip:
    """One utterance with the curve wanted and the curve predicted, both (frames, len(CHANNELS)) at FRAME_RATE."""

    voice: str
    samples: Array
    segments: tuple[Segment, ...]
    wanted: Array
    predicted: Array


def opening(mouth: Array) -> Array:
    """Gap between the lips in units of jawOpen, (frames,)."""
    gap: Array = np.maximum(mouth @ OPENING, 0.0)
    return gap


def envelope(samples: Array, frames: int) -> Array:
    """RMS of the sound over 40 ms around every frame, (frames,)."""
    half = RATE // 50
    power = np.cumsum(np.concatenate([[0.0], np.pad(samples.astype(np.float64), (half, 2 * half)) ** 2]))
    start = (np.arange(frames) * RATE / FRAME_RATE).astype(int)
    start = np.minimum(start, len(power) - 1 - 2 * half)
    loud: Array = np.sqrt(np.maximum(power[start + 2 * half] - power[start], 0.0) / (2 * half))
    return loud


def lag_ms(late: Sequence[Array], reference: Sequence[Array]) -> float:
    """By how much `late` comes after `reference`: peak of their summed cross-correlation, refined by a parabola."""
    scores = np.zeros(2 * _MAX_LAG + 1)
    for a, b in zip(late, reference, strict=True):
        a, b = a - a.mean(), b - b.mean()
        norm = np.sqrt((a @ a) * (b @ b)) + 1e-12
        scores += [a[max(k, 0) : len(a) + min(k, 0)] @ b[max(-k, 0) : len(b) - max(k, 0)] / norm
                   for k in range(-_MAX_LAG, _MAX_LAG + 1)]  # fmt: skip
    top = int(np.clip(np.argmax(scores), 1, 2 * _MAX_LAG - 1))
    left, mid, right = scores[top - 1 : top + 2]
    return float((top - _MAX_LAG + 0.5 * (left - right) / (left - 2 * mid + right)) * 1000 / FRAME_RATE)


def measure(clips: Sequence[Clip]) -> dict[str, object]:
    """All figures of one set of clips; gaps in units of jawOpen (0.03 is about 1 mm)."""
    wanted = np.concatenate([c.wanted for c in clips])
    predicted = np.concatenate([c.predicted for c in clips])
    gap, gap_wanted = opening(predicted), opening(wanted)
    loud = np.concatenate([envelope(c.samples, len(c.wanted)) for c in clips])
    closures = [_least_gap(c, s) for c in clips for s in c.segments if s.phone in BILABIALS]
    rest = np.concatenate([_resting(c) for c in clips])
    return {
        "minutes": round(len(wanted) / FRAME_RATE / 60, 1),
        "channels": {
            name: {
                "r": rounded(correlation(predicted[:, i], wanted[:, i])),
                "r2": rounded(_r2(predicted[:, i], wanted[:, i])),
            }
            for i, name in enumerate(CHANNELS)
            if wanted[:, i].any()
        },
        "lip_opening": {"r": rounded(correlation(gap, gap_wanted)), "r2": rounded(_r2(gap, gap_wanted))},
        "bilabials": {
            "count": len(closures),
            "least_gap_median": rounded(float(np.median(closures))),
            "least_gap_p90": rounded(float(np.percentile(closures, 90))),
            "under_1_mm": rounded(float(np.mean(np.array(closures) < 0.03))),
            "gap_of_open_vowels": rounded(float(np.mean(np.concatenate([_vowels(c) for c in clips])))),
        },
        "opening_against_loudness_r": rounded(correlation(gap, np.log10(loud + 1e-3))),
        "rest_largest_channel_p95": rounded(float(np.percentile(rest, 95))) if len(rest) else None,
        "jerk_against_target": rounded(
            jerk([opening(c.predicted) for c in clips]) / jerk([opening(c.wanted) for c in clips])
        ),
        "lag_behind_target_ms": rounded(
            lag_ms([opening(c.predicted) for c in clips], [opening(c.wanted) for c in clips]), 1
        ),
        "lag_behind_envelope_ms": rounded(
            lag_ms([opening(c.predicted) for c in clips], [envelope(c.samples, len(c.wanted)) for c in clips]), 1
        ),
    }


def _frames(start: float, end: float, count: int) -> slice:
    return slice(min(round(start * FRAME_RATE), count - 1), max(min(round(end * FRAME_RATE) + 1, count), 1))


def _least_gap(clip: Clip, segment: Segment) -> float:
    held = POSES[segment.phone][0].held * (segment.end - segment.start)
    return float(opening(clip.predicted)[_frames(segment.start, segment.start + held, len(clip.predicted))].min())


def _vowels(clip: Clip) -> Array:
    gap = opening(clip.predicted)
    parts = [gap[_frames(s.start, s.end, len(gap))] for s in clip.segments if s.phone in ("aa", "ae", "ay", "aw")]
    return np.array([p.max() for p in parts])


def _resting(clip: Clip) -> Array:
    """Largest channel in every frame of the pauses, a quarter of a second after sound and 0.2 s before it."""
    peak, frames = clip.predicted.max(axis=1), np.arange(len(clip.predicted)) / FRAME_RATE
    quiet = np.zeros(len(peak), bool)
    for pause in (s for s in clip.segments if s.phone == "pau"):
        first = pause.start + (0.25 if pause.start > 0 else 0.0)
        last = pause.end - (0.2 if pause is not clip.segments[-1] else 0.0)
        quiet |= (frames >= first) & (frames < last)
    resting: Array = peak[quiet]
    return resting


def jerk(curves: Sequence[Array]) -> float:
    """Root mean square of the third derivative, 1/s^3: what jitters has much of it."""
    return float(np.sqrt(np.mean(np.concatenate([np.diff(c, n=3) for c in curves]) ** 2))) * FRAME_RATE**3


def correlation(a: Array, b: Array) -> float:
    return float(np.corrcoef(a, b)[0, 1]) if np.ptp(a) and np.ptp(b) else 0.0


def _r2(predicted: Array, wanted: Array) -> float:
    return float(1 - np.mean((predicted - wanted) ** 2) / np.var(wanted))


def rounded(value: float, digits: int = 3) -> float:
    return round(float(value), digits)
