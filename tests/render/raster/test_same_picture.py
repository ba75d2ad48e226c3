"""The rasterisers against each other and against the oracle: poses, distances, fields of view, levels of detail."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from assets.avatar import Avatar, coverage
from render.measure.cloud import make_cloud
from render.offscreen import Offscreen
from render.raster.rasteriser import RASTERISERS
from render.renderer import AvatarRenderer
from render.view import View, look_at_pose
from tests.render import oracle
from tests.render.scenes import key, placed

GREY = (0.2, 0.25, 0.3, 1.0)
LEVELS = (300, 1000)
FACE = (0.3, 1.7, -0.15)
VIEWS = [
    # Metres from the face, degrees of each field of view, level, raised arm in degrees.
    (0.4, 40, 3000, 0.0),
    (0.4, 110, 300, 80.0),
    (0.5, 75, 1000, -60.0),
    (0.6, 90, 300, 150.0),
    (1.0, 110, 3000, 80.0),
    (1.6, 60, 1000, 0.0),
    (4.0, 40, 3000, 150.0),
    (4.0, 75, 300, -60.0),
]


@pytest.fixture(scope="module")
def person() -> Avatar:
    """3,000 Gaussians with harmonics of degree 3 and two levels below."""
    return replace(make_cloud(3000, degree=3), levels=LEVELS)


def eyes(metres: float, degrees: float) -> list[View]:
    """Two eyes before the face, aside and above, that see six degrees farther outward and down."""
    bearing = 0.4 + metres
    place = np.array(FACE) + metres * np.array((math.sin(bearing), 0.15, math.cos(bearing)))
    wide, narrow = math.radians(degrees / 2 + 3), math.radians(degrees / 2 - 3)
    views = []
    for side, (left, right) in ((-1, (-wide, narrow)), (1, (-narrow, wide))):
        pose = look_at_pose(place, FACE)
        pose[:3, 3] += side * 0.032 * pose[:3, 0]
        views.append(View(pose, (left, right, narrow, -wide), 150, 140))
    return views


def prefix(avatar: Avatar, count: int) -> Avatar:
    """The most important Gaussians alone, enlarged until they cover as much as all."""
    area = coverage(avatar.mesh, avatar.gaussians)
    first = avatar.gaussians.prefix(count)
    widened = first.scale * np.float32(math.sqrt(area.sum() / area[:count].sum()))
    return replace(avatar, gaussians=replace(first, scale=widened), levels=())


@pytest.mark.parametrize(("metres", "degrees", "level", "arm"), VIEWS)
def test_tiles_quads_and_the_oracle_agree(
    gl: Offscreen, person: Avatar, metres: float, degrees: float, level: int, arm: float
) -> None:
    pose, views = key(person, 0, metres, arm_degrees=arm, jawOpen=1.0), eyes(metres, degrees)
    head = views[0].pose.copy()
    head[:3, 3] = (views[0].pose[:3, 3] + views[1].pose[:3, 3]) / 2
    drawn = {}
    for name in RASTERISERS:
        renderer = AvatarRenderer(gl.ctx, person, rasteriser=name)
        renderer.set_level(level)
        renderer.set_keys(pose, pose)
        targets = [gl.target(view.width, view.height) for view in views]
        renderer.draw(views, targets, head=head, model=placed(), alpha=0.0, background=GREY)
        drawn[name] = [gl.read(target) for target in targets]
    seen = prefix(person, level)
    for eye, view in enumerate(views):
        assert np.ptp(drawn["tiles"][eye][..., :3].astype(int)) > 60, "there is someone to see"
        alike = [oracle.psnr(drawn["quads"][eye], drawn[name][eye]) for name in RASTERISERS]
        state = oracle.align(seen, oracle.deform(seen, pose))
        expected = oracle.render(seen, view, state, head=head[:3, 3], model=placed(), background=GREY)
        quality = [oracle.psnr(drawn[name][eye], expected) for name in RASTERISERS]
        print(f"{metres} m, {degrees} degrees, {level}: {np.round(alike, 1)} dB to quads, {np.round(quality, 1)}")
        assert min(alike) >= 50 and min(quality) >= 50
