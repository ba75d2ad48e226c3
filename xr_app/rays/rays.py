"""A ray from each hand that points at something: the menu, the avatar, the floor under a ghost; a dot where it hits.

Rays come and go softly, grow bright while something is pressed, and are faint where nothing is meant yet. Whoever
talks moves their hands: a ray that has lain on the avatar for a while, without taking it, goes away until the hand
has pointed elsewhere. The dot on a panel is a panel itself (panels/cursor.py), for panels may lie above everything that
is drawn here.
"""

from __future__ import annotations

import math
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from render.strokes import NONE
from xr_app.input.inputs import Hand, Inputs, Source
from xr_app.panels.panels import Panels
from xr_app.placement.body import Body
from xr_app.placement.grasp import REACH, pointed_at
from xr_app.placement.placing import Placement
from xr_app.placement.pointing import FARTHEST, floor_hit
from xr_app.placement.spot import known

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Vector = tuple[float, float, float]

LINGER_S: Final = 2.0
"""For so long a ray stays on the avatar that is not taken."""
_COMES_S: Final = 0.12
_BRIGHTENS_S: Final = 0.06
_HELD_MARGIN: Final = 0.6
"""Metres by which the pointer of a hand that has the avatar may miss it."""
_FROM: Final = 0.05
"""Metres from the hand at which a ray begins."""
_GROWN: Final = 0.12
"""Metres farther it is all there."""
_RAY_M: Final = 0.005
_DOT: Final = 0.0085
"""Of the distance from the eyes: 0.49 degrees."""
_IDLE: Final[Vector] = (0.60, 0.74, 0.90)
_PRESSED: Final[Vector] = (1.0, 1.0, 1.0)
_OPACITY: Final = {"panel": 0.75, "floor": 0.75, "avatar": 0.6}
_ENDS: Final = {"panel": 0.0, "floor": 0.6, "avatar": 0.6}
"""Of that opacity, how much is left at the far end: on a panel, which hides it, nothing."""


class Target(NamedTuple):
    """What a hand points at."""

    what: Literal["panel", "floor", "avatar"]
    far: float
    """Metres along the ray."""


class _Ray:
    """Of one hand, from frame to frame."""

    def __init__(self) -> None:
        self.hand = Hand()
        self.target: Target | None = None
        self.strength = self.bright = 0.0
        self._lain_s = 0.0

    def update(self, hand: Hand, target: Target | None, seconds: float) -> None:
        on_it = target is not None and target.what == "avatar"
        # What selects elsewhere is push-to-talk here, or nothing.
        pressed = target is not None and (hand.grab if on_it else hand.select)
        self._lain_s = self._lain_s + seconds if on_it and not pressed else 0.0
        wanted = target is not None and self._lain_s <= LINGER_S
        self.strength = _toward(self.strength, float(wanted), seconds / _COMES_S)
        self.bright = _toward(self.bright, float(pressed), seconds / _BRIGHTENS_S)
        self.hand = hand
        if hand.aim is None or (target is None and self.strength == 0):
            self.target, self.strength = None, 0.0
        elif target is not None:
            self.target = target  # one that is lost fades where it was

    def strokes(self, head: F64) -> list[list[float]]:
        """Rows of render/strokes.py."""
        aim, target = self.hand.aim, self.target
        if aim is None or target is None or self.strength == 0:
            return []
        way: list[float] = (-aim[:3, 2]).tolist()
        origin: list[float] = aim[:3, 3].tolist()
        colour = [a + self.bright * (b - a) for a, b in zip(_IDLE, _PRESSED, strict=True)]
        opacity = self.strength * (_OPACITY[target.what] * (1 - self.bright) + self.bright)

        def at(far: float) -> list[float]:
            return [a + far * b for a, b in zip(origin, way, strict=True)]

        rows = []
        if self.hand.source is not Source.MOUSE:  # whose ray begins in the eye
            begins = min(_FROM, target.far)
            rises = min(_GROWN / max(target.far - begins, _GROWN), 1.0)
            ends = opacity * _ENDS[target.what]
            points = *at(begins), _RAY_M, *at(target.far), _RAY_M
            rows = [[*points, *colour, opacity, *colour, ends, 0.6, 0.0, rises]]
        if target.what != "panel":
            place = at(target.far)
            radius = max(_DOT * math.dist(place, head[:3, 3].tolist()), 0.004)
            light = [*colour, self.strength * (0.7 + 0.3 * self.bright)]
            rows.append([*place, radius, *place, radius, *light, *light, 0.35, 0.0, 0.0])
        return rows


class Rays:
    """Of both hands."""

    def __init__(self) -> None:
        self._rays = (_Ray(), _Ray())
        self._last_ns: int | None = None
        self.hands: tuple[Hand, Hand] = (Hand(), Hand())
        """Of this frame."""

    def update(self, now_ns: int, inputs: Inputs, panels: Panels, placement: Placement, head: F64) -> None:
        """Know what is pointed at in the frame that is seen then, once panels and avatar are where they are in it."""
        seconds = 0.0 if self._last_ns is None else min(max(now_ns - self._last_ns, 0) / 1e9, 0.1)
        self._last_ns, self.hands = now_ns, inputs.hands
        pointer = placement.pointer(inputs)
        for side, (ray, hand) in enumerate(zip(self._rays, inputs.hands, strict=True)):
            target = None
            if hand.aim is not None and not hand.palm_up:
                target = _target(side, hand, panels, placement, pointer, head)
            ray.update(hand, target, seconds)

    def strokes(self, head: F64) -> F32:
        """(n, FLOATS) what there is to draw of them."""
        rows = [row for ray in self._rays for row in ray.strokes(head)]
        return np.array(rows, np.float32) if rows else NONE


def _target(
    side: int, hand: Hand, panels: Panels, placement: Placement, pointer: int | None, head: F64
) -> Target | None:
    """What a hand would press, take, or put the avatar on."""
    point = panels.pointed_at(side)
    aim = known(hand.aim)
    if aim is None:
        return None
    if point is not None:
        return Target("panel", math.dist(point.tolist(), aim[:3, 3].tolist()))
    if pointer is not None:
        return _floor(aim, placement.floor, head) if side == pointer else None
    if not placement.placed:
        return None
    body = placement.body
    if side in placement.holders:
        far = body.hit_by(aim, _HELD_MARGIN)
        return None if far is None else _skin(aim, far, body)
    far = pointed_at(aim, body)
    grip = known(hand.grip) if far is not None else None
    at_it = grip is not None and body.distance(grip[:3, 3]) <= REACH
    return None if far is None or at_it else _skin(aim, far, body)


def _floor(aim: F64, floor: float, head: F64) -> Target | None:
    place = floor_hit(aim, floor)
    if place is None or math.dist(place, (float(head[0, 3]), float(head[2, 3]))) > FARTHEST:
        return None
    x, y, z = aim[:3, 3].tolist()
    return Target("floor", math.dist((x, y, z), (place[0], floor, place[1])))


def _skin(aim: F64, far: float, body: Body) -> Target:
    """Where a ray meets the body that comes nearest to its middle so far away; beside it, there."""
    x, z = -float(aim[0, 2]), -float(aim[2, 2])
    beside = math.hypot(float(aim[0, 3]) + far * x - body.spot.x, float(aim[2, 3]) + far * z - body.spot.z)
    inside = math.sqrt(max(body.radius**2 - beside**2, 0.0))
    return Target("avatar", max(far - inside / max(math.hypot(x, z), 0.3), 0.0))


def _toward(now: float, goal: float, step: float) -> float:
    return min(now + step, goal) if goal > now else max(now - step, goal)
