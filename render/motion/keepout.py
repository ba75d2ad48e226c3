"""Room for the arms: pushes wrists and elbows out of the body and hands out of each other.

Each ball of an arm that is in a rod of the body pushes the wrist, or the elbow, along the way out; again and again, as
out of the belly may be into the other hand. Where nothing touches nothing changes.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from render.motion.arm import Bent
from render.motion.proxies import fit_balls, fit_rods
from render.motion.quaternion import Quaternion, Vector
from render.motion.rig import Rig

F64 = NDArray[np.float64]

MARGIN_M: Final = 0.006


class KeepOut:
    """The body of one avatar as something to stay out of."""

    def __init__(self, avatar: Avatar, rig: Rig) -> None:
        self._rods = fit_rods(avatar, rig)
        self._balls = {side: fit_balls(avatar, rig, side) for side in "lr" if rig.has(f"hand_{side}")}
        rest = avatar.skeleton.rest[:, :3, 3].astype(np.float64)
        self._owners = sorted(set(self._rods.joint.tolist()))
        self._which = np.searchsorted(self._owners, self._rods.joint)
        self._offset = self._rods.centre - rest[self._rods.joint]
        self._place: F64 = np.zeros((len(self._rods), 3))
        self._axes: F64 = np.zeros((len(self._rods), 3, 3))

    def stand(self, turned: dict[int, Quaternion], placed: dict[int, Vector]) -> None:
        """Move the rods to where their joints are."""
        if not self._owners:
            return
        turns = _matrices(np.array([turned[joint] for joint in self._owners]))[self._which]
        places = np.array([placed[joint] for joint in self._owners])[self._which]
        self._place = places + (turns @ self._offset[:, :, None])[:, :, 0]
        self._axes = self._rods.axes @ turns.transpose(0, 2, 1)

    def balls(self, side: str, bent: Bent) -> tuple[F64, F64]:
        """(n, 3) places and (n,) radii of an arm's balls."""
        mine = self._balls[side]
        s, e, w = np.array(bent.shoulder), np.array(bent.elbow), np.array(bent.wrist)
        turned = mine.hand @ _matrices(np.array([bent.hand]))[0].T
        places = np.concatenate([s + mine.upper[:, None] * (e - s), e + mine.lower[:, None] * (w - e), w + turned])
        return places, mine.radii

    def clearance(self, places: F64, radii: F64) -> tuple[F64, F64]:
        """(n,) metres between each ball and the nearest rod, negative inside, and (n, 3) the way out of it."""
        if not len(self._rods):
            return np.full(len(places), np.inf), np.zeros_like(places)
        local = ((places[:, None] - self._place)[:, :, None] @ self._axes.transpose(0, 2, 1))[:, :, 0]
        beyond = np.sign(local[..., :1]) * np.maximum(np.abs(local[..., :1]) - self._rods.half[:, None], 0.0)
        flat = local[..., 1:]
        # Distance to an ellipse, exact on its axes and on its border (Quilez, "ellipsoid - distance").
        k0 = np.sqrt((np.square(flat / self._rods.radii)).sum(-1)) + 1e-9
        k1 = np.sqrt((np.square(flat / np.square(self._rods.radii))).sum(-1)) + 1e-9
        side = k0 * (k0 - 1) / k1
        over = np.abs(beyond[..., 0])
        distance = np.where(over > 0, np.sqrt(np.square(np.maximum(side, 0.0)) + over * over), side)
        nearest = distance.argmin(axis=1)
        row = np.arange(len(places))
        slope = flat[row, nearest] / np.square(self._rods.radii[nearest])
        slope /= np.linalg.norm(slope, axis=1, keepdims=True) + 1e-12
        out = np.concatenate([beyond[row, nearest], slope * np.maximum(distance[row, nearest], 1e-6)[:, None]], axis=1)
        out[beyond[row, nearest, 0] == 0, 0] = 0.0
        out /= np.linalg.norm(out, axis=1, keepdims=True) + 1e-12
        return distance[row, nearest] - radii, (out[:, None] @ self._axes[nearest])[:, 0]

    def push(self, side: str, bent: Bent, *, beyond_elbow: bool = False) -> tuple[Vector, Vector] | None:
        """How far the wrist and the elbow have to move, metres; None where they, or those `beyond_elbow`, are well."""
        places, radii = self.balls(side, bent)
        distance, out = self.clearance(places, radii)
        depth = np.maximum(MARGIN_M - distance, 0.0)
        if beyond_elbow:
            depth[: len(self._balls[side].upper)] = 0.0
        if not depth.any():
            return None
        return self._moves(side, depth, out)

    def apart(self, left: Bent, right: Bent) -> tuple[Vector, Vector] | None:
        """How far both wrists have to move, so that forearms and hands do not touch; None where they do not."""
        a, ra = self.balls("l", left)
        b, rb = self.balls("r", right)
        skip_a, skip_b = len(self._balls["l"].upper), len(self._balls["r"].upper)
        between = a[skip_a:, None] - b[skip_b:]
        length = np.sqrt(np.square(between).sum(-1)) + 1e-9
        depth = MARGIN_M + ra[skip_a:, None] + rb[skip_b:] - length
        worst = int(depth.argmax())
        row, column = divmod(worst, depth.shape[1])
        if depth[row, column] <= 0:
            return None
        step = between[row, column] / length[row, column] * (depth[row, column] / 2)
        return _vector(step), _vector(-step)

    def _moves(self, side: str, depth: F64, out: F64) -> tuple[Vector, Vector]:
        mine = self._balls[side]
        first, last = len(mine.upper), len(mine.upper) + len(mine.lower)
        elbow = _deepest(depth[:first], out[:first])
        # What sticks out of the forearm near the elbow moves less than the wrist does.
        lever = np.concatenate([1 / np.maximum(mine.lower, 0.4), np.ones(len(depth) - last)])
        wrist = _deepest(depth[first:] * lever, out[first:])
        return _vector(wrist + 0.2 * elbow), _vector(elbow)


def _deepest(depth: F64, out: F64) -> F64:
    """The push out of the deepest one; near-equals share, so that it does not jump from one to the other."""
    most = float(depth.max())
    if most <= 0:
        return np.zeros(3)
    share = np.square(depth / most) ** 2
    way = (share[:, None] * out).sum(axis=0)
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
