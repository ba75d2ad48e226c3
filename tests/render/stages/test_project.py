"""Projection alone, on Gaussians put straight into the world."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from render.offscreen import Offscreen
from render.stages.eye import Eye
from render.stages.project import Projector
from render.stages.window import whole
from render.view import View, look_at_pose
from tests.render import oracle
from tests.render.scenes import two_eyes
from tests.render.stages.gaussians import Painter, lone, psnr, scattered


def test_depths_are_metres_along_the_view(gl: Offscreen) -> None:
    cloud = scattered(500, (-1, 0.5, -1), (1, 2, 1), 0.02)
    _, views = two_eyes((0.4, 1.6, 2.0), (0.0, 1.2, 0.0))
    projector = Projector(gl.ctx, 500, depth=True)
    assert projector.depths is not None
    for view in views:
        projector.run([Eye(view, whole(view))], cloud.world(gl.ctx), cloud.colours(gl.ctx), len(cloud.positions))
        bounds = np.frombuffer(projector.bounds.read(), np.uint32).reshape(-1, 2)
        seen = bounds[:, 0] <= bounds[:, 1]
        depths = np.frombuffer(projector.depths.read(), np.float32)
        expected = oracle.project(view, cloud.positions, cloud.covariances)[2]
        assert seen.sum() > 100 and np.abs(depths - expected)[seen].max() < 1e-5


def canted(degrees: float, width: int = 160, height: int = 144) -> tuple[NDArray[np.float64], list[View]]:
    """A head, and eyes turned outward by `degrees` whose fields are wider outward than inward and down than up."""
    head = look_at_pose((0.1, 1.5, 1.2), (0.0, 1.3, 0.0))
    views = []
    for side, fov in ((-1, (-0.9, 0.6, 0.7, -0.85)), (1, (-0.6, 0.9, 0.7, -0.85))):
        pose = head.copy()
        pose[:3, 3] += side * 0.032 * head[:3, 0]
        pose[:3, :3] = head[:3, :3] @ Rotation.from_euler("y", -side * degrees, degrees=True).as_matrix()
        views.append(View(pose, fov, width, height))
    return head[:3, 3], views


@pytest.mark.parametrize("degrees", [0.0, 5.0, 12.0])
@pytest.mark.parametrize("size", [0.004, 0.05])
def test_nothing_is_missing_at_either_eyes_edges(gl: Offscreen, degrees: float, size: float) -> None:
    """Gaussians far beyond both fields of view: each eye sees what the oracle draws, which leaves none out."""
    cloud = scattered(3000, (-2.5, -0.5, -1.5), (2.5, 3.0, 0.9), size)
    head, views = canted(degrees)
    painter = Painter(gl)
    for view in views:
        got, wanted = painter.linear(cloud, view, head), painter.expected(cloud, view, head)
        edges = np.ones(wanted.shape[:2], bool)
        edges[12:-12, 12:-12] = False
        assert (wanted[edges][:, 3] > 0.02).mean() > 0.2, "there is something at the edges"
        whole_db, edge_db = psnr(got, wanted), psnr(got[edges][None], wanted[edges][None])
        print(f"{degrees:.0f} degrees: {whole_db:.1f} dB, edges {edge_db:.1f} dB")
        assert whole_db >= 50 and edge_db >= 50


def at_angles(view: View, x: float, y: float, depth: float) -> tuple[float, float, float]:
    """The place that `view` sees at these angles, radians."""
    place = view.pose @ (depth * math.tan(x), depth * math.tan(y), -depth, 1.0)
    return float(place[0]), float(place[1]), float(place[2])


@pytest.mark.parametrize("eye", [0, 1])
def test_what_one_eye_alone_sees_is_drawn_for_it(gl: Offscreen, eye: int) -> None:
    head, views = canted(8.0)
    left, right, _, _ = views[eye].fov
    outward = left + 0.02 if eye == 0 else right - 0.02
    cloud = lone(at_angles(views[eye], outward, 0.1, 1.0), 0.01)
    painter = Painter(gl)
    mine, other = (painter.linear(cloud, view, head) for view in (views[eye], views[1 - eye]))
    assert mine[..., 3].max() > 0.7 and not other.any()
    assert psnr(mine, painter.expected(cloud, views[eye], head)) >= 50


@pytest.mark.parametrize("share", [0.01, 0.2, 0.6, 1.2, 2.5])
@pytest.mark.parametrize("side", ["left", "right", "up", "down"])
def test_a_centre_out_of_the_picture_reaches_in(gl: Offscreen, side: str, share: float) -> None:
    """Centres up to 2.5 images beyond an edge, with deviations of half as much and a few pixels more."""
    head, views = canted(0.0)
    view = views[1]
    fx, fy, cx, cy = view.intrinsics
    column, row = {
        "left": (-share * view.width, 60.0),
        "right": ((1 + share) * view.width, 60.0),
        "up": (70.0, (1 + share) * view.height),
        "down": (70.0, -share * view.height),
    }[side]
    cloud = lone(at_angles(view, math.atan((column - cx) / fx), math.atan((row - cy) / fy), 1.0), 0.0)
    pixels = 4.0 + 0.5 * share * (view.width if side in ("left", "right") else view.height)
    cloud = replace(cloud, covariances=np.eye(3)[None] * (pixels / fx) ** 2)
    painter = Painter(gl)
    got, wanted = painter.linear(cloud, view, head), painter.expected(cloud, view, head)
    assert wanted[..., 3].max() > 0.05, "it reaches in"
    quality = psnr(got, wanted)
    print(f"{side} by {share} images: {quality:.1f} dB, largest error {np.abs(got - wanted).max():.4f}")
    assert quality >= 50


@pytest.mark.parametrize("size", [0.0005, 0.004, 0.05])
def test_mip_filter_against_the_oracle(gl: Offscreen, size: float) -> None:
    cloud = scattered(3000, (-0.8, 0.5, -1.0), (0.8, 2.2, 0.5), size)
    head, views = canted(5.0)
    painter = Painter(gl, antialiasing="mip")
    for view in views:
        got, wanted = painter.linear(cloud, view, head), painter.expected(cloud, view, head)
        quality = psnr(got, wanted)
        print(f"{quality:.1f} dB; dilated instead: {psnr(Painter(gl).linear(cloud, view, head), wanted):.1f} dB")
        assert wanted[..., 3].max() > 0.02
        assert quality >= 50
