"""What the tests of clothes share: one body in three outfits, each made once, posed by plain linear blend skinning."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from assets.forge.clothes.garments import garments
from assets.forge.layer import Layer, falling_importance, merge, surface_of, surfels
from assets.forge.sampling import scatter
from render.motion.skeleton import skinning_matrices
from tests.assets.forge.forged import body

CASUAL, SKIRT, SUIT = (
    "teal sweater, jeans, sneakers",
    "white blouse, skirt, pumps",
    "blazer, shirt, trousers, leather-shoes",
)
RED = (1.0, 0.0, 0.0)
Turns = dict[str, tuple[tuple[float, float, float], float]]
POSES: dict[str, Turns] = {
    "rest": {},
    "raised": {
        "upperarm_l": ((0, 0, 1), 105),
        "upperarm_r": ((0, 0, -1), 105),
        "clavicle_l": ((0, 0, 1), 15),
        "clavicle_r": ((0, 0, -1), 15),
    },
    "crossed": {
        "upperarm_l": ((0, -1, 0), 70),
        "upperarm_r": ((0, 1, 0), 70),
        "lowerarm_l": ((0, -1, 0), 70),
        "lowerarm_r": ((0, 1, 0), 70),
    },
    "twisted": {
        "spine_01": ((0, 1, 0), 15),
        "spine_02": ((0, 1, 0), 12),
        "spine_03": ((0, 1, 0), 10),
        "head": ((0, 1, 0), 40),
    },
    "bent": {"spine_01": ((1, 0, 0), 20), "spine_02": ((1, 0, 0), 15), "spine_03": ((1, 0, 0), 10)},
    "sitting": {
        "thigh_l": ((-1, 0, 0), 70),
        "thigh_r": ((-1, 0, 0), 70),
        "calf_l": ((1, 0, 0), 70),
        "calf_r": ((1, 0, 0), 70),
    },
    "stepping": {"thigh_l": ((-1, 0, 0), 28), "thigh_r": ((1, 0, 0), 16), "calf_r": ((1, 0, 0), 22)},
}


@cache
def dressed(pieces: str) -> tuple[list[Layer], NDArray[np.bool_]]:
    return garments(body(), seed=0, count=24_000, pieces=pieces)


@cache
def skin_layer(pieces: str) -> Layer:
    """The skin that is left, painted red."""
    kept = ~dressed(pieces)[1]
    surface = surface_of(body(), body().triangles["body"][kept])
    samples = scatter(surface.vertices, surface.triangles, 12_000, 0)
    count = len(samples)
    colour = np.tile(np.array(RED), (count, 1))
    return Layer(
        surface=surface,
        gaussians=surfels(
            surface, samples.triangle, samples.barycentric, samples.normal, samples.spacing, colour, overlap=0.74
        ),
        normals=samples.normal.astype(np.float32),
        importance=falling_importance(count),
        lit=np.ones(count, np.float32),
        gloss=np.zeros(count, np.float32),
    )


@cache
def avatar(pieces: str) -> Avatar:
    return merge([*dressed(pieces)[0], skin_layer(pieces)], body().skeleton, name="test", licence="CC0-1.0")


@cache
def joints(pose: str) -> NDArray[np.float32]:
    """(J, 4, 4) skinning matrices of one of POSES."""
    names = body().skeleton.names
    turns = np.tile([1.0, 0.0, 0.0, 0.0], (len(names), 1))
    for joint, (axis, degrees) in POSES[pose].items():
        half = np.radians(degrees) / 2
        turns[names.index(joint)] = [np.cos(half), *(np.sin(half) * np.array(axis))]
    return skinning_matrices(body().skeleton, turns, np.zeros(3))


def posed(layer: Layer, pose: str) -> NDArray[np.float64]:
    """(V, 3) the layer's vertices in a pose, metres."""
    surface, matrices = layer.surface, joints(pose).astype(np.float64)
    blend = np.einsum("vk,vkij->vij", surface.skin_weights, matrices[surface.skin_joints.astype(int)])
    return np.asarray(np.einsum("vij,vj->vi", blend[:, :3, :3], surface.vertices) + blend[:, :3, 3])


def struck(origins: NDArray[np.float64], ways: NDArray[np.float64], corners: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(N,) whether a ray from each origin (N, 3) strikes a triangle (F, 3, 3), from either side (Moeller, Trumbore)."""
    a, ab, ac = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    hit = np.zeros(len(origins), bool)
    for k, (origin, way) in enumerate(zip(origins, ways, strict=True)):
        across = np.cross(way, ac)
        area = (ab * across).sum(axis=1)
        area = np.where(np.abs(area) < 1e-12, 1e-12, area)
        away = origin - a
        u = (away * across).sum(axis=1) / area
        turned = np.cross(away, ab)
        v, far = turned @ way / area, (ac * turned).sum(axis=1) / area
        hit[k] = bool(((u >= 0) & (v >= 0) & (u + v <= 1) & (far > 0)).any())
    return hit
