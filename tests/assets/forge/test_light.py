"""The light on layers: how bright the open is, that shade is dark, and what stays as it is."""

from dataclasses import replace

import numpy as np
import pytest

from assets.forge.layer import Layer, Surface, albedo_of, falling_importance, positions, stacked, surfels
from assets.forge.light import lit
from assets.forge.sampling import scatter
from assets.forge.source import F64
from assets.forge.studio import Studio

PLAIN = Studio(sky=(1, 1, 1), floor=(1, 1, 1), key=(0, 0, 0), fill=(0, 0, 0), rim=(0, 0, 0))
"""The same light from everywhere: a white surface in the open is exactly 1."""


def sheet(corner: F64, along: F64, across: F64, spacing: float, albedo: float = 1.0) -> Layer:
    """A square of surfels facing along x across."""
    vertices = corner + np.array([0 * along, along, along + across, across])
    surface = Surface(
        vertices,
        np.array([[0, 1, 2], [0, 2, 3]], np.int32),
        np.zeros((4, 4), np.uint16),
        np.tile(np.array([1, 0, 0, 0], np.float32), (4, 1)),
        np.zeros((52, 4, 3), np.float32),
    )
    count = int(np.linalg.norm(along) * np.linalg.norm(across) / spacing**2)
    samples = scatter(vertices, surface.triangles, count, 0)
    n = len(samples)
    colour = np.full((n, 3), albedo)
    return Layer(
        surface,
        surfels(surface, samples.triangle, samples.barycentric, samples.normal, samples.spacing, colour),
        samples.normal.astype(np.float32),
        falling_importance(n),
        np.ones(n, np.float32),
        np.zeros(n, np.float32),
    )


X, Y, Z = np.eye(3)
FLOOR = sheet(np.array([-0.5, 0.0, -0.5]), Z, X, 0.03)


def colour(layers: list[Layer], studio: Studio = PLAIN) -> F64:
    return albedo_of(lit(layers, studio, 0, head_above=1e9, directions=160)[0].gaussians)


def test_white_in_the_open_under_even_light_is_white() -> None:
    middle = np.linalg.norm(positions(FLOOR.surface, FLOOR.gaussians), axis=1) < 0.3
    np.testing.assert_allclose(colour([FLOOR])[middle], 1.0, atol=0.05)


def test_albedo_multiplies() -> None:
    grey = sheet(np.array([-0.5, 0.0, -0.5]), Z, X, 0.03, albedo=0.3)
    np.testing.assert_allclose(colour([grey]), 0.3 * colour([FLOOR]), atol=1e-4)


def test_a_lid_takes_the_light_and_leaves_some_at_its_edge() -> None:
    lid = sheet(np.array([-0.25, 0.05, -0.25]), 0.5 * Z, 0.5 * X, 0.02)
    shaded = colour([FLOOR, lid]).mean(axis=1)
    place = positions(FLOOR.surface, FLOOR.gaussians)
    reach = np.abs(place[:, [0, 2]]).max(axis=1)
    # under the middle only a ring near the horizon is open: 1 - sin^2 of the half angle, atan(0.25 / 0.05)
    assert shaded[reach < 0.03].mean() == pytest.approx(1 - np.sin(np.arctan(5.0)) ** 2, abs=0.1)
    assert 0.3 < shaded[np.abs(reach - 0.25) < 0.02].mean() < 0.8
    assert shaded[reach > 0.42].mean() > 0.85


def test_the_key_light_has_a_side() -> None:
    wall = sheet(np.array([-0.5, -0.5, 0.0]), X, Y, 0.03)  # faces +z
    back = sheet(np.array([-0.5, -0.5, 0.0]), Y, X, 0.03)  # faces -z
    studio = Studio()
    front = colour([wall], studio).mean()
    assert 0.75 < front < 1.25
    assert colour([back], studio).mean() < 0.85 * front


def test_what_is_not_lit_keeps_its_colour() -> None:
    glowing = replace(FLOOR, lit=np.zeros_like(FLOOR.lit))
    np.testing.assert_allclose(colour([glowing], Studio()), 1.0, atol=1e-5)


def test_layers_keep_their_order_and_all_but_colour() -> None:
    lid = sheet(np.array([-0.2, 0.1, -0.2]), 0.4 * Z, 0.4 * X, 0.02)
    after = lit([FLOOR, lid], Studio(), 0, head_above=1e9, directions=40)
    for before, layer in zip([FLOOR, lid], after, strict=True):
        np.testing.assert_array_equal(layer.gaussians.scale, before.gaussians.scale)
        np.testing.assert_array_equal(layer.surface.vertices, before.surface.vertices)
    assert len(stacked([layer.surface for layer in after])[0].vertices) == 8
