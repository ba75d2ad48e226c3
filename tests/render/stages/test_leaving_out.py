"""What each option of the projection drops, Gaussian by Gaussian, against numpy."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from render.offscreen import Offscreen
from render.stages.eye import Eye
from render.stages.project import ProjectOptions, Projector
from render.stages.window import whole
from render.view import View, look_at_pose
from tests.render import oracle
from tests.render.scenes import placed
from tests.render.stages.gaussians import Cloud, scattered

F64 = NDArray[np.float64]
COUNT = 4000


@pytest.fixture(scope="module")
def cloud() -> Cloud:
    """Of all sizes and opacities, all in sight of `view`."""
    return scattered(COUNT, (-0.5, 0.9, -0.4), (0.5, 1.7, 0.4), 0.006)


@pytest.fixture(scope="module")
def view() -> View:
    return View(look_at_pose((0.2, 1.4, 1.5), (0.0, 1.3, 0.0)), (-0.62, 0.5, 0.48, -0.6), 320, 288)


def kept(
    gl: Offscreen, cloud: Cloud, view: View, options: ProjectOptions, gaze: F64 | None = None
) -> NDArray[np.bool_]:
    projector = Projector(gl.ctx, COUNT, options)
    world, colours = cloud.world(gl.ctx), cloud.colours(gl.ctx)
    projector.run([Eye(view, whole(view), gaze=gaze)], world, colours, COUNT)
    bounds = np.frombuffer(projector.bounds.read(), np.uint32).reshape(-1, 2)
    return bounds[:, 0] <= bounds[:, 1]


def same(got: NDArray[np.bool_], measure: F64, least: F64 | float) -> None:
    """Exactly those whose `measure` is at least `least` are kept, but for rounding."""
    sure = np.abs(measure / least - 1) > 1e-3
    assert sure.mean() > 0.98
    assert np.array_equal(got[sure], (measure >= least)[sure])
    assert 0.1 < got.mean() < 0.9, "the option does something, and not everything"


def flat_of(cloud: Cloud, view: View) -> F64:
    return oracle.project(view, cloud.positions, cloud.covariances)[1]


def test_faint_splats_go_by_the_light_they_could_add(gl: Offscreen, cloud: Cloud, view: View) -> None:
    light = cloud.opacity * 2 * np.pi * np.sqrt(np.linalg.det(flat_of(cloud, view)))
    whole_view = kept(gl, cloud, view, ProjectOptions())
    assert whole_view.all()
    same(kept(gl, cloud, view, ProjectOptions(contribution=9.0)), light, 9.0)


def test_small_splats_go_by_their_longer_deviation(gl: Offscreen, cloud: Cloud, view: View) -> None:
    longer = np.sqrt(np.linalg.eigvalsh(flat_of(cloud, view))[:, 1])
    same(kept(gl, cloud, view, ProjectOptions(smallest_px=1.5)), longer, 1.5)


@pytest.mark.parametrize("gaze", [None, (0.3, -0.2, -1.0)])
def test_more_goes_far_from_the_gaze(
    gl: Offscreen, cloud: Cloud, view: View, gaze: tuple[float, float, float] | None
) -> None:
    options = ProjectOptions(contribution=2.0, fovea=math.radians(20))
    got = kept(gl, cloud, view, options, gaze=None if gaze is None else np.array(gaze))
    look = np.array(gaze or (0.0, 0.0, -1.0))
    ways = (cloud.positions - view.pose[:3, 3]) @ view.pose[:3, :3]
    angles = np.arccos(ways @ look / np.linalg.norm(ways, axis=1) / np.linalg.norm(look))
    light = cloud.opacity * 2 * np.pi * np.sqrt(np.linalg.det(flat_of(cloud, view)))
    same(got, light, 2.0 * (1 + angles / math.radians(20)) ** 2)
    centre = angles < math.radians(8)
    assert got[centre].mean() > got[~centre].mean() + 0.1


def test_what_faces_away_from_both_eyes_goes(gl: Offscreen, view: View) -> None:
    """Normals turned with the Gaussian and the avatar, limits of its own, two eyes, a margin."""
    rng = np.random.default_rng(8)
    cloud = scattered(COUNT, (-0.4, 1.0, -0.4), (0.4, 1.6, 0.4), 0.006)
    rest = Rotation.random(COUNT, rng).apply((1.0, 0.0, 0.0))
    back = Rotation.random(COUNT, rng)
    limits = rng.uniform(-1.0, 0.5, COUNT)
    limits[::10] = -1.0
    model = placed()
    words = cloud.world(gl.ctx)
    turned = np.frombuffer(words.read(), np.uint32).reshape(-1, 12).copy()
    wxyz = np.rint(back.as_quat()[:, [3, 0, 1, 2]] * 32767).astype(np.int16)
    turned[:, 10:] = np.ascontiguousarray(wxyz).view(np.uint32)
    packed = np.concatenate([np.rint(rest * 127), np.floor(np.clip(limits, -1, 0) * 127)[:, None]], axis=1)
    facing = np.ascontiguousarray(packed.astype(np.int8)).view(np.uint32)[:, 0]
    projector = Projector(gl.ctx, COUNT, ProjectOptions(hidden=0.1), facing=facing)
    eyes = [np.array((-0.3, 1.4, 1.5)), np.array((0.7, 1.4, 1.5))]
    poses = [view.pose.copy() for _ in eyes]
    for pose, place in zip(poses, eyes, strict=True):
        pose[:3, 3] = place
    seeing = [Eye(each, whole(each)) for each in (replace(view, pose=pose, fov=(-1, 1, 1, -1)) for pose in poses)]
    projector.run(seeing, gl.ctx.buffer(turned.tobytes()), cloud.colours(gl.ctx), COUNT, model=model)
    bounds = np.frombuffer(projector.bounds.read(), np.uint32).reshape(2, -1, 2)
    got, other = bounds[:, :, 0] <= bounds[:, :, 1]
    assert np.array_equal(got, other), "all are in sight of both"

    normals = back.inv().apply(rest) @ model[:3, :3].T
    seen = []
    for eye in eyes:
        way = eye - cloud.positions
        seen.append((normals * way).sum(axis=1) / np.linalg.norm(way, axis=1))
    past = np.minimum(limits, 0.0) - 0.1 - np.max(seen, axis=0)
    sure = (np.abs(past) > 0.02) & ((limits > -0.98) | (limits == -1.0))
    assert sure.mean() > 0.9
    assert np.array_equal(got[sure], (past < 0)[sure] | (limits == -1.0)[sure])
    assert 0.1 < (~got).mean() < 0.5
    one = np.min(seen, axis=0) < np.minimum(limits, 0.0) - 0.1
    assert (got & one & sure & (limits > -1.0)).sum() > 50, "what one eye alone sees stays for both"
