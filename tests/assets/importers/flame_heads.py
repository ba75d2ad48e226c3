"""A head with FLAME's arrays on a topology of its own, whose expressions hide known ARKit motions in a random mix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from assets.arkit import ARKIT_SHAPES, INDEX
from assets.forge.anatomy.body import Body
from assets.forge.anatomy.face import Face

SIZE, TURN, PLACE = 1.04, Rotation.from_euler("x", 3, degrees=True), np.array([0.01, -0.02, 0.03])
"""Where such a head lies: its own units, a nod, and near the origin."""


@dataclass(frozen=True)
class Head:
    """The arrays, and what its vertices should do."""

    arrays: dict[str, np.ndarray]
    truth: np.ndarray
    """(52, V, 3)."""


def head_of(body: Body, seed: int = 0, noise: float = 0.3) -> Head:
    """Vertices on the middles of the edges of a body's head, and its eyeballs; 49 smooth random motions, `noise` as
    large as the known ones, beside 51 of the 52 shapes: without a tongue, tongueOut cannot be made."""
    rng = np.random.default_rng(seed)
    face = Face(body)
    skin = body.triangles["body"]
    skin = skin[body.vertices[skin, 1].min(axis=1) > face.mouth[1] - 0.12]
    edges, around = np.unique(np.sort(skin[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1), axis=0, return_inverse=True)
    faces = [around.reshape(-1, 3)]
    places, shapes = [body.vertices[edges].mean(axis=1)], [body.shapes[:, edges].mean(axis=2)]
    weights = [np.zeros((len(edges), 5))]
    far = np.linalg.norm(shapes[0][INDEX["jawOpen"]], axis=1)
    weights[0][:, 2] = np.clip(far / (0.6 * far.max()), 0, 1)
    weights[0][:, 1] = 1 - weights[0][:, 2]
    count = len(edges)
    regressor = []
    for side, part in enumerate(("eye_l", "eye_r")):
        ball = body.triangles[part]
        used, inverse = np.unique(ball, return_inverse=True)
        faces.append(inverse.reshape(-1, 3) + count)
        places.append(body.vertices[used])
        shapes.append(np.zeros((len(ARKIT_SHAPES), len(used), 3)))
        weights.append(np.eye(5)[[3 + side]].repeat(len(used), axis=0))
        regressor.append((count, len(used)))
        count += len(used)
    vertices, truth = np.concatenate(places), np.concatenate(shapes, axis=1).astype(np.float64)
    truth[INDEX["tongueOut"]] = 0
    hinge = np.array([0.0, face.mouth[1] + 0.02, face.eyes[0, 2] - 0.07])
    rows = np.zeros((5, count))
    for row, centre in ((0, hinge - [0, 0.1, 0]), (1, hinge - [0, 0.05, 0]), (2, hinge)):
        near = np.argsort(np.linalg.norm(vertices - centre, axis=1))[:60]
        rows[row, near] = 1 / 60
    for row, (first, size) in zip((3, 4), regressor, strict=True):
        rows[row, first : first + size] = 1 / size
    middle = vertices[: len(edges)].mean(axis=0)
    known = np.delete(truth, INDEX["tongueOut"], axis=0)
    motions = np.concatenate([known, noise * _smooth(vertices, face, 49, rng)])
    mix = np.linalg.qr(rng.normal(size=(100, 100)))[0]
    expressions = np.einsum("ke,evc->kvc", mix, motions)
    directions = np.concatenate([0.002 * _smooth(vertices, face, 8, rng), expressions])
    turned = TURN.apply(vertices - middle) * SIZE + PLACE
    moved = TURN.apply(directions.reshape(-1, 3)).reshape(directions.shape) * SIZE
    arrays = {
        "v_template": turned, "faces": np.concatenate(faces), "shapedirs": moved.transpose(1, 2, 0),
        "J_regressor": rows, "lbs_weights": np.concatenate(weights),
    }  # fmt: skip
    return Head(arrays, TURN.apply(truth.reshape(-1, 3)).reshape(truth.shape) * SIZE)


def _smooth(vertices: np.ndarray, face: Face, count: int, rng: np.random.Generator) -> np.ndarray:
    """(count, V, 3) bumps of a few centimetres somewhere on the face, a few millimetres high."""
    centres = face.mouth + rng.normal(0, 1, (count, 3)) * (0.04, 0.05, 0.02) + (0, 0.03, 0)
    reach = rng.uniform(0.015, 0.04, (count, 1))
    bump = np.exp(-np.sum((vertices[None] - centres[:, None]) ** 2, axis=2) / (2 * reach**2))
    return bump[..., None] * rng.normal(0, 0.006, (count, 1, 3))
