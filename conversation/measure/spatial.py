"""What a voice with a place costs: the audio process has ten milliseconds for each block, and no more than a part of a
core."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import cos, pi, sin
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from conversation.audio.base import BLOCK_S, SPEAKER_RATE
from conversation.audio.spatial.spatialiser import Spatialiser
from conversation.link.mouth_place import AHEAD, Mouth

F32 = npt.NDArray[np.float32]

MOST: Final = 0.03
"""Share of a core at 48 kHz."""
_RATES: Final = (SPEAKER_RATE, 48_000)
_ROUNDS: Final = 5
_TURN_S: Final = 6.0


def bench_spatial(seconds: float = 20.0) -> dict[str, Any]:
    """Share of a core (median of five rounds) and milliseconds to begin, for a voice that stays and for one that goes
    round the head once in six seconds, in a room, too; processor time of this thread, so that others' load counts
    little."""
    figures: dict[str, Any] = {}
    for rate in _RATES:
        begun = time.thread_time()
        spatialiser = Spatialiser(rate, AHEAD)
        begin_ms = (time.thread_time() - begun) * 1e3
        answered = Spatialiser(rate, AHEAD, room=True)
        voice = np.random.default_rng(0).normal(0, 0.1, (100, round(rate * BLOCK_S))).astype(np.float32)
        blocks = round(seconds / BLOCK_S / _ROUNDS)
        figures[f"{rate}_hz"] = {
            "core_share_moving": _share(spatialiser, voice, blocks, _round_the_head),
            "core_share_in_a_room": _share(answered, voice, blocks, _round_the_head),
            "core_share_still": _share(spatialiser, voice, blocks, lambda block: AHEAD),
            "begin_ms": begin_ms,
            "delay_ms": spatialiser.delay_s * 1e3,
        }
    return figures


def missed(figures: dict[str, Any]) -> bool:
    """Whether it costs more than MOST."""
    return bool(figures["48000_hz"]["core_share_moving"] > MOST)


def _share(spatialiser: Spatialiser, voice: F32, blocks: int, mouth: Callable[[int], Mouth]) -> float:
    shares = []
    for _ in range(_ROUNDS):
        begun = time.thread_time()
        for block in range(blocks):
            spatialiser(voice[block % len(voice)], mouth(block))
        shares.append((time.thread_time() - begun) / (blocks * BLOCK_S))
    return float(np.median(shares))


def _round_the_head(block: int) -> Mouth:
    angle = 2 * pi * block * BLOCK_S / _TURN_S
    x, z = 1.6 * sin(angle), -1.6 * cos(angle)
    return Mouth((x, 0.0, z), (0.0, 0.0, 1.0), (x, -3.0, z))
