"""Room for the arms: pushes wrists and elbows out of the body and hands out of each other.

Each ball of an arm that is in a rod of the body pushes the wrist, or the elbow, along the way out; again and again, as
out of the belly may be into the other hand. Where nothing touches nothing changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.motion.arm import Bent
from render.motion.proxies import Balls, fit_balls, fit_rods
from render.motion.quaternion import Quaternion, Vector
from render.motion.rig import Rig

F64 = NDArray[np.float64]

MARGIN_M: Final = 0.006
ENOUGH_M: Final = 0.001
"""How much of the margin may be missing, as the last of it takes many small pushes."""
_BETWEEN_M: Final = 0.019
"""Between the two arms' balls: the thickness of fingers that balls do not follow into a curl."""
_FORWARD: Final = 3.0
"""An arm that reaches ahead goes forward out of the body, rather than around it: how much rather, at _AHEAD_M."""
_AHEAD_M: Final = 0.14
_ELBOW_TO_WRIST: Final = 0.2
"""Share of an elbow's way that the wrist goes too."""


class KeepOut:
    """The body of one avatar as something to stay out of; its arms have to be known by `stand` first."""

    def __init__(self, avatar: Avatar, rig: Rig) -> None:
        self._rods = fit_rods(avatar, rig)
        self._balls: dict[str, Balls] = {s: fit_balls(avatar, rig, s) for s in "lr" if rig.has(f"hand_{s}")}
        rest = avatar.skeleton.rest[:, :3, 3].astype(np.float64)
        self._owners = sorted(set(self._rods.joint.tolist()))
        self._which = np.searchsorted(self._owners, self._rods.joint)
        self._offset = self._rods.centre - rest[self._rods.joint]
        self._thin = 1 / self._rods.radii
        self._axes: F64 = self._rods.axes
        self._rows: F64 = self._axes.reshape(-1, 3).T
        self._shift: F64 = np.zeros(3 * len(self._rods))

    def stand(self, turned: Mapping[int, Quaternion], placed: Mapping[int, Vector]) -> None:
        """Move the rods to where their joints are."""
        if not self._owners:
            return
        turns = _matrices(np.array([turned[joint] for joint in self._owners]))[self._which]
        places = np.array([placed[joint] for joint in self._owners])[self._which]
        places = places + (turns @ self._offset[:, :, None])[:, :, 0]
        self._axes = self._rods.axes @ turns.transpose(0, 2, 1)
        self._rows = self._axes.reshape(-1, 3).T
        self._shift = (self._axes @ places[:, :, None]).reshape(-1)

    def balls(self, side: str, bent: Bent) -> tuple[F64, F64]:
        """(n, 3) places and (n,) radii of an arm's balls."""
        mine = self._balls[side]
        bones = np.array((bent.shoulder, bent.elbow, bent.wrist))
        hand = bones[2] + mine.hand @ _matrices(np.array((bent.hand,)))[0].T
        return np.concatenate((mine.along @ bones, hand)), mine.radii

    def clearance(self, places: F64, radii: F64) -> tuple[F64, F64]:
        """(n,) metres between each ball and the nearest rod, negative inside, and (n, 3) a way out of it."""
        if not len(self._rods):
            return np.full(len(places), np.inf), np.zeros_like(places)
        local = (places @ self._rows - self._shift).reshape(len(places), -1, 3)
        over = np.maximum(np.abs(local[..., 0]) - self._rods.half, 0.0)
        # Distance to an ellipse, exact on its axes and on its border (Quilez, "ellipsoid - distance").
        inward = local[..., 1:] * self._thin
        steep = inward * self._thin
        k0, k1 = np.sqrt((inward * inward).sum(-1)), np.sqrt((steep * steep).sum(-1)) + 1e-9
        beside = k0 * (k0 - 1) / k1
        distance = np.where(over > 0, np.hypot(np.maximum(beside, 0.0), over), beside)
        nearest = distance.argmin(axis=1)
        row = np.arange(len(places))
        distance, over, slope = distance[row, nearest], over[row, nearest], steep[row, nearest]
        out = np.empty_like(places)
        out[:, 0] = np.copysign(over, local[row, nearest, 0])
        out[:, 1:] = slope / k1[row, nearest, None] * np.maximum(distance, 1e-6)[:, None]
        out /= np.sqrt((out * out).sum(-1, keepdims=True))
        return distance - radii, (out[:, None] @ self._axes[nearest])[:, 0]

    def pushes(self, bent: Mapping[str, Bent]) -> dict[str, tuple[Vector, Vector]]:
        """Side → how far its wrist and its elbow have to move, metres; without those arms that are well."""
        sides = list(bent)
        balls = [self.balls(side, bent[side]) for side in sides]
        places, radii = (np.concatenate(parts) for parts in zip(*balls, strict=True))
        distance, out = self.clearance(places, radii)
        found: dict[str, tuple[Vector, Vector]] = {}
        begin = 0
        wrists: dict[str, F64] = {}
        for side, (mine, _) in zip(sides, balls, strict=True):
            end = begin + len(mine)
            depth = MARGIN_M - distance[begin:end]
            depth[self._balls[side].by_wrist == 0] -= MARGIN_M  # an elbow may touch
            if depth.max() > ENOUGH_M:
                forward = self._forward(bent[side])
                wrists[side], elbow = self._moves(side, np.maximum(depth, 0.0), out[begin:end], forward)
                found[side] = _vector(wrists[side]), _vector(elbow)
            begin = end
        if len(sides) == 2:
            step = self._apart(*balls)
            if step is not None:
                for side, sign in zip(sides, (1.0, -1.0), strict=True):
                    elbow_ = found[side][1] if side in found else (0.0, 0.0, 0.0)
                    found[side] = _vector(wrists.get(side, np.zeros(3)) + sign * step), elbow_
        return found

    def meet(self, left: Bent, right: Bent) -> bool:
        """Whether the arms touch each other, or are nearer than they may be."""
        return self._apart(self.balls("l", left), self.balls("r", right)) is not None

    def touches(self, side: str, bent: Bent) -> bool:
        """Whether the lower half of the forearm or the hand is in the body, or nearer than it may be."""
        distance, _ = self.clearance(*self.balls(side, bent))
        return bool(distance[self._balls[side].by_wrist > self._balls[side].by_elbow].min() < MARGIN_M)

    def _forward(self, bent: Bent) -> F64:
        """(3,) added to the ways out of the body."""
        ahead = self._axes[0, 2] * (1.0, 0.0, 1.0)
        reach = float(np.subtract(bent.wrist, bent.shoulder) @ ahead) / _AHEAD_M
        return np.asarray(_FORWARD * min(max(reach, 0.0), 1.0) ** 2 * ahead)

    def _apart(self, left: tuple[F64, F64], right: tuple[F64, F64]) -> F64 | None:
        """(3,) how far the left wrist has to move, and the right one back, so that the arms do not touch."""
        (a, ra), (b, rb) = left, right
        between = a[:, None] - b
        length = np.sqrt((between * between).sum(-1)) + 1e-9
        depth = _BETWEEN_M + ra[:, None] + rb - length
        most = float(depth.max())
        if most <= ENOUGH_M:
            return None
        share = (np.maximum(depth, 0.0) / most) ** 4
        way = ((share / length)[:, :, None] * between).sum(axis=(0, 1))
        return np.asarray(way * (most / 2 / max(float(np.linalg.norm(way)), 1e-9)))

    def _moves(self, side: str, depth: F64, out: F64, forward: F64) -> tuple[F64, F64]:
        """(3,) how far the wrist and the elbow go for balls so deep (n,), whose ways out are (n, 3)."""
        mine = self._balls[side]
        elbow = _deepest(depth * mine.by_elbow, out)
        ways = out + forward
        wrist = _deepest(depth * mine.by_wrist, ways / np.sqrt((ways * ways).sum(-1, keepdims=True)))
        return wrist + _ELBOW_TO_WRIST * elbow, elbow


def _deepest(depth: F64, out: F64) -> F64:
    """The push out of the deepest one; near-equals share, so that it does not jump from one to the other."""
    most = float(depth.max())
    if most <= 0:
        return np.zeros(3)
    share = (depth / most) ** 4
    way = share @ out
    length = float(np.linalg.norm(way))
    return np.asarray(way / length * most) if length > 1e-9 else np.zeros(3)


def _matrices(q: F64) -> F64:
    """(n, 3, 3) of (n, 4) unit quaternions."""
    w, x, y, z = q.T
    rows = np.array(
        [
            1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
            2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
            2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
        ]
    )  # fmt: skip
    return rows.T.reshape(-1, 3, 3)


def _vector(v: F64) -> Vector:
    x, y, z = v.tolist()
    return x, y, z
