"""Whether what sounds like voice is the user, or what the filter left of the avatar's own voice.

Two witnesses. The filter knows how far it doubts itself: at first, and after somebody moved, it expects to leave much.
AEC3 takes away what it holds for echo: where it leaves little of what the filter left, that was echo.
"""

from __future__ import annotations

from typing import Final

_HELD: Final = 0.85
"""Weight of the frames before: 60 ms."""
_ECHO_DB: Final = -14.0
"""AEC3 takes so much away where the filter left nothing but echo."""
_FOLLOW_DB: Final = -12.0
"""… where the filter should follow: sooner, for while only the avatar speaks it may learn fast."""
_ABOVE_DOUBT_DB: Final = 2.0
_FLOOR: Final = 1e-6
"""Mean square of an echo worth a thought: -60 dBFS."""
_KEPT: Final = 3
"""Windows for which a voice that was the user's stays theirs: syllables are softer in between."""


class Residue:
    """Frame by frame what is left, window by window the judgement; one thread."""

    def __init__(self) -> None:
        self._left = self._clean = self._doubt = 0.0
        self._kept = 0

    def push(self, left: float, clean: float, doubt: float) -> None:
        """A frame's mean squares: left by the filter, left by AEC3, left of the echo as far as the filter doubts."""
        self._left = _HELD * self._left + (1 - _HELD) * left
        self._clean = _HELD * self._clean + (1 - _HELD) * clean
        self._doubt = _HELD * self._doubt + (1 - _HELD) * doubt

    @property
    def moved(self) -> bool:
        """Much of what was left is echo."""
        return self._doubt > 0 and self._left > _FLOOR and self._clean < self._left * 10 ** (_FOLLOW_DB / 10)

    def judge(self, probability: float) -> float:
        """A window's probability of speech; 0 where that is the avatar's."""
        if self._doubt < _FLOOR * 1e-3:
            return probability  # nothing plays
        users = self._left > self._doubt * 10 ** (_ABOVE_DOUBT_DB / 10)
        users &= self._clean > self._left * 10 ** (_ECHO_DB / 10)
        self._kept = _KEPT if users else max(0, self._kept - 1)
        return probability if self._kept else 0.0
