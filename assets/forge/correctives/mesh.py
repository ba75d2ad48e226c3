"""Offsets of the template mesh as a function of the pose: what plain skinning gets wrong, learned once for each person.

The truth is the body turned about its centres (centres.py) in poses drawn over the joints' limits. What lies over it
(clothes, hair) takes the correction of the nearest skin, so that nothing parts from what it lies on. The mesh is cut
into one region for each joint; in a region the offsets are a few scalar shapes times vectors (a truncated SVD), and the
vectors a network of the turns of the joints that move the region: random tanh features (Rahimi and Recht 2008) and the
turns themselves, weighted by ridge regression. Nothing is iterated, so the same person gives the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from assets.avatar import Skeleton
from assets.forge.anatomy.body import Body
from assets.forge.correctives.centres import make_centres
from assets.forge.correctives.poses import DRIVEN, drawn_poses, driven, features, usual_poses
from assets.forge.layer import Surface
from assets.forge.source import F64

POSES: Final = 140, 100
"""To learn from: all over the joints' limits, and usual ones."""
_USUAL: Final = 3.0
"""How much more the latter count."""
_SHAPES: Final = 10
"""In each region."""
_HIDDEN: Final = 48
"""Random features for each joint that moves a region."""
_RIDGE: Final = 1e-4
_CUT: Final = 0.02
"""Of a vertex' weight that must lie on either side of a joint for the joint to move it."""
_ACTIVE_M: Final = 0.0006
"""A vertex that no pose corrects by more has no offset."""
_FADE_M: Final = 0.08
"""Metres off the skin within which corrections fade."""
_NEAREST: Final = 24
_BLUR_M: Final = 0.004
_SPREAD: Final = 1.8
"""Over how wide a patch of skin a correction is taken, and how much wider off the skin: cloth that lies on two folds of
skin must not be torn between them."""
_DAMPING: Final = 0.02
"""Of the inverse of blended matrices, which may lie near a singular one."""


@dataclass(frozen=True)
class MeshNetwork:
    """offsets = shapes of the vertex' region x vectors; vectors = out [x, tanh(inner x + bias) - tanh(bias)] of the
    features x of a pose (poses.features, flat)."""

    inner: F64
    """(H, 9 D)."""
    bias: F64
    """(H,)."""
    out: F64
    """(R, 3 _SHAPES, 9 D + H)."""
    shapes: tuple[F64, ...]
    """R of (n_r, _SHAPES)."""
    members: tuple[NDArray[np.intp], ...]
    """R of (n_r,): vertices of each region."""
    vertices: int
    """V."""

    def offsets(self, x: F64) -> F64:
        """(P, V, 3) metres, before skinning, of poses with features (P, 9 D)."""
        wide = _lifted(x, self.inner, self.bias)
        total = np.zeros((len(x), self.vertices, 3))
        for out, shape, member in zip(self.out, self.shapes, self.members, strict=True):
            vectors = (wide @ out.T).reshape(len(x), 3, -1)
            total[:, member] = np.einsum("vs,pcs->pvc", shape, vectors)
        return total


class MeshTruth:
    """The wanted offsets of a surface that lies on `body`."""

    def __init__(self, body: Body, surface: Surface) -> None:
        used, inverse = np.unique(body.triangles["body"], return_inverse=True)
        weights = np.zeros((len(used), len(body.skeleton.names)), np.float32)
        np.add.at(weights, (np.arange(len(used))[:, None], body.skin_joints[used]), body.skin_weights[used])
        cut = _cuts(body.skeleton, weights)
        bent = np.flatnonzero((cut.max(axis=1) > _CUT) & (_fingers(body.skeleton, weights) < 0.3))
        tree = cKDTree(body.vertices[used], balanced_tree=False)
        away, near = tree.query(surface.vertices, k=_NEAREST)
        nearest = away[:, :1]
        share = np.exp(-(away**2 - nearest**2) / (_BLUR_M + _SPREAD * nearest) ** 2)
        share *= np.exp(-((nearest / _FADE_M) ** 2)) / share.sum(axis=1, keepdims=True)
        rows = np.repeat(np.arange(len(near)), _NEAREST)
        whole = csr_matrix((share.ravel(), (rows, near.ravel())), (len(near), len(used)))[:, bent]
        self.vertices = np.flatnonzero(whole.getnnz(axis=1))
        """(n,) those that may need an offset."""
        self._share = whole[self.vertices]
        self._places = surface.vertices[self.vertices]
        triangles = inverse.reshape(-1, 3).astype(np.int32)
        self._centres = make_centres(body.vertices[used], triangles, weights, bent)
        self.cut: F64 = self._share @ cut[bent]
        """(n, D) how much each driven joint moves them."""

    def offsets(self, joints: F64) -> F64:
        """(n, 3) of `vertices` in the pose of skinning matrices (J, 4, 4), metres, before skinning."""
        turn, place = self._centres.motions(joints)
        blended = (self._centres.weights @ joints[:, :3].reshape(-1, 12)).reshape(-1, 3, 4)
        linear = blended[:, :, :3]
        square = np.matmul(linear.swapaxes(1, 2), linear) + _DAMPING**2 * np.eye(3)
        back = np.linalg.solve(square, linear.swapaxes(1, 2))
        # As a map of space: where the skin's motion takes a point, told before skinning, less the point.
        apart = np.concatenate([turn, place[:, :, None]], axis=2) - blended
        field = np.matmul(back, apart)
        field = (self._share @ field.reshape(-1, 12)).reshape(-1, 3, 4)
        return np.asarray(np.einsum("nab,nb->na", field[:, :, :3], self._places) + field[:, :, 3])


def learn(body: Body, surface: Surface, seed: int) -> MeshNetwork:
    """The network of a surface on `body`: all of the avatar's template mesh."""
    truth, skeleton = MeshTruth(body, surface), body.skeleton
    joints = np.concatenate([drawn_poses(skeleton, POSES[0], seed), usual_poses(skeleton, POSES[1], seed + 1)])
    counts = np.repeat([1.0, _USUAL], POSES)[:, None]
    x = features(skeleton, joints).reshape(len(joints), -1)
    wanted = np.stack([truth.offsets(pose).astype(np.float32) for pose in joints])
    moved = np.linalg.norm(wanted, axis=2).max(axis=0) > _ACTIVE_M
    region = np.where(moved, truth.cut.argmax(axis=1), -1)
    random = np.random.default_rng([seed, 82])
    inner = np.zeros((len(DRIVEN) * _HIDDEN, x.shape[1]))
    bias = random.uniform(-1, 1, len(inner))
    out, shapes, members = [], [], []
    neighbours = [_moving(truth.cut[region == number], number) for number in range(len(DRIVEN))]
    for number, mine in enumerate(neighbours):
        columns = (9 * np.array(mine)[:, None] + np.arange(9)).ravel()
        rows = slice(number * _HIDDEN, (number + 1) * _HIDDEN)
        inner[rows, columns] = random.normal(0, 0.8, (_HIDDEN, len(columns)))
    wide = _lifted(x, inner, bias)
    for number, mine in enumerate(neighbours):
        chosen = np.flatnonzero(region == number)
        if len(chosen) < _SHAPES:
            continue
        shape, vectors = _scalar_shapes(wanted[:, chosen].astype(np.float64))
        columns = (9 * np.array(mine)[:, None] + np.arange(9)).ravel()
        hidden = x.shape[1] + number * _HIDDEN + np.arange(_HIDDEN)
        known = np.concatenate([columns, hidden])
        given = counts * wide[:, known]
        ridge = _RIDGE * len(given) * np.mean(given**2) * np.eye(len(known))
        full = np.zeros((vectors.shape[1], wide.shape[1]))
        full[:, known] = np.linalg.solve(given.T @ given + ridge, given.T @ (counts * vectors)).T
        out.append(full)
        shapes.append(shape)
        members.append(truth.vertices[chosen])
    return MeshNetwork(inner, bias, np.stack(out), tuple(shapes), tuple(members), len(surface.vertices))


def _lifted(x: F64, inner: F64, bias: F64) -> F64:
    return np.concatenate([x, np.tanh(x @ inner.T + bias) - np.tanh(bias)], axis=1)


def _scalar_shapes(wanted: F64) -> tuple[F64, F64]:
    """(n, _SHAPES) orthonormal shapes of offsets (P, n, 3), and (P, 3 _SHAPES) the vectors of each pose."""
    flat = wanted.transpose(1, 0, 2).reshape(wanted.shape[1], -1)
    _, directions = np.linalg.eigh(flat @ flat.T) if len(flat) < flat.shape[1] else (None, _left(flat))
    shape = directions[:, ::-1][:, :_SHAPES]
    shape = shape * np.sign(shape[np.abs(shape).argmax(axis=0), np.arange(_SHAPES)])
    vectors = np.einsum("vs,pvc->pcs", shape, wanted).reshape(len(wanted), -1)
    return shape, vectors


def _left(flat: F64) -> F64:
    """Left singular vectors of a tall matrix (n, m), the largest last."""
    values, right = np.linalg.eigh(flat.T @ flat)
    return np.asarray(flat @ right / np.sqrt(np.maximum(values, 1e-20)))


def _moving(cut: F64, own: int) -> list[int]:
    """The driven joints that move a region, its own first."""
    others = [k for k in np.flatnonzero(cut.mean(axis=0) > _CUT).tolist() if k != own] if len(cut) else []
    return [own, *others]


def _cuts(skeleton: Skeleton, weights: NDArray[np.float32]) -> F64:
    """(n, D) the smaller share of each vertex' weight on either side of each driven joint."""
    below = np.eye(len(skeleton.names))
    for joint in range(len(skeleton.names) - 1, -1, -1):
        if skeleton.parents[joint] >= 0:
            below[skeleton.parents[joint]] += below[joint]
    share = weights @ below[driven(skeleton)].T
    return np.asarray(np.minimum(share, 1 - share))


def _fingers(skeleton: Skeleton, weights: NDArray[np.float32]) -> F64:
    """(n,) share of each vertex' weight that fingers have."""
    finger = [any(name.startswith(f) for f in ("index", "middle", "ring", "pinky", "thumb")) for name in skeleton.names]
    return np.asarray(weights[:, np.array(finger)].sum(axis=1))
