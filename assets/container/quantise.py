"""How precisely each array is kept: so that the picture is the same to 45 decibels and better, near and far.

What each choice costs and loses is measured in docs/reports/sizes.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assets.avatar import Avatar
from assets.container.codecs import Grid, decode, encode
from assets.container.manifest import GAUSSIANS, MESH, TENSORS, Coding, Curve, Dtype
from assets.errors import AvatarError
from assets.stages import StageSpec

Precision = Literal["compact", "full"]
Array = NDArray[Any]

BLACK: Final = float(np.float32(-0.5 / 0.28209479177387814))
"""Constant harmonic of black: from there, squares give the dark more codes than the bright, as eyes and sRGB do."""
_SMALLEST_SCALE: Final = 1e-6
"""Of the largest: what is thinner has no thickness that shows."""
_SHIFT: Final = 1 / 32
"""How far a Gaussian may be from its place, in its own middle deviations, root mean square over all."""
_FULL_ROWS: Final = 0.9
"""Share of rows from which on zeros are not worth skipping."""


class Coded(NamedTuple):
    """One array of the avatar, as it is kept."""

    coding: Coding
    stored: dict[str, Array]


def arrays_of(avatar: Avatar) -> dict[str, dict[str, Array]]:
    """Every array of the avatar by part and name."""
    mesh, gs, skeleton = avatar.mesh, avatar.gaussians, avatar.skeleton
    arrays: dict[str, dict[str, Array]] = {
        MESH: {
            "vertices": mesh.vertices, "triangles": mesh.triangles, "skin_joints": mesh.skin_joints,
            "skin_weights": mesh.skin_weights, "shapes": mesh.shapes,
            "joint_parents": skeleton.parents, "joint_rest": skeleton.rest,
        },
        GAUSSIANS: {
            "triangle": gs.triangle, "barycentric": gs.barycentric, "offset": gs.offset, "rotation": gs.rotation,
            "scale": gs.scale, "opacity": gs.opacity, "sh": gs.sh,
        },
    }  # fmt: skip
    return arrays | ({TENSORS: dict(avatar.tensors)} if avatar.tensors else {})


def coded_parts(avatar: Avatar, precision: Precision) -> dict[str, dict[str, Coded]]:
    """Every array of the avatar by part and name, as it is kept."""
    coded = {
        file: {name: _plain(array) for name, array in sorted(arrays.items())}
        for file, arrays in arrays_of(avatar).items()
    }
    if precision == "compact":
        coded[MESH] |= _mesh(avatar)
        coded[GAUSSIANS] |= _gaussians(avatar)
        for name in _bases(avatar.stages) & avatar.tensors.keys():
            if avatar.tensors[name].ndim == 3:
                coded[TENSORS][name] = _basis(avatar.tensors[name])
    return coded


def _mesh(avatar: Avatar) -> dict[str, Coded]:
    mesh = avatar.mesh
    shapes = Coding(mesh.shapes.shape, "F16", rows=1, kept=int(mesh.shapes.any(axis=2).sum()))
    return {
        "vertices": _range(mesh.vertices, bits=20),
        "triangles": _integer(mesh.triangles, "I32"),
        "skin_joints": _integer(mesh.skin_joints, "U16"),
        "skin_weights": _range(mesh.skin_weights, bits=16, grid=Grid(step=2.0**-15)),
        "shapes": Coded(shapes, encode(mesh.shapes, shapes)),
    }


def _gaussians(avatar: Avatar) -> dict[str, Coded]:
    gs = avatar.gaussians
    size = np.sort(gs.scale, axis=1)[:, 1].astype(np.float64)
    thinnest = max(float(gs.scale.max()), 1e-20) * _SMALLEST_SCALE
    rotation = Coding(gs.rotation.shape, "F32", "quaternion", bits=11)
    return {
        "triangle": _integer(gs.triangle, "I32"),
        "barycentric": _place(gs.barycentric, size, (12, 16, 20)),
        "offset": _place(gs.offset, size, (12, 16, 20), square=True),
        "rotation": Coded(rotation, encode(gs.rotation, rotation)),
        "scale": _range(np.maximum(gs.scale, np.float32(thinnest)), bits=10, curve="exp"),
        "opacity": _range(gs.opacity, bits=9, grid=Grid(step=2.0**-8)),
        "sh": _harmonics(gs.sh),
    }


def _place(array: Array, size: NDArray[np.float64], widths: Iterable[int], *, square: bool = False) -> Coded:
    """The fewest bits at which Gaussians stay where they are, measured by their own size."""
    for bits in widths:
        coded = _range(array, bits=bits, curve="square" if square else "linear")
        shift = np.linalg.norm(decode(dict(coded.stored), coded.coding) - array, axis=1)
        if np.sqrt(np.mean((shift / np.maximum(size, 1e-12)) ** 2)) <= _SHIFT:
            break
    return coded


def _harmonics(sh: Array) -> Coded:
    """The constant one, which is most of the picture, in twice as many steps as the others."""
    constant = (np.arange(sh.shape[1]) == 0)[:, None] & np.ones(3, np.bool_)
    grid = Grid(origin=np.where(constant, BLACK, 0.0), most=np.where(constant, 1023, 511))
    return _range(sh, bits=10, curve="square", grid=grid)


def _basis(basis: Array) -> Coded:
    """One byte a number: shapes of places and colours are small, most of them very small."""
    kept = basis.any(axis=2)
    share = np.count_nonzero(kept) / kept.size
    dtype: Dtype = "F16" if basis.dtype == np.float16 else "F32"
    coding = Coding(
        basis.shape, dtype, "range", 8, "square", rows=1, kept=int(kept.sum()) if share < _FULL_ROWS else None
    )
    return Coded(coding, encode(basis, coding))


def _bases(stages: Iterable[StageSpec]) -> set[str]:
    return {stage.inputs[1] for stage in stages if stage.kind == "blend"}


def _plain(array: Array) -> Coded:
    names: dict[Any, Dtype] = {"float32": "F32", "float16": "F16", "int32": "I32", "uint16": "U16"}
    if array.dtype.name not in names:
        raise AvatarError(f"An avatar cannot be written: it has an array of {array.dtype}, which no part holds.")
    coding = Coding(array.shape, names[array.dtype.name])
    return Coded(coding, encode(array, coding))


def _integer(array: Array, dtype: Dtype) -> Coded:
    coding = Coding(array.shape, dtype, "integer", 16 if array.max() < 1 << 16 else 32)
    return Coded(coding, encode(array, coding))


def _range(array: Array, *, bits: int, curve: Curve = "linear", grid: Grid = Grid()) -> Coded:  # noqa: B008
    coding = Coding(array.shape, "F32", "range", bits, curve)
    return Coded(coding, encode(array, coding, grid))
