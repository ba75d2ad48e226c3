"""Fragments as the tiles count them, against numpy that walks the same lists, and as hardware counts those of quads."""

from __future__ import annotations

import numpy as np
import pytest

from assets.avatar import Avatar
from render.measure.bench import OPTIONS
from render.measure.cloud import make_cloud
from render.measure.fragments import count_fragments
from render.measure.walk import Walk, around, eyes_of, middle_of
from render.motion.performer import Performer
from render.motion.pose import PoseKey
from render.motion.skeleton import skinning_matrices
from render.offscreen import Offscreen
from render.renderer import SORT_TURN, AvatarRenderer
from render.view import look_at_pose
from tests.render import oracle

SIZE = (96, 72)


def expected(avatar: Avatar, number: int) -> int:
    """Fragments that can be seen in the walk's frame `number`, by the oracle's own projection."""
    centre = middle_of(avatar)
    head = look_at_pose(around(centre, 1.6, number * 1.5 * SORT_TURN), centre)
    (view,) = eyes_of(head, centre, [SIZE])

    performer = Performer(avatar)

    def state(at: int) -> oracle.State:
        life = performer.at(at * 0.05)
        joints = skinning_matrices(avatar.skeleton, life.rotations, life.root)
        return oracle.align(avatar, oracle.deform(avatar, PoseKey(at, np.zeros(len(avatar.expressions)), joints)))

    places, covariances = oracle.world(avatar, oracle.between(state(number - 1), state(number), 0.5), np.eye(4))
    centres, flat, _ = oracle.project(view, places, covariances)
    conics = np.linalg.inv(flat)
    x, y = np.meshgrid(np.arange(SIZE[0]) + 0.5, np.arange(SIZE[1]) + 0.5)
    through, seen = np.ones(x.shape), 0
    for i in np.argsort(np.linalg.norm(places - head[:3, 3], axis=1), kind="stable"):
        dx, dy = x - centres[i, 0], y - centres[i, 1]
        square = conics[i, 0, 0] * dx * dx + 2 * conics[i, 0, 1] * dx * dy + conics[i, 1, 1] * dy * dy
        alpha = avatar.gaussians.opacity[i] * np.exp(-square / 2)
        alpha[(alpha < 1 / 255) | (square > 8)] = 0
        seen += int(((alpha > 0) & (through >= 1 / 255)).sum())
        through *= 1 - alpha
    return seen


@pytest.mark.parametrize("count", [40, 1200])
def test_tiles_count_what_can_be_seen(gl: Offscreen, count: int) -> None:
    avatar = make_cloud(count)
    walk = Walk(renderer := AvatarRenderer(gl.ctx, avatar, options=OPTIONS), avatar, gl.target(*SIZE))
    usual = renderer.rasteriser
    fragments = count_fragments(gl.ctx, renderer, walk, SIZE, OPTIONS)
    wanted = expected(avatar, 1)
    print(f"{fragments.seen} seen of {fragments.evaluated}; {wanted} by the oracle")
    assert fragments.seen == pytest.approx(wanted, rel=0.01)
    assert wanted < fragments.evaluated < 40 * wanted and fragments.evaluated % 8 == 0
    assert renderer.rasteriser is usual


def test_quads_are_counted_by_the_hardware(gl: Offscreen) -> None:
    avatar = make_cloud(1200)
    walk = Walk(
        renderer := AvatarRenderer(gl.ctx, avatar, options=OPTIONS, rasteriser="quads"), avatar, gl.target(*SIZE)
    )
    fragments = count_fragments(gl.ctx, renderer, walk, SIZE, OPTIONS)
    # A quad is 4 / pi of the ellipse in it, and none ends early: more than what can be seen.
    assert fragments.seen == 0
    assert expected(avatar, 1) < fragments.evaluated < 40 * expected(avatar, 1)


def test_both_eyes_are_counted(gl: Offscreen, person: Avatar) -> None:
    renderer = AvatarRenderer(gl.ctx, person, options=OPTIONS)
    one = count_fragments(gl.ctx, renderer, Walk(renderer, person, gl.target(*SIZE)), SIZE, OPTIONS)
    targets = gl.target(*SIZE), gl.target(*SIZE)
    renderer = AvatarRenderer(gl.ctx, person, options=OPTIONS)
    two = count_fragments(gl.ctx, renderer, Walk(renderer, person, *targets), SIZE, OPTIONS)
    assert 0.3 < two.seen / one.seen < 2 and two.evaluated > two.seen > 0
