"""The mood of what is said, as it colours a face and the pace of a voice: softly, for words may be meant otherwise.

Faces after Ekman & Friesen's action units (FACS 1978; AU in brackets), at a third to a half of what actors show. Pace
after Murray & Arnott (1993, table 1): the sad speak slower, the happy and the surprised a little faster.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from assets.arkit import ARKIT_SHAPES, INDEX
from conversation.speech_text.mood import Mood, MoodName

F32 = npt.NDArray[np.float32]

NEUTRAL: Final = Mood()
_BOTH = ("Left", "Right")
_FACES: Final[Mapping[MoodName, Mapping[str, float]]] = MappingProxyType({
    "neutral": {},
    # lip corners up (12), cheeks up (6): a smile that does not reach the eyes looks false
    "happy": {"mouthSmile": 0.36, "cheekSquint": 0.34, "eyeSquint": 0.12, "browInnerUp": 0.08, "mouthDimple": 0.08},
    # inner brows up (1) and together (4), lips pressed (24), corners a little down (15)
    "sorry": {"browInnerUp": 0.58, "browDown": 0.12, "mouthFrown": 0.24, "mouthPress": 0.12, "eyeSquint": 0.06},
    # as sorry, with the corners down and the lids heavy
    "sad": {"browInnerUp": 0.62, "browDown": 0.16, "mouthFrown": 0.40, "mouthShrugLower": 0.12, "eyeSquint": 0.12},
    # one brow up (2), eyes a little narrow (7)
    "curious": {"browInnerUp": 0.12, "browOuterUpLeft": 0.52, "browDownRight": 0.14, "eyeSquint": 0.10,
                "mouthSmile": 0.06},
    # brows up (1, 2), eyes wide (5)
    "surprised": {"browInnerUp": 0.52, "browOuterUp": 0.52, "eyeWide": 0.45},
})  # fmt: skip
"""At full strength; names without a side stand for both."""
_PACE: Final[Mapping[MoodName, float]] = MappingProxyType(
    {"neutral": 1.0, "happy": 1.05, "sorry": 0.93, "sad": 0.90, "curious": 1.0, "surprised": 1.04}
)
_SETTLE_S: Final = 0.22
"""A mood comes by a critically damped motion with this time constant: nine tenths of it after 0.85 s."""


def face_of(mood: Mood) -> F32:
    """(52,) ARKit weights to add to a speaking face."""
    weights = np.zeros(len(ARKIT_SHAPES), np.float32)
    for name, weight in _FACES[mood.name].items():
        for full in (name,) if name in INDEX else (name + side for side in _BOTH):
            weights[INDEX[full]] = weight * mood.strength
    return weights


def pace_of(mood: Mood) -> float:
    """How fast it is said, times the voice's own pace: 0.90 to 1.05."""
    return 1.0 + (_PACE[mood.name] - 1.0) * mood.strength


class Colour:
    """A mood that changes from clause to clause, as a curve without a jump or a kink."""

    def __init__(self) -> None:
        self._place = np.zeros(len(ARKIT_SHAPES), np.float32)
        self._speed = np.zeros(len(ARKIT_SHAPES), np.float32)

    def towards(self, mood: Mood, frames: int, frame_rate: float) -> F32:
        """(frames, 52): the next `frames` on the way to `mood`, by the closed form of the damped motion."""
        target = face_of(mood)
        rate = 1.0 / _SETTLE_S
        time = (np.arange(1, frames + 1, dtype=np.float32) / np.float32(frame_rate))[:, None]
        away = self._place - target
        push = self._speed + rate * away
        decay = np.exp(-rate * time)
        curve: F32 = np.asarray(target + (away + push * time) * decay, np.float32)
        if frames:
            self._speed = np.asarray(((push - rate * (away + push * time)) * decay)[-1], np.float32)
            self._place = curve[-1]
        return curve
