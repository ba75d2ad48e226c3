"""Samples on a mesh: even in every prefix, without gaps, the same again for the same seed."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from assets.forge.anatomy.body import I32
from assets.forge.sampling import scatter, uniform_points
from assets.forge.source import F64


def sphere(rings: int = 24) -> tuple[F64, I32]:
    """A unit sphere of triangles."""
    polar, around = np.meshgrid(np.linspace(0, np.pi, rings + 1), np.arange(2 * rings) * np.pi / rings, indexing="ij")
    vertices = np.stack([np.sin(polar) * np.cos(around), np.cos(polar), -np.sin(polar) * np.sin(around)], axis=2)
    number = np.arange(vertices.shape[0] * vertices.shape[1]).reshape(vertices.shape[:2])
    a, b = number[:-1], np.roll(number[:-1], -1, axis=1)
    c, d = number[1:], np.roll(number[1:], -1, axis=1)
    triangles = np.concatenate([np.stack([a, c, d], 2).reshape(-1, 3), np.stack([a, d, b], 2).reshape(-1, 3)])
    flat = vertices.reshape(-1, 3)
    corners = flat[triangles]
    size = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    return flat, triangles[size > 1e-9].astype(np.int32)


VERTICES, TRIANGLES = sphere()
POINTS = uniform_points(VERTICES, TRIANGLES, 0.03, 1)


@pytest.mark.parametrize("prefix", [250, 1000, 4000])
def test_every_prefix_is_blue_noise(prefix: int) -> None:
    samples = scatter(VERTICES, TRIANGLES, 4000, 0)
    assert 0.97 * 4000 <= len(samples) <= 4000
    place = samples.position[:prefix]
    square = np.sqrt(4 * np.pi / len(place))
    nearest = cKDTree(place).query(place, k=2)[0][:, 1]
    assert np.percentile(nearest, 1) > 0.45 * square  # white noise: 0.06
    assert cKDTree(place).query(POINTS)[0].max() < 1.35 * square  # white noise: over 2


def test_samples_lie_on_their_triangles() -> None:
    samples = scatter(VERTICES, TRIANGLES, 500, 0)
    np.testing.assert_allclose(samples.barycentric.sum(axis=1), 1, atol=1e-12)
    assert samples.barycentric.min() >= 0
    corners = VERTICES[TRIANGLES[samples.triangle]]
    np.testing.assert_allclose(samples.position, np.einsum("nk,nkc->nc", samples.barycentric, corners), atol=1e-12)
    assert np.einsum("nc,nc->n", samples.normal, samples.position).min() > 0.95


def test_detail_draws_samples_together_or_away() -> None:
    north = VERTICES[TRIANGLES].mean(axis=1)[:, 1] > 0
    samples = scatter(VERTICES, TRIANGLES, 3000, 0, detail=np.where(north, 3.0, 1.0))
    counted = (samples.position[:, 1] > 0).mean()
    assert counted == pytest.approx(0.9, abs=0.02)  # 3 squared to 1
    upper = samples.spacing[samples.position[:, 1] > 0.2].mean()
    assert samples.spacing[samples.position[:, 1] < -0.2].mean() / upper == pytest.approx(3, rel=0.1)
    bare = scatter(VERTICES, TRIANGLES, 500, 0, detail=north.astype(float))
    assert north[bare.triangle].all()


def test_the_seed_decides() -> None:
    one, same, other = (scatter(VERTICES, TRIANGLES, 300, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.position, same.position)
    assert not np.array_equal(one.position[:100], other.position[:100])


def test_both_sides_of_a_thin_sheet_are_covered() -> None:
    square = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], float)
    vertices = np.concatenate([square, square - [0, 0, 0.001]])
    triangles = np.array([[0, 1, 2], [0, 2, 3], [4, 6, 5], [4, 7, 6]], np.int32)
    samples = scatter(vertices, triangles, 400, 0)
    assert np.isclose((samples.position[:, 2] == 0).mean(), 0.5, atol=0.06)
