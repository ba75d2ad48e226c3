"""Who decides what the body does next: moves for every state of the conversation, nods and gestures for the voice.

A discrete simulation. Events come from the score and from timers of its own, in the order of their times; each adds
moves to the tracks, which are always about the future. So the same seed and score give the same performance, however
often and at whichever moments it is looked at.

Rates from the literature: some shift of posture every 22 s (Duarte & Zatsiorsky 1999, of people who only stand: fidgets
every 49 s sideways and 59 s ahead, shifts every 199 and 316 s); strokes end on stressed syllables (Loehr 2004);
listeners nod in pauses of a speaker, but not within 0.8 s of the last time (Ward & Tsukahara 2000). Where the eyes are
and what follows them is `regard.py`'s.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from render.motion.bearing import BEARINGS
from render.motion.blinks import Blinks
from render.motion.chance import between, chance
from render.motion.gestures import HOME, SIDE, Gesture, choose
from render.motion.quaternion import Vector
from render.motion.regard import EYES, Regard
from render.motion.score import Beat, Entry, Hand, Mood, Pause, Score, State, Viewer
from render.motion.track import PEAK, Track
from render.motion.turning import Turning

F64 = NDArray[np.float64]

FACE: Final = ("browInnerUp", "browOuterUpLeft", "browOuterUpRight", "eyeSquintLeft", "eyeSquintRight")
KEPT_S: Final = 10.0
"""How far back a performance can be looked at without playing it again from its beginning."""
BLEND_S: Final = 0.7
"""From one state's bearing to the next."""
_HAND_SPEED: Final = 2.5
"""Fastest that a hand is moved to where a stroke begins, arms a second."""
_STROKE_S: Final = 0.32
_BETWEEN_S: Final = 1.15
"""Least time between two strokes."""
_READY: Final = 0.72
"""How often a stressed syllable far enough from the last stroke gets one."""
_SHIFT_S: Final = (9.0, 35.0)
_LOOK_S: Final[dict[State, tuple[float, float]]] = {
    "idle": (2.0, 5.5),
    "listening": (2.5, 6.0),
    "thinking": (0.9, 1.9),
    "speaking": (1.4, 3.2),
    "interrupted": (2.0, 4.0),
}
_NOD_S: Final = (3.0, 8.0)
_PAUSE_S: Final = 0.2
_NODS: Final = 0.5
_NOD_AGAIN_S: Final = 0.8
"""How long a pause is that may get a nod, how often it does, and how long after the last one."""
_FLASH: Final = np.array((0.10, 0.08, 0.08, 0.0, 0.0))
"""Brows that go up with a word, beside those that the voice raises itself."""
_PHRASE_S: Final = 0.7
"""Stressed syllables that are farther apart have a pause between them."""
_JOINT_S: Final = 0.25
"""From the last stressed syllable, or the end of a turn, to the blink."""


class Director:
    """The tracks of one performance, and what is due next."""

    def __init__(self, seed: int, score: Score, middle: Vector = EYES, eyes: bool = True) -> None:
        """middle, eyes: of the body (regard.py)."""
        self._seed, self._score = seed, score
        self._noted = 0
        self._draws = 0
        self._state: State = "idle"
        self.side = 1.0 if chance(seed, 50, 0) < 0.5 else -1.0
        """To which side this person leans the head by preference."""
        self._hand = 0 if chance(seed, 50, 1) < 0.3 else 1  # most people's hand is the right one
        bearing = BEARINGS["idle"]
        self.stance, self.chest, self.head = Track(np.zeros(3)), Track(bearing.chest), Track(bearing.head)
        self.nod, self.shoulders = Track(np.zeros(3)), Track(np.zeros(2))
        self.arms = (Track(SIDE), Track(SIDE))
        self.face = Track(bearing.face)
        self.blinks = Blinks(seed)
        self.turning = Turning()
        self.regard = Regard(seed, self.blinks, self.turning, middle, eyes)
        self._heard = float("-inf")
        """The stressed syllable before."""
        self._nodded = float("-inf")
        self._gesture = ""
        self._stroke = -10.0
        self._up = False
        never = float("inf")
        self._due = {
            "shift": self._in(*_SHIFT_S) / 2,
            "look": 1.0,
            "nod": never,
            "lower": never,
            "hands": self._in(6.0, 14.0),
            "blink": self.blinks.due,
            "regard": self.regard.due,
        }

    def advance(self, time: float) -> None:
        """Let everything happen that is due until `time`."""
        while True:
            entries = self._score.entries
            entry = entries[self._noted] if self._noted < len(entries) else None
            what = min(self._due, key=lambda name: self._due[name])
            due = self._due[what]
            if due <= time and (entry is None or due <= entry.time):
                self._happen(what, due)
            elif entry is not None and entry.time <= time:
                self._noted += 1
                self._take(entry)
            else:
                break
            self._due["blink"], self._due["regard"] = self.blinks.due, self.regard.due
        for track in (self.stance, self.chest, self.head, self.nod, self.shoulders, self.face, *self.arms):
            track.forget(time - KEPT_S)
        for part in (self.blinks, self.turning, self.regard):
            part.forget(time - KEPT_S)

    def _draw(self) -> float:
        self._draws += 1
        return chance(self._seed, 51, self._draws)

    def _in(self, low: float, high: float) -> float:
        return between(low, high, self._draw())

    def _take(self, entry: Entry) -> None:
        match entry:
            case Mood():
                self._enter(entry.time, entry.state)
                self.regard.enter(entry.time, entry.state)
                self.blinks.paused(entry.time, entry.time + _JOINT_S)
            case Viewer():
                self.regard.saw(entry)
            case Hand():
                self.regard.waved(entry)
            case Pause():
                self._follow_pause(entry)
            case Beat() if self._state == "speaking":
                if entry.heard - self._heard > _PHRASE_S:
                    self.blinks.paused(entry.time, max(self._heard + _JOINT_S, entry.time))
                self._heard = entry.heard
                self.regard.spoke(entry.time, entry.heard)
                self._stressed(entry)

    def _enter(self, time: float, state: State) -> None:
        before, self._state = self._state, state
        bearing = BEARINGS[state]
        self.chest.add(time, time + BLEND_S, np.array(bearing.chest) * (1, self.side, self.side))
        self.head.add(time, time + BLEND_S, np.array(bearing.head) * (1, self.side, self.side))
        self.face.add(time, time + BLEND_S, bearing.face)
        stance = self.stance.target.copy()
        stance[1] = bearing.ahead
        self.stance.add(time, time + 1.2, stance)
        self._due["look"] = time + self._in(0.8, 2.0)
        self._due["nod"] = time + self._in(1.0, 4.0) if state == "listening" else float("inf")
        if state == "speaking":
            if self._draw() < 0.6:
                self._home(time, self._in(0.7, 0.9))
        elif before == "speaking":
            self.nod.add(time, time + 0.3, np.zeros(3))
            self.shoulders.add(time, time + 0.4, np.zeros(2))
            self._lower(time, 0.75 if state == "interrupted" else self._in(0.95, 1.3))

    def _happen(self, what: str, time: float) -> None:
        match what:
            case "shift":
                self._due[what] = time + self._in(*_SHIFT_S)
                self._shift(time)
            case "look":
                self._due[what] = time + self._in(*_LOOK_S[self._state])
                self._look(time)
            case "nod":
                self._due[what] = time + self._in(*_NOD_S)
                self._agree(time)
            case "lower":
                self._rest(time)
            case "blink":
                self.blinks.shut(time, self._state)
            case "regard":
                self.regard.happen(time)
            case _:
                self._due[what] = time + self._in(9.0, 22.0)
                self._stir(time)

    def _shift(self, time: float) -> None:
        """The weight goes to the other leg, or onto both."""
        before = self.stance.target
        side = self._in(0.55, 1.0) * (-1 if before[0] > 0.3 or (abs(before[0]) <= 0.3 and self._draw() < 0.5) else 1)
        if abs(before[0]) > 0.3 and self._draw() < 0.35:
            side = self._in(-0.25, 0.25)
        long = self._in(1.3, 2.1)
        self.stance.add(time, time + long, (side, before[1], self._in(-1.5, 1.5)))

    def _look(self, time: float) -> None:
        """The head comes to rest a little elsewhere."""
        bearing = BEARINGS[self._state]
        way = np.array((self._in(-1.5, 1.5), self._in(-3.0, 3.0), self._in(-1.8, 1.8)))
        long = self._in(0.45, 0.8)
        self.head.add(time, time + long, np.array(bearing.head) * (1, self.side, self.side) + way)
        self.chest.add(time, time + 1.6 * long, np.array(bearing.chest) * (1, self.side, self.side) + 0.25 * way)

    def _agree(self, time: float) -> None:
        """A listener's nod or two."""
        self._nodded = time
        deep, long = self._in(3.0, 6.0), self._in(0.24, 0.32)
        for _ in range(1 if self._draw() < 0.45 else 2):
            self.nod.add(time, time + long, (deep, 0, 0))
            time += 0.85 * long
            self.nod.add(time, time + 1.3 * long, (-0.15 * deep, 0, 0))
            time += 1.1 * long
            deep *= 0.6
        self.nod.add(time, time + 0.4, np.zeros(3))

    def _follow_pause(self, entry: Pause) -> None:
        """Perhaps a nod; whoever pauses gets them then, not whenever it is time for one."""
        if self._state != "listening" or entry.long < _PAUSE_S:
            return
        self._due["nod"] = entry.time + self._in(*_NOD_S)
        if entry.time - self._nodded >= _NOD_AGAIN_S and self._draw() < _NODS:
            self._due["nod"] = entry.time + self._in(0.05, 0.3)

    def _stressed(self, beat: Beat) -> None:
        """Nod to a stressed syllable, and strike a gesture on it where the last one is long enough ago."""
        now, heard = beat.time, max(beat.heard, beat.time + 0.16)
        if self._draw() < 0.35 + 0.5 * beat.strength:
            down = max(heard - 0.18, now)
            self.nod.add(down, heard, (between(1.2, 3.6, beat.strength), self._in(-0.8, 0.8), self._in(-1.0, 1.0)))
            self.nod.add(heard, heard + 0.42, np.zeros(3))
        if self._draw() < 0.25 * beat.strength:
            rest = np.array(BEARINGS["speaking"].face)
            self.face.add(max(heard - 0.16, now), heard + 0.02, rest + _FLASH)
            self.face.add(heard + 0.25, heard + 0.75, rest)
        if heard - self._stroke >= _BETWEEN_S and self._draw() < _READY:
            self._strike(now, heard)
        elif self._up and heard - self._stroke >= 0.38 and heard - 0.34 >= max(now, self._stroke):
            self._bounce(heard, beat.strength)

    def _strike(self, now: float, heard: float) -> None:
        """Prepare a gesture and strike it so that it ends as the syllable is heard."""
        gesture = choose(self._draw(), self._gesture)
        mirrored = 1 - self._hand if self._draw() < 0.3 else self._hand
        hands = (0, 1) if gesture.both else (mirrored,)
        begin = heard - _STROKE_S
        need = max(self._way(hand, now, gesture) for hand in hands)
        late = max(now + need - begin, 0.0)
        if late > 0.14:
            return
        size = self._in(0.82, 1.08)
        prepare = max(begin + late - max(need, self._in(0.45, 0.7)), now)
        for hand in hands:
            # The second hand follows the first closely, never to the instant.
            lag = 0.0 if hand == hands[0] else self._in(0.01, 0.04)
            ready, struck = _sized(gesture.ready, size), _sized(gesture.struck, size)
            self.arms[hand].add(prepare + lag, begin + late + lag, ready)
            self.arms[hand].add(begin + late + lag, heard + late + lag, struck)
        if gesture.shrug:
            self.shoulders.add(begin, heard + 0.05, (gesture.shrug, gesture.shrug))
            self.shoulders.add(heard + 0.35, heard + 0.95, np.zeros(2))
            pitch, yaw, roll = BEARINGS["speaking"].head
            self.head.add(begin, heard + 0.1, (pitch, yaw, roll + self.side * gesture.tilt))
        if len(hands) == 1:
            self._leave(1 - hands[0], prepare)
        self._gesture, self._stroke, self._up = gesture.name, heard + late, True
        self._due["lower"] = self._stroke + self._in(0.45, 1.0)

    def _leave(self, hand: int, time: float) -> None:
        """The hand that has no part in a gesture waits before the belly, or where it hangs."""
        raised, lifted = self._is_raised(self.arms[hand]), not self._up and self._draw() < 0.3
        if raised or lifted:
            self.arms[hand].add(time + 0.1, time + self._in(0.8, 1.1), HOME)

    @staticmethod
    def _is_raised(track: Track) -> bool:
        return bool(np.abs(track.target[:3] - HOME[:3]).max() > 0.1 and track.target[1] > HOME[1])

    def _way(self, hand: int, now: float, gesture: Gesture) -> float:
        """Seconds that the hand needs to where the stroke begins."""
        far = float(np.linalg.norm(self.arms[hand].at(now)[:3] - gesture.ready[:3]))
        return max(far * PEAK / _HAND_SPEED, 0.22)

    def _bounce(self, heard: float, strength: float) -> None:
        """Beat time with the hand where it is."""
        for track in self.arms:
            held = track.target
            if held[1] < HOME[1] + 0.04 or track.settled > heard - 0.3:
                continue
            small = between(0.02, 0.05, strength)
            lift = held + np.array((0, small, 0, 0, 0, -6.0, 0, *np.zeros(6)))
            track.add(heard - 0.34, heard - 0.16, lift)
            track.add(heard - 0.16, heard, held)
        self._due["lower"] = max(self._due["lower"], heard + 0.4)

    def _rest(self, time: float) -> None:
        """After the hold: first before the belly, then, if no word comes, down to the sides."""
        if any(self._is_raised(track) for track in self.arms) and self._draw() < 0.75:
            self._home(time, self._in(0.65, 0.9), only_raised=True)
        else:
            self._lower(time, self._in(1.0, 1.4))

    def _home(self, time: float, long: float, *, only_raised: bool = False) -> None:
        for track in self.arms:
            if only_raised and not self._is_raised(track):
                continue
            lag = self._in(0.0, 0.12)
            track.add(time + lag, time + lag + long, _sized(HOME, self._in(0.92, 1.05)))
        self._up = True
        self._due["lower"] = time + long + self._in(1.0, 3.0)

    def _lower(self, time: float, long: float) -> None:
        for track in self.arms:
            lag = self._in(0.0, 0.15)
            track.add(time + lag, time + lag + long, SIDE)
        self._up = False
        self._due["lower"] = float("inf")

    def _stir(self, time: float) -> None:
        """Hands that hang are not quite still: fingers close a little, a palm turns."""
        if self._up:
            return
        hand = int(self._draw() * 2)
        curl, palm = self._in(-0.08, 0.12), self._in(-10.0, 12.0)
        long = self._in(0.7, 1.3)
        self.arms[hand].add(time, time + long, SIDE + np.array((0, 0, 0.02 * curl, 0, palm, 0, 0, *([curl] * 5), 0)))


def _sized(arm: F64, size: float) -> F64:
    """The same gesture larger or smaller, about where hands are before the belly."""
    larger = arm.copy()
    larger[:3] = HOME[:3] + size * (arm[:3] - HOME[:3])
    return larger
