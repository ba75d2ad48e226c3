"""Mip-Splatting's filter: whole pictures against the oracle, and thin strands far away against many more pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from assets.avatar import Avatar
from render.measure.cloud import make_cloud
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from render.view import View, look_at_view
from tests.render import oracle
from tests.render.scenes import BOTH_APIS, key, placed, two_eyes
from tests.render.stages.gaussians import Cloud, Painter, psnr

GREY = (0.2, 0.25, 0.3, 1.0)
PLACES = {
    "far": ((0.2, 1.4, 3.8), (0.3, 1.1, -0.2)),
    "near": ((0.3, 1.7, 0.3), (0.3, 1.6, -0.2)),
    "side": ((1.9, 1.2, 0.2), (0.3, 1.1, -0.2)),
    "behind": ((0.1, 2.0, -2.0), (0.3, 1.1, -0.2)),
}
FACTOR = 8
DISTANCE_M = 4.0


@pytest.fixture(scope="module")
def filtered() -> Avatar:
    """With harmonics of degree 3."""
    return replace(make_cloud(3000, degree=3), antialiasing="mip")


def narrowed(view: View, factor: float) -> View:
    left, right, up, down = view.fov
    return replace(view, fov=(left * factor, right * factor, up * factor, down * factor))


@BOTH_APIS
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("factor", [0.6, 1.0, 1.7])
def test_both_eyes_against_the_oracle(gl: Offscreen, filtered: Avatar, place: str, factor: float) -> None:
    pose = key(filtered, 0, 2.0, arm_degrees=80 if place == "side" else 20, jawOpen=1.0)
    renderer = AvatarRenderer(gl.ctx, filtered)
    renderer.set_keys(pose, pose)
    head, views = two_eyes(*PLACES[place])
    views = [narrowed(view, factor) for view in views]
    targets = [gl.target(view.width, view.height) for view in views]
    renderer.draw(views, targets, head=head, model=placed(), alpha=0, background=GREY)
    state = oracle.align(filtered, oracle.deform(filtered, pose))
    for view, target in zip(views, targets, strict=True):
        expected = oracle.render(filtered, view, state, head=head[:3, 3], model=placed(), background=GREY)
        quality = oracle.psnr(gl.read(target), expected)
        print(f"{place}, fields of view x {factor}: {quality:.1f} dB")
        assert quality >= 50


def strands(count: int, thin: float, long: float) -> Cloud:
    """Lit needles in a box, every way, metres of deviation across and along."""
    rng = np.random.default_rng(5)
    axes = Rotation.random(count, rng).as_matrix() * np.array((long, thin, thin))
    places = rng.uniform(-0.25, 0.25, (count, 3)) + np.array((0.0, 1.2, 0.0))
    return Cloud(places, axes @ axes.transpose(0, 2, 1), np.full(count, 0.8), np.full((count, 3), 0.9))


def supersampled(cloud: Cloud, view: View, head: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without any filter, averaged over 8 x 8 samples a pixel."""
    fine = replace(view, width=view.width * FACTOR, height=view.height * FACTOR)
    centres, flat, _ = oracle.project(fine, cloud.positions, cloud.covariances, low_pass=1e-3)
    order = np.argsort(np.linalg.norm(cloud.positions - head, axis=1))
    picture = oracle.composite(fine, centres, flat, cloud.opacity, cloud.colour, order)
    return picture.reshape(view.height, FACTOR, view.width, FACTOR, 4).mean(axis=(1, 3))


@pytest.mark.parametrize(("thin", "long"), [(0.001, 0.015), (0.002, 0.02)])
def test_thin_strands_far_away_keep_their_brightness(gl: Offscreen, thin: float, long: float) -> None:
    cloud = strands(1500, thin, long)
    head = np.array((0.0, 1.2, DISTANCE_M))
    view = look_at_view(head, (0.0, 1.2, 0.0), 9, 64, 64)
    wanted = supersampled(cloud, view, head)
    mip, dilated = (Painter(gl, antialiasing=how).linear(cloud, view, head) for how in ("mip", "dilation"))
    bright, kept, thickened = (float(picture[..., :3].mean()) for picture in (wanted, mip, dilated))
    print(f"brightness: {bright:.4f} supersampled, {kept:.4f} mip, {thickened:.4f} dilated")
    print(f"{psnr(mip, wanted):.1f} dB mip, {psnr(dilated, wanted):.1f} dB dilated")
    assert bright > 0.05
    assert kept == pytest.approx(bright, rel=0.04)
    assert thickened > 1.4 * bright
    assert psnr(mip, wanted) > psnr(dilated, wanted) + 10
