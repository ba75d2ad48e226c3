"""Heads bound to FLAME in the layout of GaussianAvatars (Qian et al. 2024): `point_cloud.ply`, and beside it maybe
`flame_param.npz` with the person's shape.

FLAME itself (Li et al. 2017) has a licence of its own and is never shipped: the user names a file with the arrays of
theirs, `.npz` or `.safetensors` (docs/avatars.md says how to write it):

    v_template (V, 3), faces (F, 3), shapedirs (V, 3, S + E), J_regressor (5, V), lbs_weights (V, 5)

of which the last 100 directions are expressions.

A Gaussian there lives in the frame of its triangle (v0, v1, v2): a0 along v1 - v0, a1 the normal, a2 = a0 x a1, size
s = (|v1 - v0| + |a2 . (v2 - v0)|) / 2; its place is the triangle's centre plus s [a0 a1 a2] (x, y, z). Ours is another
frame on the same triangle, and what leads from one to the other is constant while the triangle keeps its form.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import safetensors
from numpy.typing import NDArray
from safetensors.numpy import load as load_safetensors
from scipy.spatial.transform import Rotation

from assets.arkit import ARKIT_SHAPES
from assets.avatar import Avatar, Gaussians, Skeleton, TemplateMesh
from assets.errors import AvatarError
from assets.forge.layer import frames
from assets.importers.cloud import Cloud, RefusedError
from assets.importers.expressions import Table
from assets.importers.order import importance_order
from assets.importers.ply import is_ply, read_elements, read_gaussians
from assets.npz import read_npz

F64 = NDArray[np.float64]

BINDING: Final = "binding_0"
_LARGEST_FILE: Final = 1 << 30
_EXPRESSIONS: Final = 100
_JOINTS: Final = ("root", "head", "jaw", "eye_l", "eye_r")
"""FLAME's: all, neck, jaw, left and right eye; its neck is what turns the head."""
_PARENTS: Final = (-1, 0, 1, 1, 1)
_JAW: Final = {"jaw_open": (0.35, 0.0, 0.0), "jaw_left": (0.0, 0.12, 0.0), "jaw_right": (0.0, -0.12, 0.0)}
"""Rotations of the jaw, radians about x, y, z, that are shapes here."""
TABLE: Final[Table] = {"jawOpen": {"jaw_open": 1.0}, "jawLeft": {"jaw_left": 1.0}, "jawRight": {"jaw_right": 1.0}}
"""What moves without a map; FLAME's own expressions are `expr_0`, `expr_1` ..., for a map to use."""
_HEAD_TOP_M: Final = 1.62
_SAID: Final = (
    "Only the jaw, the head and the eyes move; a --map can add FLAME's expressions as expr_0, expr_1 and so on."
)


@dataclass(frozen=True)
class Flame:
    """The user's own model."""

    vertices: F64
    triangles: NDArray[np.int64]
    directions: F64
    """(V, 3, S + E)."""
    regressor: F64
    """(5, V)."""
    weights: F64
    """(V, 5)."""


def is_bound(path: Path) -> bool:
    """Whether a file is a .ply whose Gaussians are bound to triangles."""
    try:
        with path.open("rb") as file:
            head = file.read(1 << 16)
    except OSError:
        return False
    return is_ply(head) and f" {BINDING}".encode() in head.split(b"end_header", 1)[0]


def read_flame(path: Path) -> Flame:
    """The user's FLAME; raises AvatarError."""
    needed = ("v_template", "faces", "shapedirs", "J_regressor", "lbs_weights")
    arrays = _arrays(path, needed)
    missing = [name for name in needed if name not in arrays]
    if missing:
        raise AvatarError(f"{path} lacks {', '.join(missing)}; write it as the documentation of avatars says.")
    count, faces = len(arrays["v_template"]), arrays["faces"]
    wanted = {"v_template": (count, 3), "J_regressor": (5, count), "lbs_weights": (count, 5)}
    fits = all(arrays[name].shape == shape for name, shape in wanted.items())
    fits &= arrays["shapedirs"].ndim == 3 and arrays["shapedirs"].shape[:2] == (count, 3)
    fits &= faces.ndim == 2 and faces.shape[1] == 3 and faces.dtype.kind in "iu" and len(faces) > 0
    if not fits or faces.min() < 0 or faces.max() >= count:
        raise AvatarError(f"{path} is no FLAME model: its arrays do not fit together.")
    if not all(np.isfinite(arrays[name]).all() for name in needed):
        raise AvatarError(f"{path} is no FLAME model: it holds a value that is not a number.")
    return Flame(
        arrays["v_template"].astype(np.float64),
        faces.astype(np.int64),
        arrays["shapedirs"].astype(np.float64),
        arrays["J_regressor"].astype(np.float64),
        arrays["lbs_weights"].astype(np.float64),
    )


def read_flame_avatar(path: Path, model: Path, *, name: str | None = None, table: Table | None = None) -> Avatar:
    """The head of `path` on the mesh of `model`, at the height of one who stands. Raises AvatarError."""
    flame = read_flame(model)
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise AvatarError(f"{path} is refused: it is larger than {_LARGEST_FILE} bytes.")
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
    chosen = {**TABLE, **(table or {})}
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
            shapes=_shapes(flame, vertices, joints[2], chosen).astype(np.float16),
        ),
        gaussians=gaussians.at(importance_order(places)),
        levels=tuple(level for level in (20_000, 50_000, 100_000) if level < len(cloud)),
        blending="display",
        provenance={
            "tool": "visavis import",
            "source": path.name,
            "expressions": {shape: dict(sources) for shape, sources in chosen.items()},
            "notes": [_SAID] if table is None else [],
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
    arrays = _arrays(path, ("shape", "static_offset"))
    if "shape" in arrays:
        shape = arrays["shape"].reshape(-1)
        most = flame.directions.shape[2] - _EXPRESSIONS
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


def _shapes(flame: Flame, vertices: F64, jaw: F64, table: Table) -> F64:
    """(52, V, 3)."""
    sources: dict[str, F64] = {}
    for name, turn in _JAW.items():
        away = vertices - jaw
        sources[name] = flame.weights[:, 2:3] * (Rotation.from_rotvec(turn).apply(away) - away)
    count = min(_EXPRESSIONS, flame.directions.shape[2])
    first = flame.directions.shape[2] - count
    for k in range(count):
        sources[f"expr_{k}"] = flame.directions[..., first + k]
    shapes = np.zeros((len(ARKIT_SHAPES), *vertices.shape))
    for shape, wanted in table.items():
        unknown = [name for name in wanted if name not in sources]
        if shape not in ARKIT_SHAPES or unknown:
            raise AvatarError(
                f"The map does not fit: {(unknown or [shape])[0]!r} is not known; "
                f"take ARKit's names of {', '.join(_JAW)} and expr_0 to expr_{count - 1}."
            )
        for name, weight in wanted.items():
            shapes[ARKIT_SHAPES.index(shape)] += weight * sources[name]
    return np.clip(shapes, -10, 10)


def _arrays(path: Path, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """Those arrays of an .npz or .safetensors file that are there; pickles are never opened."""
    try:
        if path.suffix.lower() != ".safetensors":
            return read_npz(path, names)
        if path.stat().st_size > _LARGEST_FILE:
            raise AvatarError(f"{path} is refused: it is larger than {_LARGEST_FILE} bytes.")
        return {key: value for key, value in load_safetensors(path.read_bytes()).items() if key in names}
    except FileNotFoundError:
        raise AvatarError(f"There is no file at {path}; name the arrays of your own FLAME model.") from None
    except (OSError, ValueError, KeyError, TypeError, safetensors.SafetensorError) as error:
        raise AvatarError(
            f"{path} cannot be read ({str(error)[:200]}); write it as .npz of numbers, or .safetensors."
        ) from None


def _unit(vectors: F64) -> F64:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-20))
