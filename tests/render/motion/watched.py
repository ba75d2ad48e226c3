"""A posed body looked at from outside: where eyes, head, hips and feet really are, by its skinning matrices alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.motion.performer import Performer
from render.motion.score import Entry, Mood, Score, State, Viewer

F64 = NDArray[np.float64]

PUPILS_M = 0.063


def facing(place: Sequence[float]) -> tuple[float, float, float, float]:
    """The turn of a viewer's head at `place` that faces the avatar's axis."""
    half = np.arctan2(place[0], place[2]) / 2
    return float(np.cos(half)), 0.0, float(np.sin(half)), 0.0


def viewer(time: float, place: Sequence[float]) -> Viewer:
    x, y, z = (float(a) for a in place)
    return Viewer(time, (x, y, z), facing((x, y, z)))


def pupils(place: Sequence[float]) -> F64:
    """(2, 3) left and right eye of a viewer who faces the avatar."""
    left = np.array((-place[2], 0.0, place[0])) / np.hypot(place[0], place[2])
    return np.asarray(place) + PUPILS_M / 2 * np.array((left, -left))


def scored(state: State, *entries: Entry) -> Score:
    score = Score()
    for entry in sorted((Mood(0.0, state), *entries), key=lambda entry: entry.time):
        score.note(entry)
    return score


class Watched:
    """One performance; places in metres, in the avatar's frame."""

    def __init__(self, avatar: Avatar, seed: int, score: Score) -> None:
        self.performer, self._avatar = Performer(avatar, seed, score), avatar
        self._posed: dict[float, F64] = {}

    def joint(self, name: str, time: float) -> F64:
        """(4, 4) joint to room."""
        if time not in self._posed:
            self._posed[time] = self.performer.key(0, time).joints.astype(np.float64) @ self._avatar.skeleton.rest
        return np.asarray(self._posed[time][self._avatar.skeleton.names.index(name)])

    def ahead(self, name: str, time: float) -> F64:
        """Where a joint's +z of the rest pose points."""
        rest = self._avatar.skeleton.rest[self._avatar.skeleton.names.index(name), :3, :3].astype(np.float64)
        return np.asarray(self.joint(name, time)[:3, :3] @ rest.T @ (0.0, 0.0, 1.0))

    def off(self, name: str, time: float, target: F64) -> float:
        """Degrees between where an eye or a head points and a target."""
        return degrees_between(self.ahead(name, time), target - self.joint(name, time)[:3, 3])


def degrees_between(a: F64, b: F64) -> float:
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b)))


def played_twice(avatar: Avatar, known: Sequence[Entry], seconds: float) -> None:
    """Live, entries come as time passes; a film knows them all before it begins, and looks at other moments."""
    live, seen = Performer(avatar, 5), {}
    for number in range(round(seconds / 0.05)):
        time = number * 0.05
        for entry in [e for e in known if time - 0.05 < e.time <= time]:
            live.note(entry)
        seen[time] = live.at(time).rotations
    again = Performer(avatar, 5, Score(list(live.score.entries)))
    for time in list(seen)[::9]:
        again.at(time + 0.021)
        assert np.array_equal(again.at(time).rotations, seen[time])
