"""A person of ellipsoids: skinned, with blend shapes, any number of Gaussians of any degree, made from a seed alone.

For the bench and the tests, which must not depend on what avatar is there. Flat discs cover the surfaces; their sizes
and opacities spread as a captured avatar's do (at 250,000 the deviations are about 3.5 mm).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assets.arkit import ARKIT_SHAPES, INDEX
from assets.avatar import Avatar, Gaussians, Skeleton, TemplateMesh

F64 = NDArray[np.float64]

_JOINTS: tuple[tuple[str, str | None, tuple[float, float, float]], ...] = (
    ("root", None, (0, 0.95, 0)),
    ("spine_01", "root", (0, 1.10, 0)),
    ("spine_03", "spine_01", (0, 1.30, 0)),
    ("neck_01", "spine_03", (0, 1.48, 0)),
    ("head", "neck_01", (0, 1.55, 0)),
    ("upperarm_l", "spine_03", (0.20, 1.42, 0)),
    ("lowerarm_l", "upperarm_l", (0.46, 1.42, 0)),
    ("hand_l", "lowerarm_l", (0.70, 1.42, 0)),
    ("upperarm_r", "spine_03", (-0.20, 1.42, 0)),
    ("lowerarm_r", "upperarm_r", (-0.46, 1.42, 0)),
    ("hand_r", "lowerarm_r", (-0.70, 1.42, 0)),
    ("thigh_l", "root", (0.10, 0.90, 0)),
    ("calf_l", "thigh_l", (0.10, 0.48, 0)),
    ("thigh_r", "root", (-0.10, 0.90, 0)),
    ("calf_r", "thigh_r", (-0.10, 0.48, 0)),
)
_PARTS: tuple[tuple[str, tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]], ...] = (
    ("head", (0, 1.63, 0), (0.085, 0.12, 0.10), (0.55, 0.32, 0.24)),
    ("spine_03", (0, 1.30, 0), (0.19, 0.20, 0.12), (0.05, 0.10, 0.35)),
    ("root", (0, 1.00, 0), (0.17, 0.16, 0.12), (0.02, 0.02, 0.03)),
    ("upperarm_l", (0.33, 1.42, 0), (0.15, 0.05, 0.05), (0.05, 0.10, 0.35)),
    ("lowerarm_l", (0.60, 1.42, 0), (0.16, 0.04, 0.04), (0.55, 0.32, 0.24)),
    ("upperarm_r", (-0.33, 1.42, 0), (0.15, 0.05, 0.05), (0.05, 0.10, 0.35)),
    ("lowerarm_r", (-0.60, 1.42, 0), (0.16, 0.04, 0.04), (0.55, 0.32, 0.24)),
    ("thigh_l", (0.10, 0.68, 0), (0.08, 0.24, 0.08), (0.02, 0.02, 0.03)),
    ("calf_l", (0.10, 0.25, 0), (0.06, 0.26, 0.06), (0.30, 0.05, 0.04)),
    ("thigh_r", (-0.10, 0.68, 0), (0.08, 0.24, 0.08), (0.02, 0.02, 0.03)),
    ("calf_r", (-0.10, 0.25, 0), (0.06, 0.26, 0.06), (0.30, 0.05, 0.04)),
)
_RINGS, _SECTORS = 12, 16


def make_cloud(gaussians: int, degree: int = 0, seed: int = 7) -> Avatar:
    """A person of `gaussians` Gaussians in a T-pose, facing +z, feet near y = 0; harmonics up to `degree` (0 to 3)."""
    rng = np.random.default_rng(seed)
    skeleton = _skeleton()
    mesh = _mesh(skeleton)
    return Avatar("cloud", "CC0-1.0", skeleton, mesh, _gaussians(mesh, gaussians, degree, rng))


def _skeleton() -> Skeleton:
    names = tuple(name for name, _, _ in _JOINTS)
    parents = np.array([-1 if parent is None else names.index(parent) for _, parent, _ in _JOINTS], np.int32)
    rest = np.tile(np.eye(4, dtype=np.float32), (len(names), 1, 1))
    rest[:, :3, 3] = [place for _, _, place in _JOINTS]
    # Bones do not all lie along the axes of the world: turn each joint a little.
    for index in range(len(names)):
        angle = 0.3 * index
        rest[index, :3, :3] = [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
    return Skeleton(names, parents, rest)


def _ellipsoid(centre: tuple[float, float, float], radii: tuple[float, float, float]) -> tuple[F64, F64]:
    polar = np.linspace(0, np.pi, _RINGS + 1)[1:-1]
    around = np.arange(_SECTORS) * (2 * np.pi / _SECTORS)
    ring = np.stack(
        [
            np.outer(np.sin(polar), np.sin(around)),
            np.repeat(np.cos(polar)[:, None], _SECTORS, axis=1),
            np.outer(np.sin(polar), np.cos(around)),
        ],
        axis=-1,
    ).reshape(-1, 3)
    unit = np.concatenate([[[0, 1, 0]], ring, [[0, -1, 0]]])
    faces = []
    last = len(unit) - 1
    for s in range(_SECTORS):
        t = (s + 1) % _SECTORS
        faces.append((0, 1 + s, 1 + t))
        for r in range(_RINGS - 2):
            a, b = 1 + r * _SECTORS, 1 + (r + 1) * _SECTORS
            faces += [(a + s, b + s, b + t), (a + s, b + t, a + t)]
        faces.append((last, last - _SECTORS + t, last - _SECTORS + s))
    return unit * radii + np.asarray(centre), np.array(faces)


def _mesh(skeleton: Skeleton) -> TemplateMesh:
    vertices, triangles, joints, weights = [], [], [], []
    base = 0
    for name, centre, radii, _ in _PARTS:
        points, faces = _ellipsoid(centre, radii)
        joint = skeleton.names.index(name)
        parent = max(int(skeleton.parents[joint]), 0)
        reach = np.linalg.norm(points - skeleton.rest[joint, :3, 3], axis=1)
        own = np.clip(0.5 + reach / 0.2, 0.5, 1.0)
        vertices.append(points)
        triangles.append(faces + base)
        joints.append(np.tile((joint, parent, 0, 0), (len(points), 1)))
        weights.append(np.stack([own, 1 - own, 0 * own, 0 * own], 1))
        base += len(points)
    positions = np.concatenate(vertices)
    return TemplateMesh(
        positions.astype(np.float32),
        np.concatenate(triangles).astype(np.int32),
        np.concatenate(joints).astype(np.uint16),
        np.concatenate(weights).astype(np.float32),
        _shapes(positions),
    )


def _shapes(vertices: F64) -> NDArray[np.float16]:
    shapes = np.zeros((len(ARKIT_SHAPES), len(vertices), 3))

    def bump(name: str, centre: tuple[float, float, float], radius: float, offset: tuple[float, float, float]) -> None:
        near = np.exp(-np.square(vertices - centre).sum(axis=1) / (2 * radius**2))
        shapes[INDEX[name]] = np.where(near > 0.01, near, 0)[:, None] * np.asarray(offset)

    bump("jawOpen", (0, 1.55, 0.08), 0.03, (0, -0.02, 0.002))
    bump("eyeBlinkLeft", (0.03, 1.65, 0.09), 0.015, (0, -0.008, 0))
    bump("eyeBlinkRight", (-0.03, 1.65, 0.09), 0.015, (0, -0.008, 0))
    bump("mouthSmileLeft", (0.03, 1.57, 0.09), 0.02, (0.006, 0.006, 0))
    return shapes.astype(np.float16)


def _gaussians(mesh: TemplateMesh, count: int, degree: int, rng: np.random.Generator) -> Gaussians:
    corners = mesh.vertices[mesh.triangles].astype(np.float64)
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    triangle = rng.choice(len(area), size=count, p=area / area.sum())
    uv = rng.dirichlet((1, 1, 1), size=count)[:, :2]
    edge = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).mean(axis=1)[triangle]
    # As large as the surface that each has to cover; flat along the normal, the frame's first axis.
    spread = 1.2 * np.sqrt(area.sum() / 2 / count) / edge
    scale = spread[:, None] * rng.lognormal(0, 0.45, (count, 3)) * (0.15, 1, 1)
    tilt = rng.normal(size=(count, 4)) * 0.15 + (1, 0, 0, 0)
    part = triangle // (len(mesh.triangles) // len(_PARTS))
    colour = np.array([c for _, _, _, c in _PARTS])[part] * rng.uniform(0.6, 1.4, (count, 1))
    sh = np.zeros((count, (degree + 1) ** 2, 3))
    sh[:, 0] = (colour - 0.5) / 0.28209479177387814
    sh[:, 1:] = rng.normal(size=sh[:, 1:].shape) * 0.06
    return Gaussians(
        triangle=triangle.astype(np.int32),
        barycentric=uv.astype(np.float32),
        offset=(rng.normal(size=(count, 3)) * 0.05).astype(np.float32),
        rotation=(tilt / np.linalg.norm(tilt, axis=1, keepdims=True)).astype(np.float32),
        scale=scale.astype(np.float32),
        opacity=rng.beta(5, 1.2, count).clip(0.02, 0.995).astype(np.float32),
        sh=sh.astype(np.float32),
    )
