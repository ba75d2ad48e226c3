"""What may change from frame to frame: how many Gaussians are drawn, and how large the pictures are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assets.avatar import Avatar
from render.motion.pose import rest_key
from render.offscreen import Offscreen
from render.renderer import MIN_SCALE, AvatarRenderer
from tests.render import oracle
from tests.render.scenes import placed, two_eyes
from tests.render.test_renderer import GREY, PLACES, Stand

LEVELS = (400, 1100, 2000)


@pytest.fixture
def levelled(person: Avatar) -> Avatar:
    return replace(person, levels=LEVELS)


def test_every_level_is_a_prefix_by_importance(gl: Offscreen, levelled: Avatar) -> None:
    renderer = AvatarRenderer(gl.ctx, levelled)
    assert renderer.levels == (*LEVELS, 3000) and renderer.level == 3000
    for level in renderer.levels:
        drawn, wanted = renderer.drawn.opacity[:level], levelled.gaussians.opacity[:level]
        assert np.array_equal(np.sort(drawn), np.sort(wanted))
    assert AvatarRenderer(gl.ctx, levelled, gaussians=1500).levels == (400, 1100, 1500)


@pytest.mark.parametrize(("asked", "given"), [(9999, 3000), (2999, 2000), (2000, 2000), (500, 400), (1, 400)])
def test_the_next_level_below_is_taken(gl: Offscreen, levelled: Avatar, asked: int, given: int) -> None:
    renderer = AvatarRenderer(gl.ctx, levelled)
    renderer.set_level(asked)
    assert renderer.level == given


@pytest.mark.parametrize("rasteriser", ["tiles", "quads"])
def test_a_level_looks_like_a_renderer_made_for_it(gl: Offscreen, levelled: Avatar, rasteriser: str) -> None:
    """Down and up again, each picture is that of an avatar of which only so many Gaussians were loaded."""
    stand, pose = Stand(gl, levelled), rest_key(levelled)
    stand.renderer = AvatarRenderer(gl.ctx, levelled, rasteriser=rasteriser)
    stand.renderer.set_keys(pose, pose)
    eyes = two_eyes(*PLACES["far"])
    full = stand.draw(*eyes)[0]
    for level in (1100, 400, 2000, 3000):
        stand.renderer.set_level(level)
        picture = stand.draw(*eyes)[0]
        assert stand.renderer.sorted_last_frame
        fresh = Stand(gl, levelled)
        fresh.renderer = AvatarRenderer(gl.ctx, levelled, gaussians=level, rasteriser=rasteriser)
        fresh.renderer.set_keys(pose, pose)
        assert oracle.psnr(picture, fresh.draw(*eyes)[0]) > 55, level
    assert oracle.psnr(picture, full) > 60


def test_the_same_level_again_runs_nothing(gl: Offscreen, levelled: Avatar) -> None:
    stand, pose = Stand(gl, levelled), rest_key(levelled)
    stand.renderer.set_keys(pose, pose)
    stand.draw(*two_eyes(*PLACES["far"]))
    before = stand.ran()
    stand.renderer.set_level(2999)
    stand.draw(*two_eyes(*PLACES["far"]))
    changed = stand.ran()
    assert changed["deform"] == before["deform"] and changed["lerp"] == before["lerp"] + 1
    stand.renderer.set_level(2500)
    stand.draw(*two_eyes(*PLACES["far"]))
    assert stand.ran() == changed


@pytest.mark.parametrize("scale", [0.75, 0.5, MIN_SCALE, 0.01])
@pytest.mark.parametrize("background", [GREY, None])
def test_a_smaller_picture_enlarged(
    gl: Offscreen, person: Avatar, scale: float, background: tuple[float, float, float, float] | None
) -> None:
    """It is the picture of a smaller view, enlarged: nothing shifted, no seam at the edge of what was drawn."""
    width, height = 320, 240
    renderer, pose = AvatarRenderer(gl.ctx, person), rest_key(person)
    renderer.set_keys(pose, pose)
    head, views = two_eyes(*PLACES["side"], width, height)
    targets = [gl.target(width, height) for _ in views]
    given = {"head": head, "model": placed(), "alpha": 0.0, "background": background}
    renderer.draw(views, targets, **given)
    full = [gl.read(target).astype(float) for target in targets]
    renderer.draw(views, targets, scale=scale, **given)
    for target, sharp in zip(targets, full, strict=True):
        small = gl.read(target).astype(float)
        shift = _shift(sharp, small)
        quality = oracle.psnr(small, sharp)
        print(f"{scale}: {quality:.1f} dB, shifted by {shift}")
        assert np.abs(shift).max() < 0.4 / max(scale, MIN_SCALE), "less than half a pixel of the small picture"
        assert quality > {0.75: 30, 0.5: 26}.get(scale, 20)
    renderer.draw(views, targets, **given)
    assert oracle.psnr(gl.read(targets[0]), full[0]) > 60, "and back again"


def _shift(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Pixels between the centres of what differs from the corner's colour."""
    centres = []
    for picture in (a, b):
        weight = np.abs(picture - picture[0, 0]).sum(axis=2)
        rows, columns = np.indices(weight.shape)
        centres.append(np.array([(weight * rows).sum(), (weight * columns).sum()]) / weight.sum())
    return centres[1] - centres[0]
