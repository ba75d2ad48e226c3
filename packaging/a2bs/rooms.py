"""Microphones and rooms: what lies between a mouth and its recording, so that the network learns neither."""

from __future__ import annotations

import numpy as np
from scipy.signal import fftconvolve

from conversation.phonetics.flite import RATE, Utterance
from conversation.phonetics.phones import Segment

PAUSE = "pause"
"""Voice of an utterance without speech."""


def pauses(count: int, rng: np.random.Generator) -> list[Utterance]:
    """Rooms in which nobody speaks: noise of 3 s at -90 to -40 dB."""
    rooms = [_noise(3 * RATE, rng) * 10 ** rng.uniform(-4.5, -2.0) for _ in range(count)]
    return [Utterance(PAUSE, room.astype(np.float32), (Segment("pau", 0.0, 3.0),), exact=True) for room in rooms]


def recorded(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As if through some microphone: 24 dB of level, tilt; two of five in a room that rings, half of all in noise 15 to
    70 dB below the voice."""
    tilt = rng.uniform(-0.4, 0.4)
    heard = samples + tilt * np.concatenate([[0.0], samples[:-1]])
    if rng.random() < 0.4:
        heard = _in_room(heard, rng)
    level = 0.08 * 10 ** rng.uniform(-0.6, 0.6)
    heard *= level / (np.sqrt(np.mean(heard**2)) + 1e-6)
    if rng.random() < 0.5:
        heard += _noise(len(samples), rng) * level * 10 ** rng.uniform(-3.5, -0.75)
    return heard.astype(np.float32)


def _in_room(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """With an echo that decays by 60 dB in 0.15 to 0.6 s, 4 to 20 dB below the direct sound."""
    decay = rng.uniform(0.15, 0.6)
    time = np.arange(round(decay * RATE)) / RATE
    echo = rng.standard_normal(len(time)) * 10 ** (-3 * time / decay)
    echo[: round(rng.uniform(0.002, 0.01) * RATE)] = 0.0
    echo *= 10 ** (-rng.uniform(4, 20) / 20) / (np.sqrt(np.sum(echo**2)) + 1e-9)
    echo[0] = 1.0
    return fftconvolve(samples, echo)[: len(samples)]


def _noise(samples: int, rng: np.random.Generator) -> np.ndarray:
    """White, low as rooms hum, or falling by 6 dB an octave from 100 Hz on as traffic does; of power 1."""
    noise = rng.standard_normal(samples)
    kind = rng.integers(3)
    if kind == 1:
        noise = np.convolve(noise, np.ones(8) / np.sqrt(8), "same")
    elif kind == 2:
        spectrum = np.fft.rfft(noise)
        spectrum /= np.maximum(np.arange(len(spectrum)) * RATE / samples / 100.0, 1.0)
        noise = np.fft.irfft(spectrum, samples)
    return noise / (np.sqrt(np.mean(noise**2)) + 1e-9)
