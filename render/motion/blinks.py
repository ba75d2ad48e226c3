"""When the lids shut, and how far: more often in talk than at rest, and where a talk has its joints.

People blink 17 times a minute at rest and 26 in conversation (Bentivoglio et al. 1997); with the larger shifts of gaze
(nearly all beyond 33 degrees: Evinger et al. 1994), and where an utterance pauses or ends, speaker and listener alike
(Nakano & Kitazawa 2010). Intervals are exponential beyond a shortest one, so that no rhythm is seen.
"""

from __future__ import annotations

from math import log
from typing import Final

from render.motion.chance import between, chance
from render.motion.score import State

CLOSE_S, SHUT_S, OPEN_S = 0.07, 0.06, 0.15
"""Shut for longer than one key's time, so that one of the keys always meets shut lids."""
SHORTEST_S: Final = 0.7
LONGEST_S: Final = 8.0
_MEAN_S: Final[dict[State, float]] = {
    "idle": 4.2,
    "listening": 3.8,
    "thinking": 3.6,
    "speaking": 6.0,
    "interrupted": 3.0,
}
"""Between two, where nothing else calls for one; pauses and gaze make those of a talk more."""
_WITH_GAZE: Final = ((7.0, 0.12), (33.0, 0.97))
"""Shifts of gaze from which on a blink may hide them, and by which it nearly always does: degrees, how often."""
_IN_PAUSE: Final = 0.65
_CHANNEL: Final = 53


class Blinks:
    """Draws when the next blink is `due`; whoever keeps the time calls `shut` then. A function of seed and calls."""

    def __init__(self, seed: int) -> None:
        self._seed, self._draws = seed, 0
        self._begun: list[float] = []
        self.due = self._interval("idle")

    def shut(self, time: float, state: State) -> None:
        """The lids begin to shut; the next time follows from the state."""
        self._begun.append(time)
        self.due = time + self._interval(state)

    def looked(self, time: float, degrees: float) -> None:
        """The gaze shifts so far now."""
        (low, seldom), (high, often) = _WITH_GAZE
        if degrees >= low and self._draw() < between(seldom, often, min((degrees - low) / (high - low), 1.0)):
            self._sooner(time)

    def paused(self, now: float, time: float) -> None:
        """The talk has a joint at `time`, which is `now` or later."""
        if time >= now and self._draw() < _IN_PAUSE:
            self._sooner(time)

    def at(self, time: float) -> float:
        """How far the lids are shut, 0 to 1."""
        return max((_lid(time - begun) for begun in self._begun), default=0.0)

    def forget(self, before: float) -> None:
        """Drop blinks that nobody asks about from `before` on."""
        self._begun = [begun for begun in self._begun if begun > before - 1.0]

    def _sooner(self, time: float) -> None:
        last = self._begun[-1] if self._begun else float("-inf")
        if time - last >= SHORTEST_S:
            self.due = time

    def _interval(self, state: State) -> float:
        rest = _MEAN_S[state] - SHORTEST_S
        return min(SHORTEST_S - rest * log(1.0 - self._draw()), LONGEST_S)

    def _draw(self) -> float:
        self._draws += 1
        return chance(self._seed, _CHANNEL, self._draws)


def _lid(since: float) -> float:
    if since < 0:
        return 0.0
    if since < CLOSE_S:
        return since / CLOSE_S
    return min(max(1 - (since - CLOSE_S - SHUT_S) / OPEN_S, 0.0), 1.0)
