"""Other speakers out of one: the WORLD vocoder takes a voice apart and puts it together with another larynx and tract.

Morise et al., "WORLD: a vocoder-based high-quality speech synthesis system" (2016). Times do not change, so the phones
stay where they are.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyworld

from conversation.phonetics.flite import RATE, Utterance

_PERIOD_MS = 5.0
_LOWEST_HZ, _HIGHEST_HZ = 80.0, 320.0
"""Medians of the pitch of those who speak here: from a low man to a child."""


def revoiced(utterance: Utterance, rng: np.random.Generator) -> Utterance:
    """The same words by a made-up speaker: pitch of its own, livelier or flatter; formants up to a fifth elsewhere;
    more or less breath in the voice."""
    samples = utterance.samples.astype(np.float64)
    rough, times = pyworld.dio(samples, RATE, frame_period=_PERIOD_MS)
    pitch = pyworld.stonemask(samples, rough, times, RATE)
    spectrum = pyworld.cheaptrick(samples, pitch, times, RATE)
    breath = pyworld.d4c(samples, pitch, times, RATE)
    voiced = pitch > 0
    if voiced.any():
        median = np.median(pitch[voiced])
        wanted = np.exp(rng.uniform(np.log(_LOWEST_HZ), np.log(_HIGHEST_HZ)))
        lively = rng.uniform(0.5, 1.5)
        pitch[voiced] = np.clip(wanted * (pitch[voiced] / median) ** lively, 55.0, 500.0)
    spectrum = _warped(spectrum, float(np.exp(rng.uniform(np.log(0.83), np.log(1.2)))))
    breath = np.clip(breath ** rng.uniform(0.5, 1.3), 0.0, 1.0)
    made = pyworld.synthesize(pitch, spectrum, breath, RATE, _PERIOD_MS)
    made = np.pad(made, (0, max(len(samples) - len(made), 0)))[: len(samples)]
    return replace(utterance, samples=made.astype(np.float32))


def _warped(spectrum: np.ndarray, factor: float) -> np.ndarray:
    """Every formant at `factor` times its frequency: (frames, bins) power, in logarithms so that valleys stay deep."""
    bins = spectrum.shape[1]
    place = np.clip(np.arange(bins) / factor, 0, bins - 1.001)
    below = place.astype(int)
    part = place - below
    log = np.log(spectrum + 1e-16)
    return np.ascontiguousarray(np.exp(log[:, below] * (1 - part) + log[:, below + 1] * part))
