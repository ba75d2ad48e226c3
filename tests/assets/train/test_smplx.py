"""Captures in AvatarReX's layout, of a template whose arms hang at rest."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from assets.avatar import Skeleton
from assets.errors import CaptureError
from assets.train.layouts import open_capture
from assets.train.smplx import PELVIS
from assets.train.template import Template, template_of
from tests.assets.train.captures import person, ring, write_smplx

JOINTS = {
    "pelvis": (None, (0, 0.95, 0)), "spine_01": ("pelvis", (0, 1.1, 0)), "spine_02": ("spine_01", (0, 1.2, 0)),
    "spine_03": ("spine_02", (0, 1.3, 0)), "neck_01": ("spine_03", (0, 1.5, 0)), "head": ("neck_01", (0, 1.55, 0)),
} | {
    f"{name}_{side}": (parent if (parent and "spine" in parent) or parent == "pelvis" else f"{parent}_{side}",
                       (sign * x, y, 0))
    for side, sign in (("l", 1), ("r", -1))
    for name, parent, (x, y) in (
        ("clavicle", "spine_03", (0.05, 1.45)), ("upperarm", "clavicle", (0.18, 1.42)),
        ("lowerarm", "upperarm", (0.36, 1.24)), ("hand", "lowerarm", (0.54, 1.06)),
        ("index_01", "hand", (0.60, 1.00)), ("thigh", "pelvis", (0.1, 0.9)), ("calf", "thigh", (0.1, 0.5)),
        ("foot", "calf", (0.1, 0.1)), ("ball", "foot", (0.1, 0.02)),
    )
}  # fmt: skip


def template() -> Template:
    names = tuple(JOINTS)
    parents = np.array([-1 if parent is None else names.index(parent) for parent, _ in JOINTS.values()], np.int32)
    rest = np.tile(np.eye(4, dtype=np.float32), (len(names), 1, 1))
    rest[:, :3, 3] = [place for _, place in JOINTS.values()]
    whole = template_of(person())
    mesh = replace(whole.mesh, skin_joints=np.zeros_like(whole.mesh.skin_joints))
    return Template(mesh, Skeleton(names, parents, rest), whole.expressions)


def numbers(frames: int = 6) -> dict[str, np.ndarray]:
    return {
        "global_orient": np.zeros((frames, 3)), "transl": np.zeros((frames, 3)), "body_pose": np.zeros((frames, 63)),
        "left_hand_pose": np.zeros((frames, 45)), "betas": np.zeros((1, 10)),
    }  # fmt: skip


def moved(skeleton: Skeleton, joints: np.ndarray, name: str) -> np.ndarray:
    place = skeleton.rest[skeleton.names.index(name), :, 3]
    return (joints[skeleton.names.index(name)] @ place)[:3]


def test_arms_stand_out_to_the_sides_where_nothing_is_turned(tmp_path: Path) -> None:
    write_smplx(tmp_path, {"22": ring(2, 32)[0], "33": ring(2, 32)[1]}, numbers(), 6)
    capture = open_capture(tmp_path, template())
    skeleton, joints = capture.template.skeleton, capture.frames[0].joints
    shoulder, elbow, hand = (moved(skeleton, joints, f"{name}_l") for name in ("upperarm", "lowerarm", "hand"))
    np.testing.assert_allclose(moved(skeleton, joints, "pelvis"), PELVIS, atol=1e-6)
    for low, high in ((shoulder, elbow), (elbow, hand)):
        np.testing.assert_allclose((high - low) / np.linalg.norm(high - low), (1, 0, 0), atol=1e-5)
    right = moved(skeleton, joints, "hand_r") - moved(skeleton, joints, "upperarm_r")
    np.testing.assert_allclose(right / np.linalg.norm(right), (-1, 0, 0), atol=1e-5)
    assert [frame.held_out for frame in capture.frames] == [False] * 5 + [True]


def test_turns_are_smplx_s_own(tmp_path: Path) -> None:
    """An elbow bent forward about the world's y axis points the forearm ahead, whatever the rest pose; all of it turns
    with the body."""
    given = numbers()
    elbow = given["body_pose"].reshape(6, 21, 3)
    elbow[1, 17] = (0, -np.pi / 2, 0)
    given["global_orient"][1] = (0, 0.5, 0)
    given["transl"][1] = (0.1, 0.2, 0.3)
    write_smplx(tmp_path, {"22": ring(1, 32)[0]}, given, 6)
    capture = open_capture(tmp_path, template())
    skeleton, joints = capture.template.skeleton, capture.frames[1].joints
    forearm = moved(skeleton, joints, "hand_l") - moved(skeleton, joints, "lowerarm_l")
    whole = Rotation.from_rotvec((0, 0.5, 0))
    np.testing.assert_allclose(forearm / np.linalg.norm(forearm), whole.apply((0, 0, 1)), atol=1e-5)
    np.testing.assert_allclose(moved(skeleton, joints, "pelvis"), np.add(PELVIS, (0.1, 0.2, 0.3)), atol=1e-6)
    assert capture.reference != 1


def test_cameras_are_those_of_the_calibration(tmp_path: Path) -> None:
    view = ring(3, 32)[1]
    write_smplx(tmp_path, {"7": view}, numbers(), 6)
    camera = open_capture(tmp_path, template()).cameras[0]
    np.testing.assert_allclose(camera.pose, view.pose, atol=1e-9)
    np.testing.assert_allclose((camera.cx, camera.cy), (16, 16), atol=1e-9)


def test_damage_is_told(tmp_path: Path) -> None:
    write_smplx(tmp_path, {"22": ring(1, 32)[0]}, {**numbers(), "transl": np.zeros((5, 3))}, 6)
    with pytest.raises(CaptureError, match="transl should hold"):
        open_capture(tmp_path, template())
    with pytest.raises(CaptureError, match="--template"):
        open_capture(tmp_path)
    with pytest.raises(CaptureError, match="no joint"):
        open_capture(tmp_path, template_of(person()))
    (tmp_path / "calibration_full.json").write_text('{"22": {"K": [1, 2]}}')
    with pytest.raises(CaptureError, match="calibration"):
        open_capture(tmp_path, template())
