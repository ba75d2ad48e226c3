"""Lights all layers together: a soft studio dome with a key light, its shadows found by looking from every direction.

For each of some hundred directions the occluders are drawn as points into an orthographic depth map; a Gaussian that
lies behind what the map shows gets nothing from there. The sum is irradiance with ambient occlusion and soft shadows in
one (as depth-map ambient occlusion: Pharr and Green, GPU Gems 2004, ch. 17). Rest pose only; the light is baked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from assets.arkit import INDEX
from assets.forge.hair.fibre_light import fibre_shine
from assets.forge.layer import Layer, albedo_of, albedo_sh, frames, positions
from assets.forge.sampling import uniform_points
from assets.forge.shine import around, fuzz, never_dark, shine
from assets.forge.source import F32, F64
from assets.forge.studio import Studio

_CELL: Final = 0.005
"""Cell of the depth maps, metres. What lies less than a cell behind the occluder in front is the occluder itself."""
_FINE_CELL: Final = 0.0015
"""Cell of the second set of maps, for the head alone."""
_LIFT: Final = 1.5
"""Cells by which a point is lifted along its normal, so that its own surface does not shade it."""
_FACES: Final[tuple[dict[str, float], ...]] = (
    {},
    {"jawOpen": 0.45, "mouthUpperUpLeft": 0.4, "mouthUpperUpRight": 0.4, "eyeBlinkLeft": 0.8, "eyeBlinkRight": 0.8},
)
_MOST_POINTS: Final = 400_000
TERMS: Final = 9
"""Spherical harmonics of a forged person's light; docs/avatars.md has what fewer and more would give."""


def lit(
    layers: Sequence[Layer], studio: Studio, seed: int, *, head_above: float, directions: int = 80, terms: int = TERMS
) -> list[Layer]:
    """The layers with their albedo turned into harmonics of outgoing light; `head_above`: metres, where finer shadows
    begin. `terms` is how many harmonics, 1 where nothing shines.

    The light is the mean of that on a resting face and on one with lids and lips half open, since a shadow baked into a
    lid or a lip would move along with it.
    """
    sphere = around(directions)
    radiance = studio.radiance(sphere)
    place, normals = _standing(layers)
    coarse = np.concatenate([place, _occluders(layers, _CELL, seed)])
    seen = visibility(coarse, place + _LIFT * _CELL * normals, sphere, _CELL)
    head = place[:, 1] > head_above
    light = np.zeros_like(place)
    arriving = np.zeros_like(seen)
    wraps = np.concatenate([np.tile(layer.scatter, (len(layer.gaussians), 1)) for layer in layers])
    for face in _FACES:
        posed = [_moved(layer, face) for layer in layers]
        place_now, normals_now = _standing(posed)
        fine = np.concatenate([place_now[head], _occluders(posed, _FINE_CELL, seed, head_above - 0.05)])
        lifted = place_now[head] + _LIFT * _FINE_CELL * normals_now[head]
        seen_now = seen.copy()
        seen_now[:, head] = np.minimum(seen[:, head], visibility(fine, lifted, sphere, _FINE_CELL))
        light += _irradiance(normals_now, wraps, seen_now, sphere, radiance) / len(_FACES)
        arriving += seen_now / np.float32(len(_FACES))
    light = _smoothed(place, normals, light[:, None])[:, 0]
    if not any(layer.gloss.any() or layer.fuzz for layer in layers):
        terms = 1
    mirrored = np.zeros((len(place), terms, 3), np.float32)
    if terms > 1:
        glossy = np.concatenate([layer.gloss > 0 if layer.tangents is None else layer.gloss < 0 for layer in layers])
        mirrored[glossy] = shine(normals[glossy], arriving[:, glossy], sphere, radiance, terms)
        mirrored[glossy] = _smoothed(place[glossy], normals[glossy], mirrored[glossy])
    first, found = 0, []
    for layer in layers:
        rows = slice(first, first + len(layer.gaussians))
        first = rows.stop
        if layer.tangents is not None and terms > 1:
            albedo = albedo_of(layer.gaussians)
            mirrored[rows] = fibre_shine(
                layer.tangents, normals[rows], arriving[:, rows], sphere, radiance, albedo, terms
            )
        found.append(_coloured(layer, light[rows], mirrored[rows]))
    return found


def _coloured(layer: Layer, light: F64, mirrored: F32) -> Layer:
    albedo, share = albedo_of(layer.gaussians), layer.lit[:, None].astype(np.float64)
    sh = layer.gloss[:, None, None].astype(np.float64) * mirrored
    if layer.fuzz and len(sh[0]) > 1:
        profile = fuzz(layer.normals.astype(np.float64), len(sh[0]))
        sh += (layer.fuzz * light * np.sqrt(np.maximum(albedo, 0)))[:, None] * profile[..., None]
    sh *= share[:, None]
    sh[:, :1] += albedo_sh(share * albedo * light + (1 - share) * albedo)
    return replace(layer, gaussians=replace(layer.gaussians, sh=never_dark(sh).astype(np.float32)))


def _irradiance(normals: F64, wraps: F64, seen: F32, sphere: F64, radiance: F64) -> F64:
    """(N, 3) light that arrives, over pi; `wraps` (N, 3) is how far each colour reaches past the shadow's edge."""
    cosine = (normals @ sphere.T).astype(np.float32)
    light = np.empty_like(normals)
    for channel in range(3):
        wrap = wraps[:, channel : channel + 1].astype(np.float32)
        lobe = np.maximum(cosine + wrap, 0) / (1 + wrap) ** 2
        light[:, channel] = np.einsum("nd,dn,d->n", lobe, seen, radiance[:, channel].astype(np.float32))
    return light * (4 / len(sphere))


def _standing(layers: Sequence[Layer]) -> tuple[F64, F64]:
    """Centres and shading normals of all Gaussians, (N, 3) each."""
    place = np.concatenate([positions(layer.surface, layer.gaussians) for layer in layers])
    return place, np.concatenate([layer.normals for layer in layers]).astype(np.float64)


def _moved(layer: Layer, face: Mapping[str, float]) -> Layer:
    """The layer with ARKit shapes at these weights, its shading normals turned with their triangles."""
    if not face:
        return layer
    shift = sum(weight * layer.surface.shapes[INDEX[name]].astype(np.float64) for name, weight in face.items())
    surface = replace(layer.surface, vertices=layer.surface.vertices + shift)
    before, _ = frames(layer.surface.vertices, layer.surface.triangles)
    after, _ = frames(surface.vertices, surface.triangles)
    turn = np.einsum("fij,fkj->fik", after, before)[layer.gaussians.triangle]
    return replace(layer, surface=surface, normals=np.einsum("nij,nj->ni", turn, layer.normals).astype(np.float32))


def _occluders(layers: Sequence[Layer], cell: float, seed: int, above: float = -np.inf) -> F64:
    """Points on all triangles that have Gaussians on them and reach higher than `above`."""
    found = []
    for layer in layers:
        vertices, triangles = layer.surface.vertices, layer.surface.triangles
        used = triangles[np.unique(layer.gaussians.triangle)]
        used = used[vertices[used, 1].max(axis=1) > above]
        found.append(uniform_points(vertices, used, cell, seed))
    points = np.concatenate(found)
    return points[np.random.default_rng(seed).permutation(len(points))[:_MOST_POINTS]]


def visibility(occluders: F64, points: F64, sphere: F64, cell: float) -> F32:
    """(D, N) how much of the light from each direction reaches each point, 0 to 1."""
    if not len(points):
        return np.empty((len(sphere), 0), np.float32)
    origin = points.mean(axis=0)
    casting, receiving = (occluders - origin).T.astype(np.float32), (points - origin).T.astype(np.float32)
    low = np.float32(np.linalg.norm(casting, axis=0).max() + 2 * cell)
    side_cells = int(np.ceil(2 * low / cell)) + 2
    seen = np.empty((len(sphere), len(points)), np.float32)
    depth = np.empty(side_cells * side_cells, np.float32)
    for k, direction in enumerate(sphere):
        across = np.cross(direction, [0.0, 1.0, 0.0] if abs(direction[1]) < 0.9 else [1.0, 0.0, 0.0])
        across /= np.linalg.norm(across)
        axes = np.stack([across, np.cross(direction, across), -direction]).astype(np.float32)
        x, y, far = axes @ casting
        depth.fill(np.inf)
        cells = ((x + low) / cell).astype(np.int32) * side_cells + ((y + low) / cell).astype(np.int32)
        np.minimum.at(depth, cells, far)
        x, y, near = axes @ receiving
        x, y = (x + low) / cell - 0.5, (y + low) / cell - 0.5
        column, row = x.astype(np.int32), y.astype(np.int32)
        x, y = x - column, y - row
        corner = column * side_cells + row
        total = np.zeros(len(points), np.float32)
        for i, share_x in enumerate((1 - x, x)):
            for j, share_y in enumerate((1 - y, y)):
                behind = near - depth[corner + (i * side_cells + j)]
                total += share_x * share_y * np.clip(2 - behind / cell, 0, 1)
        seen[k] = total
    return seen


def _smoothed(place: F64, normals: F64, values: NDArray[Any]) -> F64:
    """Mean of values (N, K, 3) over the nearest Gaussians that face the same way: takes out the steps between a few
    directions."""
    near = min(12, len(place))
    _, other = cKDTree(place, balanced_tree=False).query(place, k=near)
    other = other.reshape(len(place), near)
    weight: NDArray[np.float64] = np.maximum(np.einsum("nc,nkc->nk", normals, normals[other]), 0.0) + 1e-9
    weight /= weight.sum(axis=1, keepdims=True)
    total = np.zeros(values.shape)
    for k in range(near):
        total += weight[:, k, None, None] * values[other[:, k]]
    return total
