"""What the voices say, and how their features are varied while the network learns."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import replace
from importlib import resources

import numpy as np
import soxr
import torch

from conversation.phonetics.flite import RATE, Utterance
from conversation.phonetics.phones import Segment

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
