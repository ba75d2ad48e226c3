"""Binding Gaussians to triangles: what goes in comes out, and what moves the mesh moves them."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from assets.forge.layer import (
    Surface,
    albedo_of,
    bind,
    frames,
    positions,
    stacked,
    surface_of,
    surfels,
    vertex_normals,
)
from assets.forge.source import F64
from tests.assets.forge.forged import body

COUNT = 200
RNG = np.random.default_rng(5)
FACE = surface_of(body(), body().triangles["body"])
TRIANGLE = RNG.integers(0, len(FACE.triangles), COUNT).astype(np.int32)
BARYCENTRIC = RNG.dirichlet((1, 1, 1), COUNT)
ANCHOR = np.einsum("nk,nkc->nc", BARYCENTRIC, FACE.vertices[FACE.triangles[TRIANGLE]])
ROTATION = Rotation.random(COUNT, rng=RNG).as_matrix()
DEVIATIONS = RNG.uniform(0.0005, 0.004, (COUNT, 3))
ALBEDO = RNG.uniform(0, 1, (COUNT, 3))


def covariances(surface: Surface, gaussians) -> F64:
    """World covariances after the formulas of assets.avatar, in float64."""
    basis, edge = frames(surface.vertices, surface.triangles)
    w, x, y, z = gaussians.rotation.astype(np.float64).T
    turn = Rotation.from_quat(np.stack([x, y, z, w], axis=1)).as_matrix()
    half = basis[gaussians.triangle] @ turn * (edge[gaussians.triangle, None] * gaussians.scale)[:, None]
    return half @ half.transpose(0, 2, 1)


def test_bound_gaussians_stand_where_they_were_put() -> None:
    place = ANCHOR + RNG.normal(0, 0.003, (COUNT, 3))
    gaussians = bind(FACE, TRIANGLE, BARYCENTRIC, ROTATION, DEVIATIONS, ALBEDO, position=place)
    np.testing.assert_allclose(positions(FACE, gaussians), place, atol=1e-6)
    half = ROTATION * DEVIATIONS[:, None]
    np.testing.assert_allclose(covariances(FACE, gaussians), half @ half.transpose(0, 2, 1), atol=1e-10, rtol=1e-4)
    np.testing.assert_allclose(albedo_of(gaussians), ALBEDO, atol=1e-6)


def test_a_rigid_motion_of_the_mesh_is_one_of_the_gaussians() -> None:
    gaussians = bind(FACE, TRIANGLE, BARYCENTRIC, ROTATION, DEVIATIONS, ALBEDO, position=ANCHOR + 0.002)
    turn, shift = Rotation.from_euler("xyz", [0.4, -1.1, 2.0]).as_matrix(), np.array([0.3, -1.0, 2.0])
    moved = replace(FACE, vertices=FACE.vertices @ turn.T + shift)
    np.testing.assert_allclose(positions(moved, gaussians), positions(FACE, gaussians) @ turn.T + shift, atol=1e-9)
    np.testing.assert_allclose(covariances(moved, gaussians), turn @ covariances(FACE, gaussians) @ turn.T, atol=1e-12)


def test_growing_the_mesh_grows_the_gaussians() -> None:
    gaussians = bind(FACE, TRIANGLE, BARYCENTRIC, ROTATION, DEVIATIONS, ALBEDO, position=ANCHOR + 0.002)
    twice = replace(FACE, vertices=2 * FACE.vertices)
    np.testing.assert_allclose(positions(twice, gaussians), 2 * positions(FACE, gaussians), atol=1e-9)
    np.testing.assert_allclose(covariances(twice, gaussians), 4 * covariances(FACE, gaussians), rtol=1e-9)


def test_surfels_are_thin_along_the_normal() -> None:
    normals = vertex_normals(FACE.vertices, FACE.triangles)[FACE.triangles[TRIANGLE, 0]]
    flat = surfels(FACE, TRIANGLE, BARYCENTRIC, normals, np.full(COUNT, 0.002), ALBEDO, overlap=0.7, thickness=0.1)
    along = np.einsum("ni,nij,nj->n", normals, covariances(FACE, flat), normals)
    np.testing.assert_allclose(np.sqrt(along), 0.1 * 0.7 * 0.002, rtol=1e-3)
    whole = np.trace(covariances(FACE, flat), axis1=1, axis2=2)
    np.testing.assert_allclose(np.sqrt((whole - along) / 2), 0.7 * 0.002, rtol=1e-3)


def test_normals_point_out_of_the_body() -> None:
    normals = vertex_normals(FACE.vertices, FACE.triangles)
    assert normals[np.argmax(FACE.vertices[:, 1])] @ [0, 1, 0] == pytest.approx(1, abs=0.05)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-9)


def test_stacked_surfaces_keep_their_triangles() -> None:
    tongue = surface_of(body(), body().triangles["tongue"])
    whole, first = stacked([FACE, tongue])
    assert first == [0, len(FACE.triangles)]
    np.testing.assert_array_equal(whole.vertices[whole.triangles[first[1] :]], tongue.vertices[tongue.triangles])
    assert whole.shapes.shape == (52, len(whole.vertices), 3)
