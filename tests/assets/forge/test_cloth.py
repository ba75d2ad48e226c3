"""Cutting, draping and hemming on shapes whose answer is known; surface nets on a sphere and a torus."""

import numpy as np
import pytest
from scipy.sparse import identity
from scipy.spatial import ConvexHull

from assets.forge.clothes.cloth import Shell, border_of, clipped, draped, hemmed, hung, subdivided
from assets.forge.isosurface import isosurface
from assets.forge.layer import vertex_normals
from assets.forge.source import F64, I32

RADIUS = 0.1


def sphere(count: int = 600) -> Shell:
    k = np.arange(count) + 0.5
    polar, turn = np.arccos(1 - 2 * k / count), np.pi * (1 + np.sqrt(5)) * k
    points = RADIUS * np.stack([np.cos(turn) * np.sin(polar), np.cos(polar), np.sin(turn) * np.sin(polar)], axis=1)
    faces = ConvexHull(points).simplices.astype(np.int32)
    a, b, c = (points[faces[:, i]] for i in range(3))
    inward = (np.cross(b - a, c - a) * a).sum(axis=1) < 0
    faces[inward] = faces[inward][:, ::-1]
    return Shell(points, faces, identity(count).tocsr())


def directed(triangles: I32) -> I32:
    return np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])


def area(vertices: F64, triangles: I32) -> float:
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def volume(vertices: F64, triangles: I32) -> float:
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    return float((np.cross(a, b) * c).sum() / 6)


def test_a_vertex_is_the_mix_it_says() -> None:
    fine = clipped(subdivided(sphere()), subdivided(sphere()).vertices[:, 1] - 0.03)
    np.testing.assert_allclose(fine.of(sphere().vertices), fine.vertices, atol=1e-12)
    np.testing.assert_allclose(np.asarray(fine.mix.sum(axis=1)).ravel(), 1, atol=1e-12)


def test_subdividing_keeps_the_surface() -> None:
    whole, fine = sphere(), subdivided(sphere())
    assert len(fine.triangles) == 4 * len(whole.triangles)
    np.testing.assert_allclose(area(fine.vertices, fine.triangles), area(whole.vertices, whole.triangles))
    np.testing.assert_allclose(volume(fine.vertices, fine.triangles), volume(whole.vertices, whole.triangles))


def test_a_cut_is_straight_and_its_halves_are_the_whole() -> None:
    whole = sphere()
    field = whole.vertices @ [0.3, 1.0, -0.2] - 0.021
    above, below = clipped(whole, field), clipped(whole, -field)
    np.testing.assert_allclose(
        area(above.vertices, above.triangles) + area(below.vertices, below.triangles),
        area(whole.vertices, whole.triangles),
    )
    border = border_of(above)
    np.testing.assert_allclose(above.vertices[border.vertices] @ [0.3, 1.0, -0.2], 0.021, atol=1e-9)
    assert np.bincount(border.edges.ravel(), minlength=len(above.vertices))[border.vertices].tolist() == (
        [2] * len(border.vertices)
    ), "the border is no closed loop"
    onward = border.onward @ (np.array([0.3, 1.0, -0.2]) / np.linalg.norm([0.3, 1.0, -0.2]))
    assert (onward < 0).all(), "the way on leads away from the cloth, here downwards"


def test_draped_cloth_keeps_its_distance_and_spans_hollows() -> None:
    whole = subdivided(sphere())
    dent = np.exp(-((np.arccos(np.clip(whole.vertices[:, 2] / RADIUS, -1, 1)) / 0.25) ** 2))
    skin = Shell(whole.vertices * (1 - 0.25 * dent)[:, None], whole.triangles, whole.mix)
    cloth = draped(skin, np.full(len(dent), 0.008), 60)
    outward = vertex_normals(skin.vertices, skin.triangles)
    assert ((cloth.vertices - skin.vertices) * outward).sum(axis=1).min() > 0.006
    deepest = int(np.argmax(dent))
    assert np.linalg.norm(cloth.vertices[deepest]) > np.linalg.norm(skin.vertices[deepest]) + 0.012
    flat = dent < 0.01
    assert np.linalg.norm(cloth.vertices[flat], axis=1).max() < RADIUS + 0.014


def test_hung_cloth_falls_from_the_widest_place() -> None:
    whole = subdivided(sphere())
    cloth = hung(whole, whole.vertices * [0, 1, 0], np.ones(len(whole.vertices)), 0.2)
    reach = np.hypot(cloth.vertices[:, 0], cloth.vertices[:, 2])
    height = whole.vertices[:, 1]
    upper, lower = (height > 0) & (height < 0.04), np.abs(height + 0.07) < 0.01
    np.testing.assert_allclose(reach[upper], np.hypot(*whole.vertices[upper][:, [0, 2]].T), atol=0.006)
    np.testing.assert_allclose(reach[lower], RADIUS - 0.2 * 0.07, atol=0.006)


def test_a_hem_is_closed_thick_and_faces_outward() -> None:
    cap = clipped(subdivided(sphere()), subdivided(sphere()).vertices[:, 1] - 0.02)
    cloth = hemmed(cap, border_of(cap), thickness=0.004, turn=0.02)
    edges = directed(cloth.shell.triangles)
    assert len(np.unique(edges, axis=0)) == len(edges), "neighbours do not agree on what is outside"
    lining = cloth.shell.vertices[len(cap.vertices) :]
    assert np.linalg.norm(lining, axis=1).min() < RADIUS - 0.004
    assert lining[:, 1].min() > 0.02 - 0.003 and lining[:, 1].max() > 0.03
    np.testing.assert_allclose(cloth.edge[:, 1], 0.02, atol=1e-3)


@pytest.mark.parametrize("cell", [0.02, 0.01])
def test_surface_nets_find_a_sphere(cell: float) -> None:
    steps = np.arange(-0.3, 0.3 + cell / 2, cell)
    x, y, z = np.meshgrid(steps, steps, steps, indexing="ij")
    vertices, triangles = isosurface(0.2 - np.sqrt(x**2 + y**2 + z**2), np.full(3, -0.3), cell)
    np.testing.assert_allclose(np.linalg.norm(vertices, axis=1), 0.2, atol=0.2 * cell)
    np.testing.assert_allclose(volume(vertices, triangles), 4 / 3 * np.pi * 0.2**3, rtol=4 * cell)
    edges = directed(triangles)
    back = {tuple(edge) for edge in edges[:, ::-1].tolist()}
    assert all(tuple(edge) in back for edge in edges.tolist()), "the mesh is open"


def test_surface_nets_keep_a_hole() -> None:
    steps = np.arange(-0.3, 0.305, 0.01)
    x, y, z = np.meshgrid(steps, steps, steps, indexing="ij")
    vertices, triangles = isosurface(0.05 - np.hypot(np.hypot(x, y) - 0.18, z), np.full(3, -0.3), 0.01)
    edges = len(np.unique(np.sort(directed(triangles), axis=1), axis=0))
    assert len(vertices) - edges + len(triangles) == 0, "a torus has Euler characteristic 0"
