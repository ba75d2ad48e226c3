"""Where things are on a hand: fingers with their backs, nails, and the plane of the palm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from assets.forge.anatomy.body import Body
from assets.forge.source import F64

FINGERS: Final = ("thumb", "index", "middle", "ring", "pinky")


@dataclass(frozen=True)
class Finger:
    """One finger at rest; metres, unit vectors."""

    name: str
    joints: F64
    """(3, 3) of the three phalanges, from the palm on."""
    along: F64
    """(3,) the last phalanx' direction."""
    back: F64
    """(3,) out of the nail."""
    nail: tuple[float, float]
    """Where the nail begins and ends along the finger, metres from the last joint."""
    half_width: float
    """Of the nail, metres."""

    @property
    def across(self) -> F64:
        """(3,) to one side of the nail."""
        return np.asarray(np.cross(self.along, self.back))


@dataclass(frozen=True)
class Hand:
    """One hand at rest."""

    side: str
    wrist: F64
    knuckle: F64
    """(3,) of the middle finger."""
    across: F64
    """(3,) from the little finger's knuckle to the index', metres."""
    fingers: tuple[Finger, ...]

    @property
    def palm(self) -> F64:
        """(3,) unit, out of the palm."""
        out = np.cross(self.across, self.knuckle - self.wrist) * (-1.0 if self.side == "l" else 1.0)
        return np.asarray(out / np.linalg.norm(out))

    def at(self, reach: float, aside: float, *, inside: bool) -> F64:
        """(3,) a point 2 cm off the palm (inside) or the back; reach: 0 wrist to 1 knuckle, aside: in widths, towards
        the index finger."""
        off = self.palm * (0.02 if inside else -0.02)
        return np.asarray(self.wrist + reach * (self.knuckle - self.wrist) + aside * self.across + off)


def hands(body: Body) -> list[Hand]:
    """The left and the right hand."""
    return [_hand(body, side) for side in "lr"]


def _hand(body: Body, side: str) -> Hand:
    triangles = body.triangles["body"]
    corners = body.vertices[triangles]
    marked = body.mask("fingernails", body.uv["body"]).mean(axis=1) > 0.5
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    heaviest = body.skin_joints[triangles[:, 0], np.argmax(body.skin_weights[triangles[:, 0]], axis=1)]
    fingers = []
    for name in FINGERS:
        joints = np.stack([body.joint(f"{name}_{k:02}_{side}") for k in (1, 2, 3)])
        along = (joints[2] - joints[1]) / np.linalg.norm(joints[2] - joints[1])
        own = marked & (heaviest == body.skeleton.names.index(f"{name}_03_{side}"))
        back = normals[own].sum(axis=0)
        back -= (back @ along) * along
        back /= np.linalg.norm(back)
        points = corners[own].reshape(-1, 3) - joints[2]
        reach, aside = points @ along, points @ np.cross(along, back)
        low, high = np.percentile(reach, [3, 97])
        half = float(np.percentile(np.abs(aside - np.median(aside)), 90))
        fingers.append(Finger(name, joints, along, back, (float(low), float(high)), half))
    across = body.joint(f"index_01_{side}") - body.joint(f"pinky_01_{side}")
    return Hand(side, body.joint(f"hand_{side}"), body.joint(f"middle_01_{side}"), across, tuple(fingers))
