"""The walk makes every stage run in every frame, or, standing still, only what a moving view needs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assets.avatar import Avatar
from render.measure.walk import EYES_APART_M, Walk, around, eyes_of, middle_of
from render.offscreen import Offscreen
from render.renderer import AvatarRenderer
from render.view import look_at_pose


def test_every_stage_runs_in_every_frame(gl: Offscreen, person: Avatar) -> None:
    renderer = AvatarRenderer(gl.ctx, person)
    walk = Walk(renderer, person, gl.target(64, 48))
    for _ in range(2):
        walk.frame()
    before = {kind: count.runs for kind, count in renderer.stats.items()}
    for _ in range(4):
        walk.frame()
    ran = {kind: count.runs - before[kind] for kind, count in renderer.stats.items()}
    assert ran == dict.fromkeys(ran, 4)


def test_standing_still_the_avatar_is_not_moved_again(gl: Offscreen, person: Avatar) -> None:
    renderer = AvatarRenderer(gl.ctx, person)
    walk = Walk(renderer, person, gl.target(64, 48), still=True)
    walk.frame()
    before = {kind: count.runs for kind, count in renderer.stats.items()}
    for _ in range(3):
        walk.frame()
    ran = {kind: count.runs - before[kind] for kind, count in renderer.stats.items()}
    assert ran == {"deform": 0, "align": 0, "lerp": 0, "colour": 3, "sort": 3, "project": 3, "draw": 3}


def test_two_eyes_of_a_head(person: Avatar) -> None:
    centre = middle_of(person)
    head = look_at_pose(around(centre, 0.9, math.radians(30)), centre)
    assert np.linalg.norm(head[:3, 3] - centre) == pytest.approx(0.9 * math.hypot(1, 0.1))
    left, right = eyes_of(head, centre, [(168, 176), (168, 176)])
    apart = right.pose[:3, 3] - left.pose[:3, 3]
    assert np.allclose(apart, EYES_APART_M * head[:3, 0])
    for view in (left, right):
        assert view.intrinsics.fx == pytest.approx(view.intrinsics.fy), "square pixels"
    assert np.allclose(left.fov[:2], [-right.fov[1], -right.fov[0]])
