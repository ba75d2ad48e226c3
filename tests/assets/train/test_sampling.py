"""The template made ready for training."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

from assets.errors import TrainError
from assets.train.folder import read_folder
from assets.train.sampling import posed, ready, simplified, strew
from assets.train.template import Template, template_of
from render.motion.pose import PoseKey
from tests.assets.train.captures import person, write_capture
from tests.render import oracle


def whole() -> Template:
    avatar = person()
    return Template(avatar.mesh, avatar.skeleton, avatar.expressions)


def test_fewer_triangles_are_the_same_surface() -> None:
    template = whole()
    fewer = simplified(template, 700)
    assert 600 < len(fewer.mesh.vertices) <= 800
    away, nearest = cKDTree(template.mesh.vertices).query(fewer.mesh.vertices)
    assert away.max() < 0.04
    # Each part is moved by one joint and its parent; where parts overlap the nearest may be of the other.
    known = template.mesh.skin_joints[nearest, 0]
    assert (fewer.mesh.skin_joints[:, 0] == known).mean() > 0.95
    np.testing.assert_allclose(fewer.mesh.skin_weights.sum(axis=1), 1, atol=1e-6)


def test_small_templates_stay_as_they_are() -> None:
    template = whole()
    assert simplified(template, 10_000) is template


def test_gaussians_lie_as_densely_everywhere_in_every_prefix() -> None:
    mesh = whole().mesh
    strewn = strew(mesh, 8000, seed=1)
    corners = mesh.vertices[mesh.triangles].astype(float)
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    part = np.arange(len(area)) * 11 // len(area)
    share = np.bincount(part, area) / area.sum()
    for count in (8000, 2000):
        found = np.bincount(part[strewn.parent[:count]], minlength=11) / count
        np.testing.assert_allclose(found, share, atol=0.02)
    assert (strewn.barycentric >= 0).all() and (strewn.barycentric.sum(axis=1) <= 1).all()
    again = strew(mesh, 8000, seed=1)
    np.testing.assert_array_equal(strewn.parent, again.parent)
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).mean(axis=1)
    deviation = strewn.scale[:, 1] * edges[strewn.parent]
    np.testing.assert_allclose(deviation, 0.7 * np.sqrt(area.sum() / 2 / 8000), rtol=1e-4)


def test_what_no_camera_sees_is_left_out(tmp_path: Path) -> None:
    write_capture(tmp_path)
    capture = read_folder(tmp_path)
    template = ready(capture, 100_000)
    heights = template.mesh.vertices[:, 1]
    assert heights.min() > 0.4 and heights.max() > 1.7  # the calves are below the pictures
    avatar = person()
    key = PoseKey(0, capture.frames[2].expression, capture.frames[2].joints)
    np.testing.assert_allclose(posed(avatar.mesh, capture.frames[2]), oracle.deform(avatar, key), atol=1e-5)
    assert template.mesh.triangles.max() == len(template.mesh.vertices) - 1
    assert len(template_of(avatar).mesh.vertices) > len(template.mesh.vertices)


def test_cameras_that_look_elsewhere_are_told(tmp_path: Path) -> None:
    write_capture(tmp_path)
    capture = read_folder(tmp_path)
    away = [replace(camera, pose=camera.pose @ np.diag([-1.0, 1, -1, 1])) for camera in capture.cameras]
    with pytest.raises(TrainError, match="one space"):
        ready(replace(capture, cameras=tuple(away)), 1000)
