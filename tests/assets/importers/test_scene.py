"""What becomes of a cloud: turned upright, put on the floor, in an order whose prefixes are the whole, thinner."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from assets.avatar import rest_places
from assets.container import load, save
from assets.harmonics import harmonics
from assets.importers.axes import turned
from assets.importers.cloud import Cloud
from assets.importers.order import importance_order
from assets.importers.place import box_of_most
from assets.importers.scene import read_scene
from assets.importers.up import Up
from assets.morton import morton_codes
from tests.assets.importers import writers
from tests.assets.importers.writers import made_up


def cloud(count: int = 50) -> Cloud:
    scene = made_up(count)
    arrays = (scene.positions, scene.scales, scene.rotations, scene.opacities, scene.sh)
    return Cloud(*(array.astype(np.float32) for array in arrays))


@pytest.mark.parametrize("terms", [1, 4, 9, 16])
def test_light_turns_with_the_scene(terms: int) -> None:
    before = cloud()
    before = Cloud(before.positions, before.scales, before.rotations, before.opacities, before.sh[:, :terms])
    turn = Rotation.from_euler("xyz", (0.4, -1.1, 2.3)).as_matrix()
    after = turned(before, turn)
    directions = np.random.default_rng(0).normal(size=(100, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    seen = np.einsum("dk,nkc->dnc", harmonics(directions)[:, :terms], before.sh)
    seen_turned = np.einsum("dk,nkc->dnc", harmonics(directions @ turn.T)[:, :terms], after.sh)
    np.testing.assert_allclose(seen_turned, seen, atol=1e-5)
    np.testing.assert_allclose(after.positions, before.positions @ turn.T, atol=1e-5)
    was, now = (Rotation.from_quat(c.rotations[:, [1, 2, 3, 0]]).as_matrix() for c in (before, after))
    np.testing.assert_allclose(now, turn @ was, atol=1e-5)


def test_every_prefix_is_everywhere_and_what_matters_comes_early() -> None:
    rng = np.random.default_rng(0)
    count = 8000
    even = Cloud(
        rng.uniform(-1, 1, (count, 3)).astype(np.float32),
        np.full((count, 3), 0.01, np.float32),
        np.tile(np.float32((1, 0, 0, 0)), (count, 1)),
        np.where(np.arange(count) % 2, 0.9, 0.01).astype(np.float32),
        np.zeros((count, 1, 3), np.float32),
    )
    order = importance_order(even)
    assert np.array_equal(np.sort(order), np.arange(count))
    for prefix in (500, 1000, 2000, 4000):
        octants = np.bincount((even.positions[order[:prefix]] > 0) @ (1, 2, 4), minlength=8)
        assert octants.min() > 0.8 * prefix / 8, prefix
        faint = (even.opacities[order[:prefix]] < 0.5).mean()
        assert 0.15 < faint < 0.35, "the fourth root of 90 is three to one"


def test_the_curve_keeps_neighbours_together() -> None:
    points = np.random.default_rng(0).uniform(0, 1, (4096, 3)) * (1, 1, 1) + 1e4
    order = np.argsort(morton_codes(points))
    steps = np.linalg.norm(np.diff(points[order], axis=0), axis=1)
    assert np.median(steps) < 0.12 and steps.mean() < 0.15
    assert (morton_codes(np.zeros((3, 3))) == 0).all()


def test_the_box_leaves_out_what_flies_far_and_keeps_what_is_long() -> None:
    rng = np.random.default_rng(0)
    body, neck = rng.normal(size=(900, 3)) * 0.2, rng.uniform(0, 1, (200, 1)) * (0, 1.5, 0)
    stray = rng.normal(size=(20, 3)) * 40
    low, high = box_of_most(np.concatenate([body, neck, stray]))
    assert high[1] > 1.4 and np.all(high - low < 3)
    low, high = box_of_most(np.ones((5, 3)))
    assert (low == 1).all() and (high == 1).all()


def test_a_scene_stands_on_the_floor_and_is_an_avatar_like_others(tmp_path: Path) -> None:
    path = tmp_path / "garden.ply"
    path.write_bytes(writers.ply(made_up(12_000)))
    avatar = read_scene(path)
    places = rest_places(avatar.mesh, avatar.gaussians)
    np.testing.assert_allclose(places, avatar.gaussians.offset, atol=1e-6)
    low, high = box_of_most(places)
    np.testing.assert_allclose([low[1], low[0] + high[0], low[2] + high[2]], 0, atol=1e-5)
    assert (avatar.name, avatar.levels, avatar.blending) == ("garden", (6_000,), "display")
    assert avatar.provenance["up"] == "-y" and read_scene(path, Up.z).provenance["up"] == "z"
    save(avatar, tmp_path / "garden.avatar", precision="full")
    again = load(tmp_path / "garden.avatar")
    assert again.blending == "display"
    np.testing.assert_array_equal(again.gaussians.sh, avatar.gaussians.sh)


def test_the_same_file_makes_the_same_avatar(tmp_path: Path) -> None:
    path = tmp_path / "scene.spz"
    path.write_bytes(writers.spz(made_up(300)))
    for file in ("a", "b"):
        save(read_scene(path), tmp_path / file)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
