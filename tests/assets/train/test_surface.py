"""Deforming, placing, colouring and projecting in torch, against the oracle of the renderer's tests."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from assets.avatar import Avatar
from assets.train.cameras import Camera
from assets.train.surface import Placed, colours, eye_of, frames, place, project, rig_of
from assets.train.template import Template
from render.measure.cloud import make_cloud
from render.motion.pose import PoseKey
from tests.render import oracle
from tests.render.scenes import key
from xr_app.workshop.capture import view_of

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def avatar() -> Avatar:
    return make_cloud(400, degree=2)


@pytest.fixture(scope="module")
def pose(avatar: Avatar) -> PoseKey:
    return key(avatar, 0, time_s=1.3, arm_degrees=50, jawOpen=0.7)


def tensor(array: np.ndarray) -> torch.Tensor:
    return torch.as_tensor(np.ascontiguousarray(array))


def placed(avatar: Avatar, vertices: torch.Tensor) -> Placed:
    gs, triangles = avatar.gaussians, tensor(avatar.mesh.triangles).long()
    parts = (gs.barycentric, gs.offset, gs.rotation, gs.scale)
    return place(vertices, triangles, tensor(gs.triangle).long(), *(tensor(part) for part in parts))


def posed(avatar: Avatar, pose: PoseKey) -> torch.Tensor:
    rig = rig_of(Template(avatar.mesh, avatar.skeleton, avatar.expressions), CPU)
    return rig.posed(rig.rest, tensor(pose.joints), tensor(pose.expression))


def test_vertices_and_gaussians_are_where_the_oracle_has_them(avatar: Avatar, pose: PoseKey) -> None:
    vertices = posed(avatar, pose)
    known = oracle.deform(avatar, pose)
    np.testing.assert_allclose(vertices.numpy(), known, atol=1e-5)
    here, there = placed(avatar, vertices), oracle.align(avatar, known)
    np.testing.assert_allclose(here.positions.numpy(), there.positions, atol=1e-5)
    _, covariances = oracle.world(avatar, there, np.eye(4))
    np.testing.assert_allclose((here.axes @ here.axes.transpose(1, 2)).numpy(), covariances, atol=1e-6)


def test_colours_are_seen_in_the_rest_pose(avatar: Avatar, pose: PoseKey) -> None:
    head = np.array((0.4, 1.5, 1.7))
    here = placed(avatar, posed(avatar, pose))
    turned, _ = frames(tensor(avatar.mesh.vertices), tensor(avatar.mesh.triangles).long())
    rest = turned[tensor(avatar.gaussians.triangle).long()]
    made = colours(tensor(avatar.gaussians.sh), here, rest, tensor(head).float())
    known = oracle.colours(avatar, oracle.align(avatar, oracle.deform(avatar, pose)), np.eye(4), head)
    np.testing.assert_allclose(made.clamp(0, 1).numpy(), known, atol=2e-5)


def test_splats_lie_where_the_oracle_projects_them(avatar: Avatar, pose: PoseKey) -> None:
    turn = np.array([[0.8, 0, 0.6], [0, 1, 0], [-0.6, 0, 0.8]])
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = turn, (0.9, 1.4, 1.2)
    camera = Camera("side", 90, 70, 80.0, 76.0, 41.0, 37.0, matrix, False)
    here = placed(avatar, posed(avatar, pose))
    splats = project(eye_of(camera, CPU), here)
    state = oracle.align(avatar, oracle.deform(avatar, pose))
    positions, covariances = oracle.world(avatar, state, np.eye(4))
    centres, flat, depth = oracle.project(view_of(camera), positions, covariances)
    distance = np.linalg.norm(positions - matrix[:3, 3], axis=1)
    order = np.argsort(distance, kind="stable")
    order = order[depth[order] >= 0.05]
    assert (np.diff(distance[splats.index.numpy()]) > -1e-5).all()
    assert set(order.tolist()) == set(splats.index.tolist())
    index = splats.index.numpy()
    np.testing.assert_allclose(splats.centres[:, 0].numpy(), centres[index, 0], atol=2e-2)
    np.testing.assert_allclose(splats.centres[:, 1].numpy(), 70 - centres[index, 1], atol=2e-2)
    for entry, (a, b), sign in ((0, (0, 0), 1), (1, (0, 1), -1), (2, (1, 1), 1)):
        np.testing.assert_allclose(splats.covariances[:, entry].numpy(), sign * flat[index, a, b], rtol=2e-3, atol=2e-3)


def test_moved_and_turned_as_one_everything_moves_along(avatar: Avatar) -> None:
    """A rigid motion and a size of the mesh is the same of its Gaussians (TaoAvatar, section 3.1)."""
    vertices = tensor(avatar.mesh.vertices.astype(np.float64))
    double = replace(avatar, gaussians=avatar.gaussians)
    turn = tensor(np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]]))
    gs = double.gaussians
    parts = [tensor(part.astype(np.float64)) for part in (gs.barycentric, gs.offset, gs.rotation, gs.scale)]
    triangles, parent = tensor(avatar.mesh.triangles).long(), tensor(gs.triangle).long()
    before = place(vertices, triangles, parent, *parts)
    after = place(1.7 * vertices @ turn.T + 0.3, triangles, parent, *parts)
    np.testing.assert_allclose(after.positions, 1.7 * before.positions @ turn.T + 0.3, atol=1e-9)
    np.testing.assert_allclose(after.axes, 1.7 * turn @ before.axes, atol=1e-9)
