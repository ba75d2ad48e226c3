"""A body as some tens of balls, each fixed to a joint: what keeps light from the floor.

Feet get small balls, for their contact with the floor is what is looked at; the rest gets few and large ones. They are
fitted to the Gaussians, so clothes, hair and people without a named skeleton cast shadows too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar, coverage, rest_places
from render.ground.standing import Standing
from render.motion.pose import OfKey, PoseKey

F64 = NDArray[np.float64]

MOST: Final = 40
"""Balls of one body."""
_SAMPLES: Final = 20_000
_LOW_M: Final = 0.13
"""Height up to which the body is taken to stand on the floor."""
_FINE_M: Final = 0.065
"""Between balls there, and above."""
_COARSE_M: Final = 0.24
_FLAT: Final = 1.25
"""Radii there by the points' distances from the middle: soles are flat, and touch the floor up to their edges."""
_LEAST: Final = 0.004
"""Share of all that is covered which makes a part worth a ball."""
_MOST_OF_A_JOINT: Final = 8
_ROUNDS: Final = 8


@dataclass(frozen=True)
class Balls:
    """Fixed to joints, in the rest pose."""

    joint: NDArray[np.intp]
    """(B,)."""
    centre: F64
    """(B, 3) metres."""
    radius: F64
    """(B,) metres."""

    def prepare(self, *keys: PoseKey) -> None:
        """Know where they are in these."""
        for key in keys:
            self._posed(key)

    def placed(self, standing: Standing) -> tuple[F64, tuple[float, float]]:
        """(B, 4) centres and radii in the world, and x and z of the middle of the lowest quarter of them."""
        posed, alpha = self._between(standing), standing.alpha
        one, other = self._posed(standing.before)[1], self._posed(standing.after)[1]
        x, y, z = (a + alpha * (b - a) for a, b in zip(one, other, strict=True))
        (a, d, g, u), (b, e, h, v), (c, f, i, w), _ = standing.model.tolist()
        size = math.hypot(d, e, f)
        turn = np.array(((a, b, c, 0.0), (d, e, f, 0.0), (g, h, i, 0.0), (0.0, 0.0, 0.0, size)))
        return posed @ turn + (u, v, w, 0.0), (a * x + d * y + g * z + u, c * x + f * y + i * z + w)

    def since(self, standing: Standing) -> OfKey[float]:
        """How far the farthest is in a key, in the avatar's metres, from where they are in `standing`; between two keys
        it is no farther than between what it is in them."""
        then = self._between(standing)

        def off(key: PoseKey) -> float:
            moved = self._posed(key)[0] - then
            return math.sqrt(np.einsum("bi,bi->b", moved, moved).max(initial=0.0))

        return OfKey(off)

    def _between(self, standing: Standing) -> F64:
        before, after = self._posed(standing.before)[0], self._posed(standing.after)[0]
        # The blend of two matrices moves a point to the blend of where each moves it.
        return before + standing.alpha * (after - before)

    @cached_property
    def _posed(self) -> OfKey[tuple[F64, tuple[float, float, float]]]:
        """(B, 4) centres and radii in the avatar's space, and the middle of the lowest."""
        return OfKey(self._at)

    def _at(self, key: PoseKey) -> tuple[F64, tuple[float, float, float]]:
        joints = key.joints[self.joint].astype(np.float64)
        centres = np.einsum("bij,bj->bi", joints[:, :3, :3], self.centre) + joints[:, :3, 3]
        low = centres[centres[:, 1].argsort()[: max(len(centres) // 4, 1)]] if len(centres) else np.zeros((1, 3))
        x, y, z = ((low.min(axis=0) + low.max(axis=0)) / 2).tolist()
        return np.concatenate([centres, self.radius[:, None]], axis=1), (x, y, z)


NOBODY: Final = Balls(np.zeros(0, np.intp), np.zeros((0, 3)), np.zeros(0))
"""Nothing keeps light from the floor."""


def fit_balls(avatar: Avatar) -> Balls:
    """The balls of an avatar, at most `MOST`; those that take the most light from the floor."""
    mesh, gaussians = avatar.mesh, avatar.gaussians
    which = np.unique(np.linspace(0, len(gaussians) - 1, _SAMPLES).astype(np.intp))
    some = gaussians.at(which)
    places, weights = rest_places(mesh, some), coverage(mesh, some) + 1e-30
    weights /= weights.sum()
    corners = mesh.triangles[some.triangle, 0]
    heaviest = mesh.skin_weights[corners].argmax(axis=1)
    owners = mesh.skin_joints[corners, heaviest].astype(np.intp)
    low = places[:, 1] < _LOW_M
    found: list[tuple[int, F64, float]] = []
    for joint in np.unique(owners).tolist():
        for part, spacing, fullness, least in ((low, _FINE_M, _FLAT, 0.1 * _LEAST), (~low, _COARSE_M, 1.0, _LEAST)):
            inside = part & (owners == joint)
            if weights[inside].sum() > least:
                found += [(joint, *ball) for ball in _clustered(places[inside], weights[inside], spacing, fullness)]
    # A floor loses light to a ball as its disc is large and near.
    found.sort(key=lambda ball: -((ball[2] / max(float(ball[1][1]), ball[2])) ** 2))
    del found[MOST:]
    joints, centres, radii = zip(*found, strict=True) if found else ((), (), ())
    return Balls(np.array(joints, np.intp), np.array(centres).reshape(-1, 3), np.array(radii, np.float64))


def _clustered(points: F64, weights: F64, spacing: float, fullness: float) -> list[tuple[F64, float]]:
    """Balls about this far apart that hold the points: Lloyd's clusters, begun from points far from each other.
    fullness: radii by the points' root mean square distances from the middles.
    """
    extent = float(np.linalg.norm(np.percentile(points, 97, axis=0) - np.percentile(points, 3, axis=0)))
    count = int(np.clip(np.ceil(extent / spacing), 1, _MOST_OF_A_JOINT))
    centres = points[[int(np.argmin(np.square(points - np.average(points, axis=0, weights=weights)).sum(axis=1)))]]
    while len(centres) < count:
        away = np.square(points[:, None] - centres).sum(axis=2).min(axis=1)
        centres = np.concatenate([centres, points[[int(np.argmax(away * np.minimum(weights, np.median(weights))))]]])
    nearest = np.zeros(len(points), np.intp)
    for _ in range(_ROUNDS):
        nearest = np.square(points[:, None] - centres).sum(axis=2).argmin(axis=1)
        for k in range(count):
            if (mine := nearest == k).any():
                centres[k] = np.average(points[mine], axis=0, weights=weights[mine])
    found = []
    for k in range(count):
        mine = nearest == k
        if mine.any():
            away = np.square(points[mine] - centres[k]).sum(axis=1)
            found.append((centres[k], fullness * float(np.sqrt(np.average(away, weights=weights[mine])))))
    return found
