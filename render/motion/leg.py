"""One leg: the sole stays where it was put down, or has stepped to; hip and knee give way to whatever the hips do."""

from __future__ import annotations

from collections.abc import Mapping
from math import atan2, degrees, sqrt

from render.motion.quaternion import (
    Quaternion,
    Vector,
    add,
    cross,
    frame,
    inverse,
    mul,
    norm,
    rotate,
    sub,
    turn,
    unit,
)
from render.motion.reach import reach
from render.motion.rig import Rig

_UP: Vector = (0.0, 1.0, 0.0)


class Leg:
    """The leg of one side; `places` are the joints' rest places by role."""

    def __init__(self, rig: Rig, places: Mapping[str, Vector], side: str) -> None:
        self.side = 1.0 if side == "l" else -1.0
        self.joints = [rig.joints[f"{part}_leg_{side}"] for part in ("upper", "lower")] + [rig.joints[f"foot_{side}"]]
        hip, knee, self._ankle = (places[f"{part}_{side}"] for part in ("upper_leg", "lower_leg", "foot"))
        self._upper, self._lower = norm(sub(knee, hip)), norm(sub(self._ankle, knee))
        self.length = self._upper + self._lower
        t, c = unit(sub(knee, hip)), unit(sub(self._ankle, knee))
        hinge = cross(t, (0.0, 0.0, 1.0))
        self._rest_upper, self._rest_lower = inverse(frame(t, hinge)), inverse(frame(c, hinge))
        toes = places.get(f"toes_{side}")
        ahead = sub(toes, self._ankle) if toes is not None else (0.0, 0.0, 1.0)
        self._rest_out = self.side * degrees(atan2(ahead[0], ahead[2]))
        self.put_down(self.side * self._ankle[0], 0.0, self._rest_out)

    def put_down(self, outward: float, ahead: float, toes_out: float) -> None:
        """Stand with the ankle `outward` metres from the middle, `ahead` of where it was bound, toes so many degrees
        out. The sole stays as high and as level as it was bound."""
        self._stand: Vector = (self.side * outward, self._ankle[1], self._ankle[2] + ahead)
        self._toes_out = toes_out
        self.step(0.0, 0.0)

    def step(self, turned: float, lift: float) -> None:
        """Be where it was put down, turned to the left about the middle of the body by so many degrees, and `lift` of
        the leg's length above the floor."""
        round_ = turn(_UP, turned)
        self.ankle: Vector = add(rotate(round_, self._stand), (0.0, lift * self.length, 0.0))
        self.foot: Quaternion = mul(round_, turn(_UP, self.side * (self._toes_out - self._rest_out)))
        self._pole = rotate(turn(_UP, turned + self.side * self._toes_out), (0.0, 0.0, 1.0))

    def highest(self, hip: Vector, share: float) -> float:
        """How far the `hip` could rise until the leg is stretched to this share of its length, metres."""
        x, z = hip[0] - self.ankle[0], hip[2] - self.ankle[2]
        return self.ankle[1] + sqrt(max((share * self.length) ** 2 - x * x - z * z, 0.0)) - hip[1]

    def bend(self, hip: Vector) -> tuple[Quaternion, Quaternion]:
        """Turns of thigh and shin against the room, for the hip at this place."""
        knee, ankle = reach(hip, self.ankle, self._pole, self._upper, self._lower)
        t, c = unit(sub(knee, hip)), unit(sub(ankle, knee))
        return (
            mul(frame(t, cross(t, self._pole)), self._rest_upper),
            mul(frame(c, cross(c, self._pole)), self._rest_lower),
        )
