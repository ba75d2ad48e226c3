"""From time to the two 20 Hz states of the avatar around it.

Keys stand on a grid of 50 ms of monotonic time. A key is the face that the listener sees while hearing that moment, on
a body that stands, listens, thinks and gestures; the renderer blends between two of them on the GPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import dist
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from assets.arkit import INDEX
from assets.avatar import Avatar
from assets.lips import lip_opening
from render.motion.figure import Figure
from render.motion.performer import Performer
from render.motion.pose import PoseKey
from render.motion.quaternion import Quaternion
from render.motion.regard import WAVES
from render.motion.score import Beat, Hand, Mood, Pause, Score, State, Viewer
from render.motion.stress import StressFinder
from xr_app.poses import quaternion

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

KEY_NS: Final = 50_000_000
AHEAD_S: Final = 0.9
"""How far ahead of the voice its face is looked at, for gestures to be prepared: clauses are queued earlier than that,
but for what follows a silence at once."""
SIGHT_NS: Final = 100_000_000
"""Between two notes of where the viewer is, at least: eyes that pursue foresee more than that."""
_MOVED_M: Final = 0.008
_TURNED_DEG: Final = 5.0
"""A viewer whose head moves or turns less stays where they were noted: half a degree, from where people talk."""
PAUSE_NS: Final = 200_000_000
"""The viewer's silence that is a pause, which may get a nod."""

HANDS_NS: Final = 100_000_000
"""Between two looks at the viewer's hands."""
_SEEN_S: Final = 0.3
"""After a longer time without them it is not known how they moved."""

_BROWS: Final = [INDEX[name] for name in ("browInnerUp", "browOuterUpLeft", "browOuterUpRight")]
"""A pitch accent raises all of them, few moods do."""


class FaceAt(Protocol):
    """(52,) face weights of the voice that is heard at `time_ns`, or `ahead_s` seconds of sound later."""

    def __call__(self, time_ns: int, ahead_s: float = 0.0, /) -> F32: ...


class Animator:
    """Keys of one avatar; not shared between threads.

    face_at: monotonic nanoseconds → face. score: of a talk to be shown again; without one the voice is looked at ahead,
    and what the body makes of it and of the states is noted in `score`. figure: of the avatar, made before.
    """

    def __init__(
        self,
        avatar: Avatar,
        face_at: FaceAt,
        start_ns: int,
        seed: int = 0,
        score: Score | None = None,
        figure: Figure | None = None,
    ) -> None:
        self.start_ns, self.seed = start_ns, seed
        self._avatar, self._face_at = avatar, face_at
        self._performer = Performer(avatar, seed, score, figure)
        self._stress = StressFinder() if score is None else None
        self._keys: dict[int, PoseKey] = {}
        self._newest = -1
        self._viewer: Viewer | None = None
        self._sighted_ns = start_ns - SIGHT_NS
        self._silent_ns: int | None = None
        self._reached: list[F64 | None] = [None, None]
        self._hands_ns = start_ns

    @property
    def score(self) -> Score:
        """What the body was told."""
        return self._performer.score

    def enter(self, state: State, time_ns: int) -> None:
        """The conversation came into this state."""
        self._performer.note(Mood((time_ns - self.start_ns) / 1e9, state))

    def looks(self, time_ns: int) -> bool:
        """Whether it is time again for `watch` or for `see_hands`: both pass over what comes sooner."""
        return time_ns - self._sighted_ns >= SIGHT_NS or time_ns - self._hands_ns >= HANDS_NS

    def watch(self, head: F64, time_ns: int) -> None:
        """The viewer's head is here (4, 4), in the avatar's frame, facing its own -z: her eyes will meet theirs."""
        if time_ns - self._sighted_ns < SIGHT_NS:
            return
        x, y, z = head[:3, 3].tolist()
        now = Viewer((time_ns - self.start_ns) / 1e9, (x, y, z), _turn_of(head))
        if self._viewer is None or _moved(self._viewer, now):
            self._viewer, self._sighted_ns = now, time_ns
            self._performer.note(now)

    def see_hands(self, palms: Sequence[F64 | None], head: F64, time_ns: int) -> None:
        """The viewer's left and right palm and head are here (4, 4), in the avatar's frame; None where a palm is not
        known. One that moves by itself, and not with a viewer who walks, may get a glance."""
        if time_ns - self._hands_ns < HANDS_NS:
            return
        seconds, self._hands_ns = (time_ns - self._hands_ns) / 1e9, time_ns
        for side, palm in enumerate(palms):
            before, now = self._reached[side], None
            if palm is not None:
                now = palm[:3, 3] - head[:3, 3]
                if before is not None and seconds < _SEEN_S:
                    x, y, z = palm[:3, 3].tolist()
                    speed = float(np.linalg.norm(now - before)) / seconds
                    if speed >= WAVES:
                        self._performer.note(Hand((time_ns - self.start_ns) / 1e9, (x, y, z), speed))
            self._reached[side] = now

    def paused(self, silent_ns: int) -> None:
        """The viewer, who spoke, has been silent since then."""
        self._silent_ns = silent_ns

    def resumed(self) -> None:
        """They go on; what was too short was no pause."""
        self._silent_ns = None

    def around(self, time_ns: int) -> tuple[PoseKey, PoseKey, float]:
        """The keys before and after `time_ns`, and where it lies between them, 0 to 1."""
        number, rest = divmod(time_ns - self.start_ns, KEY_NS)
        return self._at(number), self._at(number + 1), rest / KEY_NS

    def _at(self, number: int) -> PoseKey:
        key = self._keys.get(number)
        if key is None:
            # The one before these two may be asked for once more.
            self._keys = {k: known for k, known in self._keys.items() if number - 2 <= k}
            key = self._keys[number] = self._key(number)
        return key

    def _key(self, number: int) -> PoseKey:
        time_s, time_ns = number * KEY_NS / 1e9, self.start_ns + number * KEY_NS
        if self._stress is not None and number > self._newest:
            self._newest = number
            face = self._face_at(time_ns, AHEAD_S)
            stressed = self._stress.take(time_s + AHEAD_S, float(lip_opening(face)), float(face[_BROWS].min()))
            if stressed is not None:
                self._performer.note(Beat(time_s, *stressed))
            if self._silent_ns is not None and time_ns - self._silent_ns >= PAUSE_NS:
                self._performer.note(Pause(time_s, (time_ns - self._silent_ns) / 1e9))
                self._silent_ns = None
        return self._performer.key(number, time_s, self._face_at(time_ns))


def _turn_of(head: F64) -> Quaternion:
    """Unit quaternion w, x, y, z."""
    x, y, z, w = quaternion(head[:3, :3])
    return w, x, y, z


def _moved(before: Viewer, now: Viewer) -> bool:
    cosine = abs(sum(a * b for a, b in zip(before.turn, now.turn, strict=True)))
    return dist(before.place, now.place) > _MOVED_M or cosine < np.cos(np.radians(_TURNED_DEG / 2))


def blend(before: PoseKey, after: PoseKey, alpha: float) -> F32:
    """(E,) expression between two keys, as the GPU blends it."""
    return np.asarray((1 - alpha) * before.expression + alpha * after.expression, np.float32)
