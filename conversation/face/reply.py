"""The face of a reply that is made clause by clause: its curve has no seams, and the mouth does not close at commas.

A frame needs some of its future (the lips are on their way to the next sound), which the last frames of a clause do not
have yet. They are given at once, as if silence followed, since the clause may be the last; when the next one comes they
are given again, as they are with it, and take the place of the first. So nothing waits, and what is shown in the end is
the curve of the whole reply.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
import numpy.typing as npt

from assets.arkit import ARKIT_SHAPES
from conversation.engines.base import FaceDriver
from conversation.engines.tts.rest import EASE_OUT_S, easing
from conversation.face import accents
from conversation.face.colour import NEUTRAL, Colour
from conversation.face.pitch import FRAME_RATE
from conversation.speech_text.mood import Mood

F32 = npt.NDArray[np.float32]

_MARGIN_S: Final = 0.1
"""Sound kept beyond what a frame hears, for the edges of resampling filters."""


@dataclass(frozen=True)
class FacePiece:
    """Frames (n, 52) of a clause, the first at sample `first` counted from the clause's own first sample.

    Where `first` is negative, the frames before 0 replace what was given for the end of the clause before.
    """

    frames: F32
    first: int


class FaceReply:
    """One reply; `push` is called with its clauses in their order. Brows and mood join what the driver moves."""

    def __init__(self, driver: FaceDriver, sample_rate: int) -> None:
        self._driver = driver
        self._rate = sample_rate
        self._step = sample_rate / driver.frame_rate
        ahead_s = max(driver.future_s + EASE_OUT_S, accents.FUTURE_S)
        self._again = ceil(ahead_s * driver.frame_rate)
        """Frames that are given again."""
        self._kept = ceil((max(driver.past_s, accents.PAST_S) + ahead_s + _MARGIN_S) * driver.frame_rate)
        """Frames whose sound is remembered."""
        self._colour = Colour()
        self._moods = np.zeros((0, len(ARKIT_SHAPES)), np.float32)
        self._sound = np.zeros(0, np.float32)
        self._first = 0  # frame of the reply at which the sound begins that is remembered
        self._samples = 0  # of the reply so far
        self._frames = 0  # of the reply, given so far

    def push(self, samples: F32, mood: Mood = NEUTRAL) -> FacePiece:
        """The face of the next clause, mono `samples` (n,) in [-1, 1]; weights are in [0, 1]."""
        begins, given = self._samples, self._frames
        self._samples += len(samples)
        self._frames = max(ceil(self._samples / self._step), given)
        self._sound = np.concatenate([self._sound, np.asarray(samples, np.float32)])
        start = max(given - self._again, 0)
        fresh = self._colour.towards(mood, self._frames - given, self._driver.frame_rate)
        self._moods = np.concatenate([self._moods, fresh])[-(self._frames - start) :]
        face = self._driven(start) + self._raised(start) + self._moods
        self._forget()
        return FacePiece(np.clip(face, 0.0, 1.0), round(start * self._step) - begins)

    def _driven(self, start: int) -> F32:
        """(frames from `start` on, 52): the mouth, at rest where the reply begins and where it would end now."""
        hears = ceil((self._driver.past_s + _MARGIN_S) * self._driver.frame_rate)
        first = max(start - hears, self._first)
        curve = self._driver.curve(self._sound_from(first), self._rate)[start - first :]
        curve = _of_length(curve, self._frames - start)
        return curve * easing(self._frames, self._driver.frame_rate)[start:, None]

    def _raised(self, start: int) -> F32:
        """(frames from `start` on, 52): brows."""
        raised = accents.brows(self._sound, self._rate)
        times = (np.arange(start, self._frames) - self._first) * (FRAME_RATE / self._driver.frame_rate)
        whole = np.clip(np.round(times).astype(int), 0, max(len(raised) - 1, 0))
        return raised[whole] if len(raised) else np.zeros((len(whole), len(ARKIT_SHAPES)), np.float32)

    def _sound_from(self, frame: int) -> F32:
        return self._sound[round(frame * self._step) - round(self._first * self._step) :]

    def _forget(self) -> None:
        first = max(self._frames - self._kept, self._first)
        self._sound, self._first = self._sound_from(first), first


def _of_length(frames: F32, count: int) -> F32:
    """The same with `count` frames: a driver may round differently at the end."""
    if len(frames) >= count:
        return frames[:count]
    return np.pad(frames, ((0, count - len(frames)), (0, 0)), mode="edge" if len(frames) else "constant")
