"""Music for the rooms of `visavis bench duplex`: a bass, chords, a melody and a drum, made from a seed."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]

_BEAT_S: Final = 0.48
_SCALE: Final = (0, 2, 4, 7, 9, 12, 14, 16)
_CHORDS: Final = ((0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14))
_LOUD: Final = 0.11


def music(seconds: float, rate: int, *, seed: int) -> F32:
    """(n,) at `rate`, as loud as the avatar's voice."""
    rng = np.random.default_rng(seed)
    made = np.zeros(round(seconds * rate))
    for beat in range(int(seconds / _BEAT_S)):
        chord = _CHORDS[beat // 4 % len(_CHORDS)]
        at = round(beat * _BEAT_S * rate)
        _add(made, at, _note(-24 + chord[0], 1.5 * _BEAT_S, rate, 6), 0.5)
        if beat % 2 == 0:
            for step in chord:
                _add(made, at, _note(-12 + step, 2 * _BEAT_S, rate, 8), 0.2)
        for half in range(rng.integers(1, 3)):
            start = at + round(half * _BEAT_S / 2 * rate)
            _add(made, start, _note(int(rng.choice(_SCALE)), _BEAT_S, rate, 10), 0.35)
        hit = rng.normal(size=rate // 12) * np.exp(-np.arange(rate // 12) / (rate / 60))
        _add(made, at, hit, 0.25 if beat % 2 else 0.1)
    level = np.sqrt(np.mean(made**2))
    scaled: F32 = (made * (_LOUD / max(level, 1e-9))).astype(np.float32)
    return scaled


def _note(step: int, seconds: float, rate: int, partials: int) -> npt.NDArray[np.float64]:
    """A plucked note, `step` semitones above the A of 440 Hz; higher partials are softer and die sooner."""
    time_s = np.arange(round(seconds * rate)) / rate
    pitch = 440 * 2 ** (step / 12)
    kept = [k for k in range(1, partials + 1) if k * pitch < rate / 2.2]
    tones = [np.sin(2 * np.pi * k * pitch * time_s) * np.exp(-time_s * (2 + 1.5 * k)) / k for k in kept]
    made: npt.NDArray[np.float64] = np.sum(tones, axis=0) * np.minimum(1, time_s / 0.005)
    return made


def _add(made: npt.NDArray[np.float64], at: int, part: npt.NDArray[np.float64], gain: float) -> None:
    room = max(0, min(len(part), len(made) - at))
    made[at : at + room] += gain * part[:room]
