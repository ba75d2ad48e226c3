"""Captures of avatars: what the studio writes, and the folds that a training has to find."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from assets.avatar import Avatar, rest_places
from assets.container import save
from assets.progress import SilentProgress
from assets.train.folder import read_folder
from render.measure.cloud import make_cloud
from render.offscreen import render_image
from xr_app.cli import app
from xr_app.errors import OptionError
from xr_app.workshop.capture import StudioOptions, make_capture, view_of
from xr_app.workshop.exercise import exercise
from xr_app.workshop.folds import DEPTH_M, SWAY_M, Folds

OPTIONS = StudioOptions(cameras=4, size=48, frames=6, seed=3)


@pytest.fixture(scope="module")
def person() -> Avatar:
    return make_cloud(3000)


def bent(person: Avatar, joint: str, degrees: float) -> np.ndarray:
    rotations = np.zeros((len(person.skeleton.names), 4), np.float32)
    rotations[:, 0] = 1
    half = math.radians(degrees) / 2
    rotations[person.skeleton.names.index(joint)] = (math.cos(half), 0, math.sin(half), 0)
    return rotations


def test_pictures_are_what_the_renderer_draws_there(person: Avatar, tmp_path: Path) -> None:
    make_capture(person, tmp_path, replace(OPTIONS, folds=False), SilentProgress())
    capture = read_folder(tmp_path)
    assert [camera.held_out for camera in capture.cameras] == [False, False, True, False]
    assert [frame.held_out for frame in capture.frames] == [False] * 4 + [True, False]
    for pair in (capture.pairs()[0], capture.pairs(new_view=True, new_pose=True)[0]):
        frame, camera = capture.frames[pair.frame], capture.cameras[pair.camera]
        drawn = render_image(
            person, view_of(camera), expression=frame.expression, joints=frame.joints, background=(0, 0, 0, 1)
        )
        stored = np.asarray(Image.open(capture.pictures[pair].image), int)
        assert np.abs(stored - drawn[..., :3]).max() <= 1 and stored.max() > 40
        assert 0.05 < capture.photo(pair).cover.mean() < 0.7


def test_folds_are_there_when_a_joint_bends(person: Avatar) -> None:
    folds = Folds(person)
    still = folds.folded(bent(person, "lowerarm_l", 0))
    np.testing.assert_allclose(still.mesh.vertices, person.mesh.vertices, atol=1e-6)
    np.testing.assert_allclose(still.gaussians.sh, person.gaussians.sh, atol=1e-5)
    folded = folds.folded(bent(person, "lowerarm_l", 70))
    moved = np.linalg.norm(folded.mesh.vertices - person.mesh.vertices, axis=1)
    assert 0.4 * DEPTH_M < moved.max() <= DEPTH_M + 2 * SWAY_M
    elbow = person.skeleton.rest[person.skeleton.names.index("lowerarm_l"), :3, 3]
    far = np.linalg.norm(person.mesh.vertices - elbow, axis=1) > 0.4
    assert moved[far].max() < 1e-3
    before, after = (0.5 + 0.28209479 * a.gaussians.sh[:, 0] for a in (person, folded))
    assert (after <= before.clip(0) + 1e-5).all() and (after < 0.8 * before).any()
    places = rest_places(person.mesh, person.gaussians)
    assert np.abs(after - before)[np.linalg.norm(places - elbow, axis=1) > 0.4].max() < 1e-3


def test_folds_travel_as_the_joint_turns(person: Avatar) -> None:
    """They are no fixed shape that grows: what two bends have in common explains little of a third."""
    folds = Folds(person)
    shapes = [
        (folds.folded(bent(person, "lowerarm_l", d)).mesh.vertices - person.mesh.vertices).ravel()
        for d in (40, 70, 100)
    ]
    basis = np.stack(shapes[:1], 1)
    rest = shapes[2] - basis @ np.linalg.lstsq(basis, shapes[2], rcond=None)[0]
    assert np.linalg.norm(rest) > 0.3 * np.linalg.norm(shapes[2])


def test_heads_and_hands_have_no_folds(person: Avatar) -> None:
    rotations = bent(person, "spine_03", 30)
    folded = Folds(person).folded(rotations)
    names = person.skeleton.names
    bare = np.isin(person.mesh.skin_joints[:, 0], [names.index(n) for n in ("head", "hand_l", "hand_r")])
    only = bare & (person.mesh.skin_weights[:, 0] > 0.999)
    assert only.any()
    np.testing.assert_array_equal(folded.mesh.vertices[only], person.mesh.vertices[only])


def test_poses_begin_at_rest_and_fill_the_range(person: Avatar) -> None:
    rotations, expression = exercise(person.skeleton.names, person.expressions, 40, seed=1)
    assert (rotations[0] == (1, 0, 0, 0)).all() and not expression[0].any()
    np.testing.assert_allclose(np.linalg.norm(rotations, axis=2), 1, atol=1e-5)
    elbow = 2 * np.degrees(np.arccos(rotations[1:, person.skeleton.names.index("lowerarm_l"), 0]))
    assert elbow.min() < 8 and elbow.max() > 77
    assert len(np.unique(rotations[1:].reshape(39, -1), axis=0)) == 39
    again, _ = exercise(person.skeleton.names, person.expressions, 40, seed=1)
    np.testing.assert_array_equal(rotations, again)


def test_a_scene_has_nothing_to_move(person: Avatar, tmp_path: Path) -> None:
    names = ("root", *(f"joint{i}" for i in range(1, len(person.skeleton.names))))
    scene = replace(person, skeleton=replace(person.skeleton, names=names))
    with pytest.raises(OptionError, match="no skeleton with a head"):
        make_capture(scene, tmp_path, OPTIONS, SilentProgress())


def test_the_command_writes_a_capture(person: Avatar, tmp_path: Path) -> None:
    save(person, tmp_path / "cloud.avatar")
    words = ["avatar", "capture", "--avatar", str(tmp_path / "cloud.avatar"), "--out", str(tmp_path / "studio")]
    result = CliRunner().invoke(app, [*words, "--cameras", "2", "--size", "32", "--frames", "3"])
    assert result.exit_code == 0, result.output
    capture = read_folder(tmp_path / "studio")
    assert (len(capture.cameras), len(capture.frames), capture.cameras[0].width) == (2, 3, 32)
