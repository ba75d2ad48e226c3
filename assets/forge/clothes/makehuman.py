"""Clothes and hair from MakeHuman's asset packs, fitted to a body through their vertex binding.

Every vertex of a piece hangs on three vertices of the base mesh, by weights and an offset that grows with the body
(MakeHuman, "MHCLO file format"): position = sum w_k v_k + s * offset, where s of each axis is the distance between two
named vertices of this body over what it was where the piece was made. Body keeps base.obj's own vertex numbers, so the
same three vertices also say how the piece moves. Shear references are not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates
from scipy.sparse import csr_matrix

from assets.errors import ForgeError
from assets.forge.anatomy.body import Body
from assets.forge.clothes.cloth import Shell
from assets.forge.clothes.mhfiles import Binding, Material, Mesh, read_binding, read_material, read_mesh, read_texture
from assets.forge.layer import Layer, falling_importance, surfels
from assets.forge.palette import linear
from assets.forge.sampling import scatter
from assets.forge.source import F32, F64

Mask = NDArray[np.bool_]

_SOLE_REACH: Final = 0.12
"""Height up to which a piece gives way that would reach into the floor."""
_CLEAR: Final = 0.1
"""Less opaque than this a point of the texture is a hole."""


@dataclass(frozen=True)
class Clothing:
    """A piece as its files say; `triangles` (F, 3) and `uv` (F, 3, 2) are those of `mesh`."""

    binding: Binding
    mesh: Mesh
    material: Material

    @property
    def name(self) -> str:
        return self.binding.name


def read_mhclo(path: Path) -> Clothing:
    """The piece with its mesh and material; raises ForgeError where a file is missing, too large, or damaged."""
    binding = read_binding(path)
    mesh = read_mesh(binding.mesh)
    if len(mesh.vertices) != len(binding.corners):
        raise ForgeError(
            f"{path} binds {len(binding.corners)} vertices, but {binding.mesh.name} has {len(mesh.vertices)}; "
            "they do not belong together."
        )
    return Clothing(binding, mesh, read_material(binding.material))


def fitted(clothing: Clothing, body: Body) -> F64:
    """(V, 3) the piece's vertices on this body in the rest pose, metres; raises ForgeError where it does not fit."""
    binding, count = clothing.binding, len(body.vertices)
    named = [vertex for first, second, _ in binding.scales.values() for vertex in (first, second)]
    used = np.concatenate([binding.corners.ravel(), np.array(named, np.int32)])
    if used.min() < 0 or used.max() >= count:
        raise ForgeError(f"The piece {clothing.name!r} hangs on vertices that MakeHuman's hm08 mesh does not have.")
    return fitted_to(binding, body.vertices)


def fitted_to(binding: Binding, vertices: F64) -> F64:
    """(V, 3) the piece on a base mesh with these vertices (19158, 3), in their unit."""
    scale = np.ones(3)
    for axis, (first, second, made) in binding.scales.items():
        scale[axis] = abs(vertices[first, axis] - vertices[second, axis]) / max(abs(made), 1e-6)
    anchor = np.einsum("vk,vkc->vc", binding.weights, vertices[binding.corners])
    return np.asarray(anchor + scale * binding.offsets)


def hidden(clothing: Clothing, body: Body) -> Mask:
    """(F,) which triangles of the part `body` the piece asks to leave out."""
    gone = np.zeros(len(body.vertices), bool)
    gone[clothing.binding.deleted[clothing.binding.deleted < len(gone)]] = True
    return np.asarray(gone[body.triangles["body"]].all(axis=1))


def shell(clothing: Clothing, body: Body) -> Shell:
    """The fitted piece as cloth that moves as the base vertices do that it hangs on."""
    binding, place = clothing.binding, fitted(clothing, body)
    rows = np.repeat(np.arange(len(binding.corners)), 3)
    # a vertex outside its triangle has negative weights, but no joint may pull it the wrong way
    share = np.maximum(binding.weights, 0.0) + 1e-9
    share /= share.sum(axis=1, keepdims=True)
    mix = csr_matrix((share.ravel(), (rows, binding.corners.ravel())), (len(binding.corners), len(body.vertices)))
    return Shell(place, clothing.mesh.triangles, mix)


def wear(path: Path, body: Body, *, seed: int = 0, count: int = 20_000, colour: F64 | None = None) -> Layer:
    """The piece as about `count` surfels, in its texture's colours where the texture is there.

    Else in its material's colour, in `colour` (3,) linear where that is plain white, or in one that the seed draws.
    Pieces that would reach into the floor (soles) are pressed up to it. Raises ForgeError.
    """
    clothing = read_mhclo(path)
    surface = _grounded(shell(clothing, body)).surface(body)
    samples = scatter(surface.vertices, surface.triangles, count, seed)
    material = clothing.material
    albedo = np.tile(_plain(material, colour, seed), (len(samples), 1))
    opacity = np.full(len(samples), material.opacity)
    if material.texture is not None:
        texels = _sampled(read_texture(material.texture), samples.corner_values(clothing.mesh.uv))
        albedo, opacity = _linear(texels[:, :3]), opacity * texels[:, 3]
    seen = opacity > _CLEAR
    samples = samples.keep(seen)
    return Layer(
        surface=surface,
        gaussians=surfels(
            surface,
            samples.triangle,
            samples.barycentric,
            samples.normal,
            samples.spacing,
            np.clip(albedo[seen], 0.0, 0.9),
            overlap=0.72,
            opacity=opacity[seen],
        ),
        normals=samples.normal.astype(np.float32),
        importance=falling_importance(len(samples)),
        lit=np.ones(len(samples), np.float32),
        gloss=np.full(len(samples), 0.008, np.float32),
        scatter=(0.1, 0.1, 0.1),
    )


def _grounded(cloth: Shell) -> Shell:
    low = float(cloth.vertices[:, 1].min())
    if low >= 0:
        return cloth
    place = cloth.vertices.copy()
    below = place[:, 1] < _SOLE_REACH
    place[below, 1] = (place[below, 1] - low) * _SOLE_REACH / (_SOLE_REACH - low)
    return Shell(place, cloth.triangles, cloth.mix)


def _plain(material: Material, colour: F64 | None, seed: int) -> F64:
    if min(material.colour) < 0.99:
        return np.asarray(_linear(np.array(material.colour)))
    if colour is not None:
        return colour
    choice = (linear(64, 78, 96), linear(128, 62, 58), linear(150, 140, 122), linear(60, 66, 62), linear(88, 74, 92))
    return choice[np.random.default_rng([seed, 52]).integers(len(choice))]


def _sampled(picture: F32, uv: F64) -> F64:
    """(N, 4) bilinear; coordinates outside 0 to 1 repeat the picture."""
    height, width = picture.shape[:2]
    row, column = (1 - uv[:, 1]) * height - 0.5, uv[:, 0] * width - 0.5
    where = np.stack([np.mod(row, height), np.mod(column, width)])
    return np.stack([map_coordinates(picture[..., k], where, order=1, mode="grid-wrap") for k in range(4)], axis=1)


def _linear(srgb: F64) -> F64:
    return np.asarray(np.where(srgb <= 0.04045, srgb / 12.92, ((np.maximum(srgb, 0.04045) + 0.055) / 1.055) ** 2.4))
