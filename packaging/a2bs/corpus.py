"""What the voices say, and how recordings are varied so that the network does not learn one microphone."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import replace
from importlib import resources

import numpy as np
import soxr
import torch
from phones import Segment
from speech import RATE, Utterance

PAUSE = "pause"
"""Voice of an utterance without speech."""
_TEMPLATES = (
    "The {} was {} near the {} {}.", "I {} that you {} a {} {} today.", "Please {} the {} and {} it.",
    "What {} is the {} {} of {}?", "We {} {}, but they {} the {}.", "Maybe {} people buy {} or {} from me.",
    "Well, {} and {} are both {}.", "My {} loves to {} with a big {}, before {}.", "Hello, I am {}, how may I help {}?",
    "If you ask me about {}, I would say {}.", "Oh no, {} {} again!", "She sells {} by the {}, five {} at a time.",
    "That is a very {} {}, thank you.", "Both of them put {} above the {} map.", "You should choose {} for {}.",
    "Who would have thought {} could {}?", "They think this {} has been {} for a month.", "Yes. {} is {}.",
    "Could you tell me why {} feels {}?", "From Monday to Friday we have {}, {} and {}.",
)  # fmt: skip


def sentences(count: int, seed: int) -> list[str]:
    """English sentences with random words of hibari's own lexicon (misaki's), for wide phone coverage."""
    packed = resources.files("hibari").joinpath("assets/lexicon_us_gold.json.gz").read_bytes()
    words = sorted(w for w in json.loads(gzip.decompress(packed)) if w.isascii() and w.isalpha() and w.islower())
    words = [w for w in words if 3 <= len(w) <= 9]
    rng = random.Random(seed)
    return [_filled(rng.choice(_TEMPLATES), words, rng) for _ in range(count)]


def _filled(template: str, words: list[str], rng: random.Random) -> str:
    text = template.format(*(rng.choice(words) for _ in range(template.count("{}"))))
    return text[0].upper() + text[1:]


def resized(utterance: Utterance, factor: float) -> Utterance:
    """As if by a speaker whose vocal tract and pulse are `factor` larger: slower, lower, all formants down."""
    samples = soxr.resample(utterance.samples, RATE, RATE * factor)
    segments = tuple(Segment(s.phone, s.start * factor, s.end * factor) for s in utterance.segments)
    return replace(utterance, samples=samples.astype(np.float32), segments=segments)


def pauses(count: int, rng: np.random.Generator) -> list[Utterance]:
    """Rooms in which nobody speaks: noise of 3 s at -90 to -46 dB."""
    rooms = [_noise(3 * RATE, rng) * 10 ** rng.uniform(-4.5, -2.3) for _ in range(count)]
    return [Utterance(PAUSE, room.astype(np.float32), (Segment("pau", 0.0, 3.0),), exact=True) for room in rooms]


def _noise(samples: int, rng: np.random.Generator) -> np.ndarray:
    """White, or as often low as rooms hum; of power 1."""
    noise = rng.standard_normal(samples)
    return noise if rng.random() < 0.5 else np.convolve(noise, np.ones(8) / np.sqrt(8), "same")


def recorded(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As if through some microphone in some room: 24 dB of level, tilt, in every other noise 25 to 70 dB below."""
    tilt = rng.uniform(-0.4, 0.4)
    tilted = samples + tilt * np.concatenate([[0.0], samples[:-1]])
    level = 0.08 * 10 ** rng.uniform(-0.6, 0.6)
    tilted *= level / (np.sqrt(np.mean(tilted**2)) + 1e-6)
    if rng.random() < 0.5:
        tilted += _noise(len(samples), rng) * level * 10 ** rng.uniform(-3.5, -1.25)
    return tilted.astype(np.float32)


def varied(mel: torch.Tensor, rng: random.Random) -> torch.Tensor:
    """Log-mel (bands, frames) of another speaker and room: bands warped by up to 12 %, 9 dB of level, 4 dB of tilt."""
    bands = mel.shape[0]
    place = (torch.arange(bands) * rng.uniform(0.88, 1.12)).clamp(max=bands - 1.001)
    below = place.long()
    part = (place - below)[:, None]
    warped = mel[below] * (1 - part) + mel[below + 1] * part
    decibel = 1 / 90
    offset = rng.uniform(-9, 9) * decibel + torch.linspace(-1, 1, bands) * rng.uniform(-4, 4) * decibel
    return (warped + offset[:, None]).clamp(min=0.0)
