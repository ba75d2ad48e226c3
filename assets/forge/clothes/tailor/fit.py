"""Cuts a piece from the body's own surface, gives it more cloth than the body needs, and lets it fall into folds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from assets.forge.clothes.cloth import Shell, averaging, border_of, parted, shell_of, subdivided
from assets.forge.clothes.tailor.drape import Cloth, Obstacle, edges_of, fallen, obstacle_of
from assets.forge.clothes.tailor.measures import Measures
from assets.forge.clothes.tailor.stance import Stance, stance
from assets.forge.layer import vertex_normals
from assets.forge.source import F64, I32

EVEN: Final = 6
"""Rounds that smooth a garment's skin weights: cloth bends more gently than skin."""
SNAP: Final = 0.3
"""Share of an edge within which a cut takes its end along."""
_STEPS: Final = 420


@dataclass(frozen=True)
class Fitting:
    """One body at the tailor's: its measures, how it stands, and what it wears so far."""

    measures: Measures
    stance: Stance
    worn: Obstacle

    def wearing(self, shell: Shell, thickness: float, *, above: float | None = None) -> Fitting:
        """The same with one more piece that others lie on, or what of it is higher than `above`: what is tucked in
        is pressed flat."""
        if above is not None:
            shell = parted(shell, shell.triangles[(shell.at[shell.triangles, 1] > above).all(axis=1)])
        surface = shell.surface(self.measures.body)
        standing = self.stance.moved(surface.vertices, surface.skin_joints, surface.skin_weights)
        piece = obstacle_of(standing, shell.triangles, shell.of(self.measures.limbs))
        return replace(self, worn=self.worn + replace(piece, points=piece.points + thickness * piece.normals))


def fitting(measures: Measures) -> Fitting:
    """The bare body, standing."""
    body = measures.body
    pose = stance(body)
    vertices = pose.moved(body.vertices, body.skin_joints, body.skin_weights)
    return Fitting(measures, pose, obstacle_of(vertices, body.triangles["body"], measures.limbs))


def region(measures: Measures, wanted: F64) -> Shell:
    """The fine shell over all body triangles that reach where `wanted` (V,) is positive, the head left out."""
    body = measures.body
    triangles = body.triangles["body"]
    head = np.array([name in ("head", "eye_l", "eye_r") for name in body.skeleton.names])
    share = (body.skin_weights * head[body.skin_joints.astype(np.intp)]).sum(axis=1)
    below_chin = share[triangles].max(axis=1) < 0.5
    return subdivided(shell_of(body, triangles[(wanted[triangles] > 0).any(axis=1) & below_chin]))


def laid(measures: Measures, shell: Shell, even: int = EVEN, instead: Mapping[str, str] | None = None) -> Shell:
    """Ready to fall: scraps left out, where it lies now kept as where patterns are drawn, and its skin weights made
    (see `Shell.following`)."""
    a = shell.triangles[:, 0]
    count = len(shell.vertices)
    joined = csr_matrix((np.ones(2 * len(a)), (np.tile(a, 2), shell.triangles[:, 1:].T.ravel())), (count, count))
    _, piece = connected_components(joined, directed=False)
    largest = np.argmax(np.bincount(piece))
    whole = parted(shell, shell.triangles[piece[a] == largest])
    return replace(whole, flat=whole.vertices).following(measures.body, even, instead)


def let_fall(
    where: Fitting,
    shell: Shell,
    *,
    along: F64,
    around: F64,
    clearance: F64 | float,
    held: F64 | None = None,
    bend: float = 0.012,
    steps: int = _STEPS,
) -> Shell:
    """The shell as it hangs on the standing body, back in the rest pose.

    along, around (V,): how much longer the cloth is cut than it lies, down its length and across, 0.05 for 5 %.
    clearance: metres from what is beneath. held (V,): as in Cloth.
    """
    measures, pose = where.measures, where.stance
    edges = edges_of(shell.triangles)
    apart = shell.at[edges[:, 1]] - shell.at[edges[:, 0]]
    length = np.linalg.norm(apart, axis=1)
    way = measures.down(shell.at, shell.of(measures.arm))
    lengthwise = (apart * way[edges].mean(axis=1)).sum(axis=1) ** 2 / np.maximum(length, 1e-9) ** 2
    lengthwise = np.minimum(lengthwise, 1.0)
    longer = lengthwise * along[edges].mean(axis=1) + (1 - lengthwise) * around[edges].mean(axis=1)
    surface = shell.surface(measures.body)
    start = pose.moved(shell.vertices, surface.skin_joints, surface.skin_weights)
    start = where.worn.cleared(start, shell.of(measures.limbs), clearance)
    cloth = Cloth(
        triangles=shell.triangles,
        lengths=length * (1 + longer),
        clearance=np.broadcast_to(np.asarray(clearance, np.float64), len(start)),
        limbs=shell.of(measures.limbs),
        held=np.zeros(len(start)) if held is None else held,
        bend=bend,
    )
    place = fallen(cloth, start, where.worn, steps)
    rest = pose.returned(place, surface.skin_joints, surface.skin_weights)
    return _trued(_unfolded(replace(shell, vertices=rest)))


def _unfolded(shell: Shell) -> Shell:
    """Without the places where cloth has been crushed over itself: those are drawn smooth."""
    step = averaging(shell.triangles, len(shell.vertices))
    place = shell.vertices
    for _ in range(16):
        a, b, c = (place[shell.triangles[:, k]] for k in range(3))
        facing = np.cross(b - a, c - a)
        facing /= np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-20)
        around = vertex_normals(place, shell.triangles)
        for _ in range(4):
            around = np.asarray(step @ around)
        crushed = (facing * around[shell.triangles].mean(axis=1)).sum(axis=1) < 0.15
        if not crushed.any():
            break
        marked = np.zeros(len(place))
        marked[shell.triangles[crushed]] = 1.0
        marked = np.minimum(2 * (step @ marked) + marked, 1.0)[:, None]
        place = np.asarray(place + 0.7 * marked * (step @ place - place))
    return replace(shell, vertices=place)


def _trued(shell: Shell) -> Shell:
    """With the zigzag of its borders taken out."""
    border = border_of(shell)
    index = np.full(len(shell.vertices), -1)
    index[border.vertices] = np.arange(len(border.vertices))
    pairs = index[border.edges]
    place = shell.vertices.copy()
    for _ in range(4):
        ring = place[border.vertices]
        total, count = np.zeros_like(ring), np.zeros(len(ring))
        for a, b in (pairs.T, pairs.T[::-1]):
            np.add.at(total, a, ring[b])
            np.add.at(count, a, 1.0)
        place[border.vertices] = 0.5 * ring + 0.5 * total / np.maximum(count, 1)[:, None]
    return replace(shell, vertices=place)


def eased(x: NDArray[np.floating]) -> F64:
    """Smoothly from 0 to 1 as x goes from 0 to 1."""
    x = np.clip(np.asarray(x, np.float64), 0.0, 1.0)
    return np.asarray(x * x * (3 - 2 * x))


def lifted(shell: Shell, height: F64 | float) -> Shell:
    """Moved outward along its smoothed normals by `height` metres."""
    normal = vertex_normals(shell.vertices, shell.triangles)
    return replace(shell, vertices=shell.vertices + np.asarray(height)[..., None] * normal)


def inside(field: F64, triangles: I32) -> NDArray[np.bool_]:
    """(F,) whose corners all have a positive field (V,)."""
    return np.asarray((field[triangles] > 0).all(axis=1))
