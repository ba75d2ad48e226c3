"""What is foretold of a frame, against windows and pictures that were really drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assets.avatar import Avatar
from render.load import LLVMPIPE, Load, Quality, amounts, load_of, loss
from render.measure.losses import losses
from render.motion.pose import rest_key
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from render.view import View, look_at_view


def eyes(distance: float, side: int = 200) -> list[View]:
    return [look_at_view((x, 1.5, distance), (x, 1.3, 0.0), 70, side, side) for x in (-0.03, 0.03)]


@pytest.fixture
def renderer(gl: Offscreen, person: Avatar) -> AvatarRenderer:
    renderer = AvatarRenderer(gl.ctx, replace(person, levels=(1000,)))
    key = rest_key(person)
    renderer.set_keys(key, key)
    return renderer


def draw(gl: Offscreen, renderer: AvatarRenderer, views: list[View], model: np.ndarray) -> None:
    targets = [gl.target(view.width, view.height) for view in views]
    renderer.draw(views, targets, head=views[0].pose, model=model, alpha=0.0, background=None)


def test_tiles_are_those_of_the_windows_that_are_drawn(gl: Offscreen, renderer: AvatarRenderer) -> None:
    assert renderer.load(eyes(3.0)) == Load(0.0, 0.0)
    model = np.diag([0.5, 0.5, 0.5, 1.0])
    for distance in (1.0, 3.0):
        views = eyes(distance)
        draw(gl, renderer, views, model)
        assert renderer.load(views).tiles == sum(window.tiles for window in renderer.windows)


def test_the_size_of_a_splat_goes_with_the_avatars_and_against_the_distance(
    gl: Offscreen, renderer: AvatarRenderer
) -> None:
    draw(gl, renderer, eyes(4.0), np.eye(4))
    far, near = renderer.load(eyes(8.0)).radius, renderer.load(eyes(4.0)).radius
    assert near == pytest.approx(2 * far, rel=0.05)
    assert renderer.load(eyes(4.0, 400)).radius == pytest.approx(2 * near)
    draw(gl, renderer, eyes(4.0), np.diag([0.5, 0.5, 0.5, 1.0]))
    assert renderer.load(eyes(4.0)).radius == pytest.approx(near / 2, rel=0.15)


def test_only_parts_in_sight_count() -> None:
    corners = np.array(list(np.ndindex(2, 2, 2))) * 0.1
    parts = np.stack([corners + np.array((0, 1.5, z)) for z in (0.0, 3.4, -20.0)])
    view = look_at_view((0, 1.5, 4.0), (0, 1.5, 0), 60, 100, 100)
    ahead = load_of([view], parts[[0]], 0.0, 0.01, 0.05).radius
    assert load_of([view], parts[[0, 1]], 0.0, 0.01, 0.05).radius > 3 * ahead
    behind = look_at_view((0, 1.5, 4.0), (0, 1.5, 8), 60, 100, 100)
    assert load_of([behind], parts, 0.0, 0.01, 0.05).tiles == 0


def test_amounts_of_a_quality() -> None:
    counted = amounts(Load(tiles=400.0, radius=0.25), 1000, np.array([1000.0, 250.0]), np.array([1.0, 0.5]))
    # Four times fewer are twice as wide, half the scale makes them as wide as before: half a tile, so 1.5 x 1.5 tiles.
    assert counted.tolist() == [[1, 1000, 400, 2250], [1, 250, 100, 562.5]]
    cost = LLVMPIPE.of(Load(400.0, 0.25), 1000, np.array([1000.0]), np.array([1.0]))
    each = (LLVMPIPE.frame, LLVMPIPE.gaussian, LLVMPIPE.tile, LLVMPIPE.pair)
    assert cost[0] == pytest.approx(np.dot(counted[0], each))


def test_losses_are_ordered_as_in_pictures(person: Avatar) -> None:
    avatar = replace(person, levels=(800, 1500))
    rows = list(losses(avatar, 160, distances=(0.6, 2.0), scales=(1.0, 0.5)))
    assert len(rows) == 2 * 3 * 2
    for distance in (0.6, 2.0):
        psnr = {row.quality: row.psnr for row in rows if row.distance == distance}
        print(distance, psnr)
        assert psnr[Quality(3000, 1.0)] == np.inf
        assert np.inf > psnr[Quality(1500, 1.0)] > psnr[Quality(800, 1.0)] > 10
        assert np.inf > psnr[Quality(3000, 0.5)] > 10
        for row in (row for row in rows if row.distance == distance):
            quality = np.array([float(row.quality.gaussians)]), np.array([row.quality.scale])
            foretold = loss(row.load, 3000, *quality)[0]
            assert (foretold == 0) == (row.psnr == np.inf)
    # Fewer pixels cost more of the picture the smaller everything is.
    near, far = (row for row in rows if row.quality == Quality(3000, 0.5))
    assert near.psnr > far.psnr
    laws = [loss(row.load, 3000, np.array([3000.0]), np.array([0.5]))[0] for row in (near, far)]
    assert laws[0] < laws[1]
