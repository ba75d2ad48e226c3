"""Where panels would best be, as seen from the head: captions under the avatar's face, the menu beside the avatar.

Angles are radians about the head's place: yaw 0 looks along -z and grows to the left, pitch grows upwards.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Point = tuple[float, float, float] | F64
"""Metres. Of so few numbers Python's own are the faster."""

NEAREST: Final = 0.6
"""Metres: nearer than that eyes converge too far for what a headset's optics show at a metre and more."""
READING: Final = 1.2
"""Metres at which panels stand where nothing is in the way: near what the optics of headsets are focused at."""
AT_HAND: Final = 0.9
_STEP: Final = math.radians(4)
_LOW: Final = 10
"""Degrees under the gaze where captions begin if nobody is looked at."""
_HALF_CAPTIONS: Final = 15
"""Degrees from the middle of captions to their end."""
_HALF_FACE: Final = 6
"""Degrees, hair included, of somebody at arm's length and more."""
HALF_VIEW: Final = math.radians(45)
"""From the middle of a headset's view to its side, or less."""
_GAP: Final = 0.08
"""Metres between a panel and the avatar."""


class Aim(NamedTuple):
    """A place as seen from the head."""

    yaw: float
    pitch: float
    distance: float


@dataclass(frozen=True)
class Person:
    """Where the avatar stands."""

    feet: tuple[float, float, float]
    height: float = 1.7
    radius: float = 0.35
    """Of the upright cylinder that holds body and gestures."""

    @classmethod
    def of(cls, model: F64, height: float, radius: float = 0.35) -> Person:
        """An avatar so high, by its (4, 4) matrix to the world, whose size counts."""
        (_, a, _, x), (_, b, _, y), (_, c, _, z), _ = model.tolist()
        size = math.hypot(a, b, c)
        return cls((x, y, z), height * size, radius * size)

    @property
    def face(self) -> tuple[float, float, float]:
        """Between the eyes."""
        return self.feet[0], self.feet[1] + 0.93 * self.height, self.feet[2]

    @property
    def chin(self) -> float:
        """Height over the session's floor."""
        return self.feet[1] + 0.85 * self.height


def aim_at(point: Point, head: F64) -> Aim:
    """Of a point, from a (4, 4) head."""
    (_, _, _, hx), (_, _, _, hy), (_, _, _, hz), _ = head.tolist()
    x, y, z = point
    x, y, z = x - hx, y - hy, z - hz
    return Aim(math.atan2(-x, -z), math.atan2(y, math.hypot(x, z)), math.sqrt(x * x + y * y + z * z))


def point_of(aim: Aim, head: F64) -> tuple[float, float, float]:
    """In the world."""
    flat, far = math.cos(aim.pitch), aim.distance
    (_, _, _, x), (_, _, _, y), (_, _, _, z), _ = head.tolist()
    return x - far * math.sin(aim.yaw) * flat, y + far * math.sin(aim.pitch), z - far * math.cos(aim.yaw) * flat


def gaze_of(head: F64) -> Aim:
    """A metre ahead; whoever looks straight up or down faces where the top or the bottom of the head points."""
    (_, up_x, back_x, _), (_, _, back_y, _), (_, up_z, back_z, _), _ = head.tolist()
    x, y, z = -back_x, -back_y, -back_z
    if math.hypot(x, z) < 0.2:
        x, z = (a * -math.copysign(1.0, y) for a in (up_x, up_z))
    return Aim(math.atan2(-x, -z), math.asin(max(-1.0, min(1.0, y))), 1.0)


def turn_between(a: Aim, b: Aim) -> float:
    """Angle between two directions."""
    cosine = math.sin(a.pitch) * math.sin(b.pitch) + math.cos(a.pitch) * math.cos(b.pitch) * math.cos(a.yaw - b.yaw)
    return math.acos(max(-1.0, min(1.0, cosine)))


class Attention:
    """Whether the wearer looks at the avatar: begins within 25 degrees, ends beyond 40, so that it does not flutter."""

    def __init__(self) -> None:
        self._on = False

    def update(self, head: F64, person: Person | None) -> bool:
        """With this frame's head."""
        if person is None:
            self._on = False
            return False
        angle = turn_between(gaze_of(head), aim_at(person.face, head))
        self._on = angle < math.radians(40 if self._on else 25)
        return self._on


def captions_aim(head: F64, person: Person | None, degrees: tuple[float, float]) -> Aim:
    """Under the face of the person that is looked at, so that nothing of it is covered; without one low in the view.

    degrees: the panel's width and height.
    """
    half = math.radians(degrees[1]) / 2
    if person is None:
        gaze = gaze_of(head)
        return Aim(gaze.yaw, _within(gaze.pitch - math.radians(_LOW) - half, -40, 25), READING)
    face = aim_at(person.face, head)
    away = max(face.distance * math.cos(face.pitch), 0.3)
    chin = math.atan2(person.chin - head[1, 3], away)
    pitch = _within(chin - math.radians(1) - half, -45, 25)
    return clear_of(Aim(face.yaw, pitch, READING), head, person, degrees[0])


def menu_aim(
    head: F64,
    person: Person | None,
    degrees: tuple[float, float],
    *,
    right: bool = True,
    half_view: float = HALF_VIEW,
) -> Aim:
    """At hand, beside the person that is looked at, to their right as one sees them or to their left; without one
    straight ahead. half_view: radians from the middle of what is seen to its side."""
    gaze = gaze_of(head)
    if person is None:
        up = degrees[1] / 2 - _LOW + 0.5  # captions have their place underneath
        return Aim(gaze.yaw, _within(gaze.pitch + math.radians(up), -30, 15), AT_HAND)
    face = aim_at(person.face, head)
    away = max(face.distance * math.cos(face.pitch), 1.2 * person.radius)
    half = math.radians(degrees[0] / 2)
    beside = max(math.asin(person.radius / away), math.radians(_HALF_CAPTIONS)) + half + math.radians(1)
    beside = min(beside, math.radians(45))
    if away - person.radius - _GAP > AT_HAND:
        # Before a shoulder it is better off than outside of a window, where no head turns; the face stays free.
        beside = min(beside, max(half_view - math.radians(1) - half, math.radians(_HALF_FACE) + half))
    yaw = face.yaw - (beside if right else -beside)
    return clear_of(Aim(yaw, math.radians(-6), AT_HAND), head, person, degrees[0])


def status_aim(head: F64, person: Person | None, degrees: tuple[float, float]) -> Aim:
    """Over the head of the person that is looked at; without one a little under where the head points."""
    if person is None:
        return gaze_aim(head, None, degrees, up=-4)
    face = aim_at(person.face, head)
    away = max(face.distance * math.cos(face.pitch), 0.3)
    top = math.atan2(person.feet[1] + 1.02 * person.height - head[1, 3], away)
    pitch = _within(top + math.radians(1 + degrees[1] / 2), -25, 40)
    return clear_of(Aim(face.yaw, pitch, READING), head, person, degrees[0])


def gaze_aim(
    head: F64, person: Person | None, degrees: tuple[float, float], *, right: float = 0.0, up: float = 0.0
) -> Aim:
    """So many degrees beside and above where the head points."""
    gaze = gaze_of(head)
    aim = Aim(gaze.yaw - math.radians(right), _within(gaze.pitch + math.radians(up), -45, 45), READING)
    return aim if person is None else clear_of(aim, head, person, degrees[0])


def clear_of(aim: Aim, head: F64, person: Person, width: float) -> Aim:
    """The aim, or the nearest one at which a panel `width` degrees wide is not inside the person: before them where
    there is room for that, else beside them.
    """
    if is_clear(aim, head, person, width):
        return aim
    before = before_person(aim, head, person)
    if NEAREST <= before < aim.distance:
        return aim._replace(distance=before)
    bearing = aim_at(person.face, head).yaw
    side = 1.0 if math.remainder(aim.yaw - bearing, math.tau) >= 0 else -1.0
    for step in range(1, 45):
        for way in (side, -side):
            for distance in (aim.distance, NEAREST):
                beside = Aim(bearing + way * step * _STEP, aim.pitch, max(distance, NEAREST))
                if is_clear(beside, head, person, width):
                    return beside
    return aim._replace(yaw=bearing + math.pi)  # one stands right in the avatar: look away


def is_clear(aim: Aim, head: F64, person: Person, width: float, gap: float = _GAP) -> bool:
    """Whether a panel there, `width` degrees wide, keeps a gap to the person and is not behind them; from above."""
    along, across, flat = _from_above(aim, head, person)
    half = aim.distance * math.tan(math.radians(width) / 2)
    away = math.hypot(along, across)
    hidden = math.asin(min(1.0, person.radius / max(away, 1e-6))) + math.atan2(half, flat)
    if abs(math.atan2(across, along)) < hidden and flat > along:
        return False
    return math.hypot(flat - along, max(0.0, abs(across) - half)) >= person.radius + gap - 1e-9


def before_person(aim: Aim, head: F64, person: Person) -> float:
    """The largest distance in the aim's direction at which a panel is wholly before the person."""
    along, _, _ = _from_above(aim, head, person)
    return (along - person.radius - _GAP) / max(math.cos(aim.pitch), 0.1)


def _from_above(aim: Aim, head: F64, person: Person) -> tuple[float, float, float]:
    """How far the person is along the aim's way over the floor and across it, and how far the panel is."""
    x, z = person.feet[0] - head.item(0, 3), person.feet[2] - head.item(2, 3)
    sine, cosine = math.sin(aim.yaw), math.cos(aim.yaw)
    return -x * sine - z * cosine, x * cosine - z * sine, aim.distance * math.cos(aim.pitch)


def _within(angle: float, low: float, high: float) -> float:
    return min(max(angle, math.radians(low)), math.radians(high))
