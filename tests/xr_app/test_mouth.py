"""Where a listener hears an avatar's mouth."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from assets.avatar import Avatar
from render.measure.cloud import make_cloud
from render.motion.pose import PoseKey, rest_key
from render.view import look_at_pose
from xr_app.mouth import EARS, AvatarMouth
from xr_app.placement import in_front_of


@pytest.fixture(scope="module")
def avatar() -> Avatar:
    cloud = make_cloud(500)
    shapes = np.zeros_like(cloud.mesh.shapes)
    lips = np.argsort(np.linalg.norm(cloud.mesh.vertices - (0.0, 1.5, 0.1), axis=1))[:3]
    shapes[cloud.expressions.index("mouthPucker"), lips] = (0.0, 0.0, 0.01)
    return replace(cloud, mesh=replace(cloud.mesh, shapes=shapes))


def lips(avatar: Avatar) -> np.ndarray:
    moved = np.any(avatar.mesh.shapes[avatar.expressions.index("mouthPucker")], axis=1)
    return avatar.mesh.vertices[moved].mean(axis=0)


def test_in_front_of_the_listener_it_is_ahead_and_speaks_to_them(avatar: Avatar) -> None:
    head = look_at_pose((0.4, 1.6, 0.3), (1.4, 1.6, 0.3))
    key = rest_key(avatar)
    mouth = AvatarMouth(avatar).heard_by(head, in_front_of(head, 1.6), key, key, 0.5)
    x, y, z = lips(avatar)
    np.testing.assert_allclose(mouth.position, np.array([-x, y - 1.6, -(1.6 - z)]) - EARS, atol=1e-6)
    np.testing.assert_allclose(mouth.facing, (0, 0, 1), atol=1e-6)
    np.testing.assert_allclose(mouth.image, np.array([-x, -y - 1.6, -(1.6 - z)]) - EARS, atol=1e-6)


def test_who_turns_to_the_right_hears_it_from_the_left(avatar: Avatar) -> None:
    head = look_at_pose((0.0, 1.6, 0.0), (0.0, 1.6, -1.0))
    model, key = in_front_of(head), rest_key(avatar)
    turned = head.copy()
    turned[:3, :3] = head[:3, :3] @ Rotation.from_euler("y", -90, degrees=True).as_matrix()
    mouth = AvatarMouth(avatar).heard_by(turned, model, key, key, 0.0)
    assert mouth.position[0] < -1.3 and abs(mouth.position[2]) < 0.3
    assert mouth.facing[0] == pytest.approx(1.0, abs=1e-6)


def test_it_goes_where_its_joint_goes(avatar: Avatar) -> None:
    place = AvatarMouth(avatar)
    rest, moved = rest_key(avatar), np.tile(np.eye(4, dtype=np.float32), (len(avatar.skeleton.names), 1, 1))
    moved[:, :3, :3] = Rotation.from_euler("y", 180, degrees=True).as_matrix()
    moved[:, 0, 3] = 0.5
    away = PoseKey(1, rest.expression, moved)
    head = np.eye(4)
    still, turned, half = (place.heard_by(head, np.eye(4), rest, away, alpha) for alpha in (0.0, 1.0, 0.5))
    x, y, z = lips(avatar)
    np.testing.assert_allclose(np.array(still.position) + EARS, (x, y, z), atol=1e-6)
    np.testing.assert_allclose(np.array(turned.position) + EARS, (0.5 - x, y, -z), atol=1e-6)
    np.testing.assert_allclose(turned.facing, (0, 0, -1), atol=1e-6)
    np.testing.assert_allclose(half.position, (np.array(still.position) + turned.position) / 2, atol=1e-6)


def test_an_avatar_without_such_shapes_speaks_from_its_head(avatar: Avatar) -> None:
    plain = replace(avatar, mesh=replace(avatar.mesh, shapes=np.zeros_like(avatar.mesh.shapes)))
    key = rest_key(plain)
    mouth = AvatarMouth(plain).heard_by(np.eye(4), np.eye(4), key, key, 0.0)
    top = plain.mesh.vertices[:, 1].max()
    assert top - 0.5 < mouth.position[1] < top
