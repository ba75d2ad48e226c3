"""Whom the eyes meet: the gaze of someone who talks with a viewer, and how head, trunk and feet follow it.

The eyes jump between the viewer's two eyes and the mouth, look away now and then, and come back; a slow walker they
follow (pursuit.py), after whoever is suddenly elsewhere they jump with the latency of a saccade. They stay where they
look whatever the head does, as each is turned to a point (the vestibulo-ocular reflex does so within 10 ms).

From the literature: listeners look at a speaker 75 % of the time, speakers at a listener 41 % (Argyle & Ingham 1972),
away as an utterance begins and back as it ends (Kendon 1967); who thinks looks away (Glenberg et al. 1998). Saccades
begin after 0.2 s, last 21 ms and 2.2 ms a degree (Carpenter 1988), land a tenth short and are corrected 0.15 s later
(Becker & Fuchs 1969). The head goes along where the eyes would be turned by more than 15 to 20 degrees (Guitton & Volle
1987; Freedman & Sparks 1997), the feet where head and trunk have not enough. Listeners' eyes go to a speaker's hands
seldom (Gullberg & Holmqvist 2006).
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from render.motion.blinks import Blinks
from render.motion.chance import between, chance
from render.motion.pursuit import Pursuit
from render.motion.quaternion import Vector, add, rotate
from render.motion.score import Hand, State, Viewer
from render.motion.sight import angle, point_of, way_to
from render.motion.track import Track
from render.motion.turning import MOST_DEG, Turning

F64 = NDArray[np.float64]
Focus = Literal["left", "right", "mouth", "away", "hand"]
"""What is looked at: the viewer's left or right eye or mouth, something else, a hand."""

EYES: Final[Vector] = (0.0, 1.6, 0.0)
MEET_M: Final = 1.6
"""Someone nobody told about is this far ahead, and as tall."""
LATENCY_S: Final = 0.2
_EYE_HALF_M, _MOUTH_M = 0.0315, 0.072
"""Half between the pupils, and from there down to the mouth, of a grown-up (Dodgson 2004; Farkas 1994)."""
_FEATURES: Final[dict[Focus, Vector]] = {
    "left": (-_EYE_HALF_M, 0.0, 0.0),
    "right": (_EYE_HALF_M, 0.0, 0.0),
    "mouth": (0.0, -_MOUTH_M, 0.0),
}
_MOUTH_SHARE: Final[dict[State, float]] = {
    "idle": 0.15, "listening": 0.3, "thinking": 0.15, "speaking": 0.15, "interrupted": 0.2,
}  # fmt: skip
"""Of the fixations of a face; more where it speaks (Buchan et al. 2007)."""
_DWELL_S: Final = (0.4, 1.6)
_ON_S: Final[dict[State, float]] = {
    "idle": 3.4, "listening": 4.2, "thinking": 0.6, "speaking": 1.3, "interrupted": 4.0,
}  # fmt: skip
_OFF_S: Final[dict[State, float]] = {
    "idle": 2.2, "listening": 1.1, "thinking": 2.6, "speaking": 2.5, "interrupted": 0.8,
}  # fmt: skip
"""Mean times on the viewer and away from them."""
_JUMP_DEG: Final = 5.0
"""A viewer who is elsewhere by more than this is jumped after, not followed."""
_SHORT_FROM_DEG, _SHORT = 6.0, 0.9
_SCATTER_DEG: Final = 0.5
"""At most, to either side of where a saccade should land (Kowler & Blaser 1995: deviations of 0.3 degrees)."""
_NEAREST_M: Final = 0.25
"""From the middle of the body, over the floor; of someone nearer nobody can say in which direction they are."""
_KEEP: Final = ((15.0, 9.0), (7.0, 3.0))
"""Degrees sideways and up from which on the head goes along, and how many it then leaves to the eyes: they are rarely
held farther off than that (Stahl 1999)."""
_BARE_KEEP: Final = ((10.0, 0.0), (7.0, 0.0))
_LEADS_S: Final = 1.0
"""The head goes to where someone who walks on will be then; it rests until the eyes have caught up with it."""
_EYES_ALONE_DEG: Final = 15.0
_GLANCED, _BARE_GLANCED = 0.3, 0.6
"""Glances up to here are the eyes' alone; share of the head in farther ones, and where there are no eyes to turn."""
_HEAD_MOST, _NOD_MOST = 65.0, 25.0
_TRUNK, _TRUNK_MOST = 0.3, 18.0
_HEAD_RESTS, _TRUNK_RESTS = 2.0, 9.0
"""Degrees up to which they stay as they are, however else they should be."""
_SETTLES_S: Final = 2.5
"""After a move of the head nothing called for another, the trunk comes to where it is at ease."""
_FAR_DEG, _QUITE_FAR_DEG = 45.0, 60.0
_STAYS_S: Final = (1.2, 0.5)
"""How long a viewer who is far aside, or quite far, is there before the feet follow."""
_ROUND_DEG: Final = 200.0
"""Who goes round behind is looked after over the one shoulder up to here, then over the other."""
_ASIDE_DEG: Final = 20.0
"""A turn goes on until less is left."""
WAVES: Final = 0.4
_GLANCE_AGAIN_S: Final = 3.0
_GLANCES: Final = 0.5
"""Metres a second from which on a hand is noticed, seconds between two glances at it, and how often there is one."""
_CHANNEL: Final = 54
_NEVER: Final = float("inf")


class Regard:
    """Gaze, head and trunk of one performance; what it is told comes in the order of time, and so does what is due.

    middle: place on the body's axis as high as the eyes. eyes: whether there are any to be turned; without them the
    head does all of it. It tells `blinks` of every shift of gaze, and calls for turns of `turning`.
    """

    def __init__(self, seed: int, blinks: Blinks, turning: Turning, middle: Vector = EYES, eyes: bool = True) -> None:
        self._seed, self._draws = seed, 0
        self._blinks, self._turning, self._middle = blinks, turning, middle
        self._keep = _KEEP if eyes else _BARE_KEEP
        self._share = _GLANCED if eyes else _BARE_GLANCED
        self._side = 1.0 if chance(seed, 50, 0) < 0.5 else -1.0
        self._state: State = "idle"
        self._viewer = Viewer(0.0, add(middle, (0.0, 0.0, MEET_M)))
        self._base = Pursuit(way_to(self._viewer.place, middle))
        self._off = Track(np.zeros(3))
        """From the viewer to what is looked at."""
        self.head, self.trunk = Track(np.zeros(2)), Track(np.zeros(1))
        """Head against the room, pitch (down) and yaw (left); trunk against the hips, yaw; what else they do adds."""
        self.focus: Focus = "left"
        self._spot: F64 = np.zeros(3)
        """Where a focus that is none of the viewer's features lies, from the viewer."""
        self._anchor = np.zeros(2)
        """Left and up, where the head would be if it glanced at nothing."""
        self._along = np.zeros(2)
        """How far it goes with a glance; not with what the eyes do then."""
        self._scatter: F64 = np.zeros(3)
        self._glanced = -_GLANCE_AGAIN_S
        self._timers = {"scan": 0.5, "phase": self._in(1.0, 3.0), "correct": _NEVER, "look": _NEVER, "yield": _NEVER,
                        "follow": _NEVER, "settle": _NEVER, "body": _NEVER}  # fmt: skip

    @property
    def due(self) -> float:
        """When `happen` has to be called next."""
        return min(self._timers.values())

    def point(self, time: float) -> Vector:
        """What is looked at, metres in the avatar's frame."""
        return point_of(self._base.at(time) + self._off.at(time), self._middle)

    def happen(self, time: float) -> None:
        """Let what is due at `time` happen."""
        what = min(self._timers, key=lambda name: self._timers[name])
        self._timers[what] = _NEVER
        match what:
            case "scan":
                self._scan(time)
            case "phase":
                self._toggle(time)
            case "correct":
                self._off.add(time, time + 0.03, self._goal())
            case "look":
                self._look(time)
            case "yield":
                if self.focus == "away":
                    self._meet(time)
            case "follow":
                self._follow(time)
            case "settle":
                self._twist(time, 1.0, float(self.head.target[1]), self._heading(time), _HEAD_RESTS)
            case _:
                self._turn(time)

    def enter(self, time: float, state: State) -> None:
        """The conversation came into this state."""
        before, self._state = self._state, state
        self._timers["yield"] = _NEVER
        if state == "thinking" or (state == "speaking" and self._draw() < 0.6):
            self._avert(time + between(0.1, 0.2, self._draw()))
        elif self.focus in ("away", "hand"):
            # Whoever has spoken has planned to look up; else it takes a moment to see that something changed.
            self._meet(time + (0.08 if before == "speaking" else LATENCY_S))
        else:
            self._timers["phase"] = time + self._long(_ON_S)

    def spoke(self, time: float, heard: float) -> None:
        """A stressed syllable will be heard: if it is the last of its phrase, the gaze comes back with it."""
        self._timers["yield"] = max(heard - 0.1, time)

    def saw(self, entry: Viewer) -> None:
        """The viewer is here."""
        x, _, z = entry.place
        if x * x + z * z < _NEAREST_M**2:
            return
        time, way, base = entry.time, way_to(entry.place, self._middle), self._base
        way[0] += 360.0 * round((base.target[0] - way[0]) / 360.0)
        if abs(way[0] - self._turning.goal) > _ROUND_DEG:
            way[0] -= np.copysign(360.0, way[0] - self._turning.goal)
        self._viewer = entry
        if angle(way - base.at(time), float(way[1])) > _JUMP_DEG:
            place, speed = base.jump(time, way)
            # The eyes stay where they are until they have seen it.
            self._off.shift(time, -place, -speed)
            self._timers["correct"] = _NEVER
            if self.focus in _FEATURES:
                self._timers["scan"], self._timers["look"] = _NEVER, min(self._timers["look"], time + LATENCY_S)
        else:
            base.sight(time, way)
            self._follow(time)
        self._consider(time)

    def waved(self, entry: Hand) -> None:
        """A hand of the viewer moves: perhaps a glance at it."""
        quick = entry.speed >= WAVES and entry.time - self._glanced >= _GLANCE_AGAIN_S
        if not quick or self.focus not in _FEATURES or self._draw() >= _GLANCES:
            return
        spot = way_to(entry.place, self._middle) - self._base.target
        spot[0] -= 360.0 * round(spot[0] / 360.0)
        if angle(spot) > _FAR_DEG:
            return
        self.focus, self._glanced = "hand", entry.time
        self._glance(spot)
        self._timers["look"] = entry.time + LATENCY_S
        self._timers["scan"] = _NEVER
        self._timers["phase"] = entry.time + LATENCY_S + self._in(0.35, 0.6)

    def forget(self, before: float) -> None:
        """Drop what nobody asks about from `before` on."""
        self._base.forget(before)
        for track in (self._off, self.head, self.trunk):
            track.forget(before)

    def _draw(self) -> float:
        self._draws += 1
        return chance(self._seed, _CHANNEL, self._draws)

    def _in(self, low: float, high: float) -> float:
        return between(low, high, self._draw())

    def _long(self, means: dict[State, float]) -> float:
        return means[self._state] * self._in(0.5, 1.5)

    def _goal(self) -> F64:
        """(3,) where the eyes should land, from the viewer."""
        feature = _FEATURES.get(self.focus)
        if feature is None:
            return self._spot
        place = add(self._viewer.place, rotate(self._viewer.turn, feature))
        way = way_to(place, self._middle) - way_to(self._viewer.place, self._middle)
        way[0] -= 360.0 * round(way[0] / 360.0)
        return way + self._scatter

    def _look(self, time: float) -> None:
        """A saccade to the focus; of a large one a tenth is missing, which another one makes up for."""
        self._scatter = _SCATTER_DEG * np.array((self._in(-1.0, 1.0), self._in(-1.0, 1.0), 0.0))
        goal = self._goal()
        change = goal - self._off.at(time)
        far = angle(change, float(self._base.target[1]))
        end = time + _saccade_s(far)
        if far > _SHORT_FROM_DEG:
            self._timers["correct"] = end + 0.15
            goal = goal - (1 - _SHORT) * change * (1.0, 1.0, 0.0)
        self._off.add(time, end, goal)
        self._blinks.looked(time, far)
        self._timers["scan"] = end + self._in(*_DWELL_S)
        self._timers["follow"] = min(self._timers["follow"], time + 0.03)

    def _scan(self, time: float) -> None:
        """The next small shift: to another part of the face, or about whatever else is looked at."""
        if self.focus in _FEATURES:
            self.focus = self._feature()
        elif self.focus == "away":
            self._spot = self._spot + np.array((self._in(-4.0, 4.0), self._in(-3.0, 3.0), 0.0))
        self._look(time)

    def _feature(self) -> Focus:
        mouth = self.focus != "mouth" and self._draw() < 2 * _MOUTH_SHARE[self._state]
        if mouth:
            return "mouth"
        if self.focus == "left":
            return "right"
        return "left" if self.focus == "right" or self._draw() < 0.5 else "right"

    def _toggle(self, time: float) -> None:
        if self.focus in _FEATURES:
            self._avert(time)
        else:
            self._meet(time)

    def _meet(self, time: float) -> None:
        """Look at the viewer, from `time` on."""
        self.focus = "left" if self._draw() < 0.5 else "right"
        self._along = np.zeros(2)
        self._timers["look"], self._timers["correct"] = time, _NEVER
        self._timers["phase"] = time + self._long(_ON_S)

    def _avert(self, time: float) -> None:
        """Look away, from `time` on: up to a side to think, else aside or down."""
        across = self._side * self._in(0.5, 1.0) * (1 if self._draw() < 0.8 else -1)
        if self._state == "thinking":
            up = self._in(0.4, 1.0) if self._draw() < 0.75 else self._in(-0.9, -0.4)
            self._glance(np.array((17.0 * across, 12.0 * up, 0.0)))
        else:
            self._glance(np.array((15.0 * across, self._in(-9.0, 4.0), 0.0)))
        self.focus = "away"
        self._timers["look"], self._timers["correct"] = time, _NEVER
        self._timers["phase"] = time + self._long(_OFF_S)

    def _glance(self, spot: F64) -> None:
        """Have a spot to look at beside the viewer."""
        self._spot = spot
        self._along = (self._share if angle(spot) > _EYES_ALONE_DEG else 0.0) * spot[:2]

    def _follow(self, time: float) -> None:
        """Head and trunk go where the eyes would have to be turned too far; in steps, between which they rest."""
        base = self._base
        for k, (most, left) in enumerate(self._keep):
            off = float(base.target[k] - self._anchor[k])
            if abs(off) > most:
                leads = np.clip(_LEADS_S * base.speed[k] - np.copysign(left, off), -left, left)
                self._anchor[k] = base.target[k] + leads
        goal = self._anchor + self._along
        heading = self._heading(time)
        yaw = heading + float(np.clip(goal[0] - heading, -_HEAD_MOST, _HEAD_MOST))
        pitch = float(np.clip(-goal[1], -_NOD_MOST, _NOD_MOST))
        wanted = np.array((pitch, yaw))
        long = 0.32 + 0.011 * float(np.linalg.norm(wanted - self.head.at(time)))
        if np.linalg.norm(wanted - self.head.target) > _HEAD_RESTS:
            self.head.add(time, time + long, wanted)
            self._timers["settle"] = time + _SETTLES_S
        self._twist(time, long, yaw, heading, _TRUNK_RESTS)
        if time < self._turning.until:
            self._timers["follow"] = time + 0.1

    def _twist(self, time: float, long: float, yaw: float, heading: float, rests: float) -> None:
        """The trunk has its share of a head that is turned to `yaw`, if it would change by more than `rests`."""
        trunk = float(np.clip(_TRUNK * (yaw - heading), -_TRUNK_MOST, _TRUNK_MOST))
        if abs(trunk - self.trunk.target[0]) > rests:
            self.trunk.add(time, time + 1.5 * long + 0.2, (trunk,))

    def _heading(self, time: float) -> float:
        return float(self._turning.heading.at(time)[0])

    def _consider(self, time: float) -> None:
        """Whether the viewer is where only the feet can follow."""
        aside = abs(float(self._base.target[0]) - self._turning.goal)
        if time < self._turning.until:
            return
        if aside <= _FAR_DEG:
            self._timers["body"] = _NEVER
        elif self._timers["body"] == _NEVER:
            self._timers["body"] = time + _STAYS_S[aside > _QUITE_FAR_DEG]

    def _turn(self, time: float) -> None:
        """Turn on the spot, and again until the viewer is ahead."""
        by = float(self._base.target[0]) - self._turning.goal
        if abs(by) > _ASIDE_DEG:
            self._turning.turn(time, float(np.clip(by, -MOST_DEG, MOST_DEG)))
            self._timers["body"] = self._turning.until
            self._timers["follow"] = min(self._timers["follow"], time + 0.1)


def _saccade_s(degrees: float) -> float:
    """How long a saccade lasts; where the head has part of it, longer (Guitton & Volle 1987)."""
    return max(0.021 + 0.0022 * min(degrees, 20.0) + 0.005 * max(degrees - 20.0, 0.0), 0.03)
