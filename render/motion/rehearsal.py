"""Performances without a conversation: to look at a body's motion, and to try clothes and hair on it."""

from __future__ import annotations

from math import exp
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.arkit import ARKIT_SHAPES, INDEX
from assets.avatar import Avatar
from render.motion.chance import between, chance
from render.motion.performer import Performer
from render.motion.pose import PoseKey
from render.motion.score import Beat, Mood, Score, State

F32 = NDArray[np.float32]

AHEAD_S: Final = 0.9
"""How long before it is heard a syllable is known."""
_TALK: Final[tuple[tuple[float, State], ...]] = (
    (0.0, "idle"), (12.0, "listening"), (18.0, "thinking"), (21.0, "speaking"), (51.0, "listening"),
)  # fmt: skip
"""When a rehearsal's states begin, in seconds."""
TALK_S: Final = 54.0


def rehearse(state: State, seconds: float, seed: int = 0) -> Score:
    """`seconds` of one state; who speaks says phrases of a few stressed syllables."""
    score = Score()
    score.note(Mood(0.0, state))
    if state == "speaking":
        _speak(score, 0.0, seconds, seed)
    return score


def rehearse_talk(seed: int = 0) -> Score:
    """TALK_S seconds through all states: idle, listening, thinking, speaking for half a minute, listening."""
    score = Score()
    for begin, state in _TALK:
        score.note(Mood(begin, state))
        if state == "speaking":
            _speak(score, begin, 51.0, seed)
    return score


def mouth(score: Score, time: float) -> F32:
    """(52,) ARKit weights of a mouth that makes a score's syllables, and an unstressed one after each."""
    weights = np.zeros(len(ARKIT_SHAPES), np.float32)
    for entry in score.entries:
        if isinstance(entry, Beat) and abs(time - entry.heard) < 0.5:
            for heard, wide in ((entry.heard, 0.22 + 0.2 * entry.strength), (entry.heard + 0.21, 0.15)):
                open_ = wide * exp(-(((time - heard) / 0.07) ** 2))
                weights[INDEX["jawOpen"]] += open_
                round_ = "mouthFunnel" if entry.strength > 0.5 else "mouthStretchLeft"
                weights[INDEX[round_]] += 0.6 * open_
                if round_ != "mouthFunnel":
                    weights[INDEX["mouthStretchRight"]] += 0.6 * open_
    return weights


def motion_set(avatar: Avatar, count: int = 24, seed: int = 0) -> list[PoseKey]:
    """`count` keys that cover what the body does: two thirds of them from speaking, with its gestures, the others from
    standing idle, listening and thinking; mouth and eyes as they are then."""
    score = rehearse_talk(seed)
    performer = Performer(avatar, seed, score)
    speaking = max(round(count * 2 / 3), 1)
    times = [*np.linspace(1.0, 20.5, max(count - speaking, 0)), *np.linspace(22.0, 50.5, speaking)]
    speaks = len(avatar.expressions) == len(ARKIT_SHAPES)
    return [
        performer.key(number, float(time), mouth(score, float(time)) if speaks else None)
        for number, time in enumerate(times[:count])
    ]


def _speak(score: Score, begin: float, end: float, seed: int) -> None:
    """Phrases of three to seven stressed syllables, half a second apart, with pauses between them."""
    heard, phrase = begin + 0.3, 0
    while heard < end:
        for syllable in range(3 + int(5 * chance(seed, 60, phrase))):
            if heard >= end:
                break
            drawn = 20 * phrase + syllable
            score.note(Beat(max(heard - AHEAD_S, begin), heard, chance(seed, 61, drawn)))
            heard += between(0.35, 0.75, chance(seed, 62, drawn))
        heard += between(0.3, 0.9, chance(seed, 63, phrase))
        phrase += 1
