"""Captured scenes from file to picture, against an oracle that never saw the reader.

It takes the Gaussians as they were before they were written, in the axes of their file, and turns the eye instead.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from assets.importers.scene import read_scene
from assets.importers.up import Up
from render.offscreen import Offscreen, look_at_view, render_image
from render.renderer import AvatarRenderer
from render.view import View
from tests.assets.importers import writers
from tests.assets.importers.test_formats import FORMATS, written
from tests.assets.importers.writers import Scene, made_up
from tests.render import oracle

F64 = NDArray[np.float64]

BACKGROUND = (0.3, 0.4, 0.5, 1.0)
DOWN_TO_UP = np.diag((1.0, -1.0, -1.0))


def expected(scene: Scene, view: View, turn: F64, move: list[float]) -> NDArray[np.uint8]:
    """(H, W, 4) sRGB of the scene turned by `turn` (3, 3) and moved by `move`, as its training would show it."""
    axes = Rotation.from_quat(scene.rotations[:, [1, 2, 3, 0]]).as_matrix() * scene.scales[:, None, :]
    positions = scene.positions @ turn.T + move
    covariances = turn @ (axes @ axes.transpose(0, 2, 1)) @ turn.T
    away = (positions - view.pose[:3, 3]) @ turn
    distance = np.linalg.norm(away, axis=1)
    basis = oracle._basis(away / distance[:, None])[:, : scene.sh.shape[1]]
    colour = np.clip(0.5 + np.einsum("nk,nkc->nc", basis, scene.sh), 0, 2)
    centres, flat, depth = oracle.project(view, positions, covariances)
    order = np.argsort(distance, kind="stable")
    picture = oracle.composite(view, centres, flat, scene.opacities, colour, order[depth[order] >= 0.05])
    picture = oracle.decoded(picture)
    picture += (1 - picture[..., 3:]) * np.array(BACKGROUND)
    return oracle.to_srgb(picture)[::-1]


def view_from(degrees: float) -> View:
    turn = math.radians(degrees)
    return look_at_view((3.2 * math.sin(turn), 2.2, 3.2 * math.cos(turn)), (0, 1.6, 0), 55, 150, 130)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_drawn_as_it_was_trained(tmp_path: Path, name: str) -> None:
    scene = made_up()
    if name in ("compressed ply, old", "splat"):
        scene = replace(scene, sh=scene.sh.clip(-1.7, 1.7))
    avatar = read_scene(written(tmp_path, name, scene))
    seen = replace(scene, sh=scene.sh[:, :1]) if name == "splat" else scene
    for degrees in (0, 140):
        view = view_from(degrees)
        truth = expected(seen, view, DOWN_TO_UP, avatar.provenance["moved"])
        quality = oracle.psnr(render_image(avatar, view, background=BACKGROUND), truth)
        print(f"{name}: {quality:.1f} dB")
        assert np.ptp(truth[..., :3].astype(int)) > 100
        assert quality >= 40


@pytest.mark.parametrize(
    ("up", "turn"),
    [
        (Up.x, ((0, -1, 0), (1, 0, 0), (0, 0, 1))),
        (Up.y, ((1, 0, 0), (0, 1, 0), (0, 0, 1))),
        (Up.z, ((1, 0, 0), (0, 0, 1), (0, -1, 0))),
        (Up.minus_x, ((0, 1, 0), (-1, 0, 0), (0, 0, 1))),
        (Up.minus_z, ((1, 0, 0), (0, 0, -1), (0, 1, 0))),
    ],
)
def test_any_axis_may_point_up(tmp_path: Path, up: Up, turn: tuple[tuple[int, ...], ...]) -> None:
    """The harmonics turn with the scene: without that, a highlight would stay where it was."""
    path = tmp_path / "scene.ply"
    path.write_bytes(writers.ply(made_up()))
    avatar = read_scene(path, up)
    view = view_from(40)
    truth = expected(made_up(), view, np.array(turn, float), avatar.provenance["moved"])
    assert oracle.psnr(render_image(avatar, view, background=BACKGROUND), truth) >= 45


def test_what_is_brighter_than_white_shows_through_what_is_before_it(tmp_path: Path) -> None:
    scene = made_up()
    bright = replace(scene, sh=scene.sh * 2.5, opacities=scene.opacities * 0.4)
    path = tmp_path / "scene.ply"
    path.write_bytes(writers.ply(bright))
    avatar = read_scene(path)
    truth = expected(bright, view_from(0), DOWN_TO_UP, avatar.provenance["moved"])
    quality = oracle.psnr(render_image(avatar, view_from(0), background=BACKGROUND), truth)
    print(f"{quality:.1f} dB")
    assert quality >= 50


def test_a_far_sky_does_not_cost_what_is_near_its_order(tmp_path: Path) -> None:
    """A ball of close layers before Gaussians a hundred times as far: keys of equal steps give 37 dB here."""
    rng = np.random.default_rng(1)
    scene, sky = made_up(3000), made_up(200, seed=2)
    ball = rng.normal(size=(3000, 3))
    ball *= (0.7 + 0.002 * rng.integers(0, 6, (3000, 1))) / np.linalg.norm(ball, axis=1, keepdims=True)
    far = rng.uniform(-1, 1, (200, 3)) * (300, 100, 100) + (0, 0, 400)
    whole = Scene(
        np.concatenate([ball, far]),
        np.concatenate([scene.scales * 0.35, sky.scales * 200]),
        np.concatenate([scene.rotations, sky.rotations]),
        np.concatenate([scene.opacities, sky.opacities]),
        np.concatenate([scene.sh, sky.sh]),
    )
    path = tmp_path / "scene.ply"
    path.write_bytes(writers.ply(whole))
    avatar = read_scene(path)
    move = avatar.provenance["moved"]
    view = look_at_view(move + np.array((0.3, 0.2, 1.9)), move, 50, 150, 130)
    quality = oracle.psnr(render_image(avatar, view, background=BACKGROUND), expected(whole, view, DOWN_TO_UP, move))
    print(f"{quality:.1f} dB")
    assert quality >= 45


@pytest.mark.parametrize("share", [2, 4, 8])
def test_fewer_of_a_scene_cover_as_much(tmp_path: Path, share: int) -> None:
    scene, sizes = made_up(4000), np.random.default_rng(0).lognormal(0, 1, (4000, 1))
    path = tmp_path / "scene.ply"
    path.write_bytes(writers.ply(replace(scene, scales=scene.scales * sizes)))
    avatar = read_scene(path)
    whole, thinned = (
        render_image(avatar, view_from(0), background=None, gaussians=count)[..., 3].astype(float)
        for count in (4000, 4000 // share)
    )
    assert abs(thinned.mean() / whole.mean() - 1) < 0.1
    assert np.abs(thinned - whole).mean() < 0.1 * 255


def test_a_scene_far_from_its_origin_is_as_sharp(tmp_path: Path) -> None:
    """As geographic coordinates are: 32-bit floats of the file know half a metre there, and no more is lost."""
    scene = made_up()
    far = np.float32(scene.positions * 50 + np.array((4e5, 5e6, 100.0))).astype(float)
    path = tmp_path / "scene.ply"
    path.write_bytes(writers.ply(replace(scene, positions=far, scales=scene.scales * 50)))
    avatar = read_scene(path)
    view = look_at_view((0, 80, 190), (0, 80, 0), 50, 150, 130)
    low = np.array(avatar.provenance["moved"])
    near = replace(scene, positions=far + DOWN_TO_UP @ low, scales=scene.scales * 50)
    truth = expected(near, view, DOWN_TO_UP, [0.0, 0.0, 0.0])
    assert oracle.psnr(render_image(avatar, view, background=BACKGROUND), truth) >= 40


def test_the_renderer_knows_closely_where_a_scene_is(gl: Offscreen, tmp_path: Path) -> None:
    """Though all hangs on one triangle: the window and the sort's range fit the Gaussians."""
    path = tmp_path / "scene.ply"
    path.write_bytes(writers.ply(made_up(5000)))
    avatar = read_scene(path)
    renderer = AvatarRenderer(gl.ctx, avatar)
    placement = renderer._extent.place(renderer._slots[0].key)
    eye = np.array((0.0, 1.5, 9.0))
    distance = np.linalg.norm(avatar.gaussians.offset - eye, axis=1)
    nearest, farthest = renderer._extent.range_from(placement, eye)
    assert nearest <= distance.min() and distance.max() <= farthest
    assert farthest - nearest < 2 * np.ptp(distance)
    assert len(placement.corners) > 8 * 3, "what is near turns fast, and is asked about apart"
