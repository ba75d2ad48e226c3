"""Heads bound to FLAME in the layout of GaussianAvatars (Qian et al. 2024): `point_cloud.ply`, and beside it maybe
`flame_param.npz` with the person's shape.

FLAME itself comes from the user (flame_model.py), and its expressions get their meaning from a face that has ARKit's
(flame_fit.py).

A Gaussian there lives in the frame of its triangle (v0, v1, v2): a0 along v1 - v0, a1 the normal, a2 = a0 x a1, size
s = (|v1 - v0| + |a2 . (v2 - v0)|) / 2; its place is the triangle's centre plus s [a0 a1 a2] (x, y, z). Ours is another
frame on the same triangle, and what leads from one to the other is constant while the triangle keeps its form.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from assets.arkit import ARKIT_SHAPES
from assets.avatar import Avatar, Gaussians, Skeleton, TemplateMesh
from assets.errors import AvatarError
from assets.forge.layer import frames
from assets.importers.cloud import Cloud, RefusedError
from assets.importers.expressions import Table
from assets.importers.flame_fit import Donor, Fitted, fit_expressions
from assets.importers.flame_model import EXPRESSIONS, JAW, JAW_JOINT, Flame, arrays_of, motions, read_flame
from assets.importers.order import importance_order
from assets.importers.ply import is_ply, read_elements, read_gaussians
from assets.npz import LARGEST

F64 = NDArray[np.float64]

BINDING: Final = "binding_0"
_JOINTS: Final = ("root", "head", "jaw", "eye_l", "eye_r")
"""FLAME's: all, neck, jaw, left and right eye; its neck is what turns the head."""
_PARENTS: Final = (-1, 0, 1, 1, 1)
TABLE: Final[Table] = {"jawOpen": {"jaw_open": 1.0}, "jawLeft": {"jaw_left": 1.0}, "jawRight": {"jaw_right": 1.0}}
"""What moves where there is neither a face to learn from nor a map."""
_HEAD_TOP_M: Final = 1.62
_ALONE: Final = (
    "Only the jaw, the head and the eyes move; a --map can add FLAME's expressions as expr_0, expr_1 and so on."
)


def is_bound(path: Path) -> bool:
    """Whether a file is a .ply whose Gaussians are bound to triangles."""
    try:
        with path.open("rb") as file:
            head = file.read(1 << 16)
    except OSError:
        return False
    return is_ply(head) and f" {BINDING}".encode() in head.split(b"end_header", 1)[0]


def read_flame_avatar(
    path: Path, model: Path, *, name: str | None = None, table: Table | None = None, donor: Donor | None = None
) -> Avatar:
    """The head of `path` on the mesh of `model`, at the height of one who stands; the expressions of `donor` are found
    again in those of the model, and entries of `table` replace them. Raises AvatarError."""
    flame = read_flame(model)
    try:
        if path.stat().st_size > LARGEST:
            raise AvatarError(f"{path} is refused: it is larger than {LARGEST} bytes.")
        tables = read_elements(path.read_bytes())
        cloud = read_gaussians(tables)
        binding = _binding(tables, len(flame.triangles))
    except OSError as error:
        raise AvatarError(f"{path} cannot be opened ({error.strerror}); name another file.") from None
    except RefusedError as reason:
        raise AvatarError(f"{path} cannot be imported: {reason}.") from None
    vertices = flame.vertices + _identity(path.with_name("flame_param.npz"), flame)
    vertices[:, 1] += _HEAD_TOP_M - float(vertices[:, 1].max())
    joints = flame.regressor @ vertices
    rest = np.tile(np.eye(4, dtype=np.float32), (5, 1, 1))
    rest[1:, :3, 3] = joints[1:]
    sources = motions(flame, vertices, joints[JAW_JOINT])
    fitted = fit_expressions(flame, vertices, joints, sources, donor) if donor else None
    chosen = {**TABLE, **(fitted.table if fitted else {}), **(table or {})}
    order = np.argsort(-flame.weights, axis=1, kind="stable")[:, :4]
    weights = np.take_along_axis(np.maximum(flame.weights, 0), order, axis=1)
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    gaussians, places = bound(cloud, binding, vertices, flame.triangles)
    return Avatar(
        name=name or path.stem,
        licence="unknown",
        skeleton=Skeleton(_JOINTS, np.array(_PARENTS, np.int32), rest),
        mesh=TemplateMesh(
            vertices=vertices.astype(np.float32),
            triangles=flame.triangles.astype(np.int32),
            skin_joints=order.astype(np.uint16),
            skin_weights=weights.astype(np.float32),
            shapes=_shapes(sources, chosen).astype(np.float16),
        ),
        gaussians=gaussians.at(importance_order(places)),
        levels=tuple(level for level in (20_000, 50_000, 100_000) if level < len(cloud)),
        blending="display",
        provenance={
            "tool": "visavis import",
            "source": path.name,
            "expressions": {shape: dict(sources) for shape, sources in chosen.items()},
            "notes": _notes(fitted, table),
        },
    )


def bound(
    cloud: Cloud, binding: NDArray[np.int64], vertices: F64, triangles: NDArray[np.int64]
) -> tuple[Gaussians, Cloud]:
    """Gaussians of their frames in ours, and where they are in the world at rest."""
    v0, v1, v2 = (vertices[triangles[:, k]] for k in range(3))
    a0 = _unit(v1 - v0)
    a1 = _unit(np.cross(a0, v2 - v0))
    a2 = np.cross(a0, a1)
    size = (np.linalg.norm(v1 - v0, axis=1) + np.abs((a2 * (v2 - v0)).sum(axis=1))) / 2
    theirs = np.stack([a0, a1, a2], axis=2)
    ours, edge = frames(vertices, triangles.astype(np.int32))
    across = np.einsum("fji,fjk->fik", ours, theirs)[binding]
    ratio = (size / np.maximum(edge, 1e-20))[binding, None]
    local = cloud.positions.astype(np.float64)
    own = Rotation.from_quat(cloud.rotations[:, [1, 2, 3, 0]].astype(np.float64))
    across[np.linalg.det(across) < 0.5] = np.eye(3)  # on a triangle without an extent, where nothing has a direction
    turned = (Rotation.from_matrix(across) * own).as_quat(canonical=True)[:, [3, 0, 1, 2]]
    gaussians = Gaussians(
        triangle=binding.astype(np.int32),
        barycentric=np.full((len(binding), 2), 1 / 3, np.float32),
        offset=(ratio * np.einsum("nij,nj->ni", across, local)).astype(np.float32),
        rotation=turned.astype(np.float32),
        scale=(ratio * cloud.scales).astype(np.float32),
        opacity=cloud.opacities,
        sh=cloud.sh,
    )
    centre = ((v0 + v1 + v2) / 3)[binding]
    places = centre + size[binding, None] * np.einsum("nij,nj->ni", theirs[binding], local)
    world = Cloud(
        places.astype(np.float32),
        (size[binding, None] * cloud.scales).astype(np.float32),
        cloud.rotations,
        cloud.opacities,
        cloud.sh,
    )
    return gaussians, world


def _binding(tables: dict[str, NDArray[Any]], faces: int) -> NDArray[np.int64]:
    rows = tables["vertex"]
    if BINDING not in (rows.dtype.names or ()):
        raise RefusedError("its Gaussians are bound to no triangles")
    for name in rows.dtype.names or ():
        if not np.isfinite(rows[name]).all():
            raise RefusedError(f"its property {name} holds a value that is not a number")
    if np.abs(read_gaussians(tables).rotations).max(axis=1).min() < 1e-9:
        raise RefusedError("it holds a rotation of no length")
    binding = rows[BINDING].astype(np.int64)
    if binding.min() < 0 or binding.max() >= faces:
        raise RefusedError(
            f"it is bound to triangle {int(binding.max())}, and the FLAME model has {faces}; "
            "take the model that it was trained with (with teeth, maybe)"
        )
    return binding


_WILDEST: Final = 1e3
"""Deviations of a head from the mean in any direction; those of people are below ten."""


def _identity(path: Path, flame: Flame) -> F64:
    """(V, 3) what makes the mean head this person."""
    offset = np.zeros_like(flame.vertices)
    if not path.exists():
        return offset
    arrays = arrays_of(path, ("shape", "static_offset"))
    if "shape" in arrays:
        shape = arrays["shape"].reshape(-1)
        most = flame.directions.shape[2] - EXPRESSIONS
        if len(shape) > most:
            raise AvatarError(f"{path} has {len(shape)} numbers of shape, and the FLAME model {most}.")
        if not (np.abs(shape) < _WILDEST).all():
            raise AvatarError(f"{path} is damaged: nobody's head is shaped so.")
        offset += flame.directions[..., : len(shape)] @ shape.astype(np.float64)
    if "static_offset" in arrays:
        static = arrays["static_offset"].astype(np.float64).reshape(-1, 3)
        if len(static) > len(offset):
            raise AvatarError(f"{path} moves {len(static)} vertices, and the FLAME model has {len(offset)}.")
        offset[: len(static)] += static
    if not np.abs(offset).max() < 10:
        raise AvatarError(f"{path} is damaged: it moves the head away.")
    return offset


def _shapes(sources: Mapping[str, F64], table: Table) -> F64:
    """(52, V, 3)."""
    shapes = np.zeros((len(ARKIT_SHAPES), *next(iter(sources.values())).shape))
    for shape, wanted in table.items():
        unknown = [name for name in wanted if name not in sources]
        if shape not in ARKIT_SHAPES or unknown:
            raise AvatarError(
                f"The map does not fit: {(unknown or [shape])[0]!r} is not known; "
                f"take ARKit's names of {', '.join(JAW)} and expr_0 to expr_{len(sources) - len(JAW) - 1}."
            )
        for name, weight in wanted.items():
            shapes[ARKIT_SHAPES.index(shape)] += weight * sources[name]
    return np.clip(shapes, -10, 10)


def _notes(fitted: Fitted | None, table: Table | None) -> list[str]:
    if fitted is None or not fitted.table:
        return [] if table else [_ALONE]
    lacking = [name for name in fitted.lacking if name not in (table or {})]
    they = "they stay" if len(lacking) > 1 else "it stays"
    said = f"FLAME has no motion like {', '.join(lacking)}; {they} still, where no --map says otherwise."
    return [said] if lacking else []


def _unit(vectors: F64) -> F64:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-20))
