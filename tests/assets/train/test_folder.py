"""Captures in our own layout, whole and damaged."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from PIL import Image

from assets.errors import CaptureError
from assets.train.capture import Capture, Pair, to_linear
from assets.train.folder import read_folder
from assets.train.layouts import open_capture
from assets.train.template import template_of
from tests.assets.train.captures import person, poses, ring, write_capture, write_colmap


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("capture")
    write_capture(path)
    return path


@pytest.fixture(scope="module")
def capture(folder: Path) -> Capture:
    return read_folder(folder)


def test_what_was_written_is_read(capture: Capture) -> None:
    avatar = person()
    joints, expression = poses(avatar, 5)
    assert [camera.name for camera in capture.cameras] == ["c0", "c1", "c2", "c3"]
    np.testing.assert_array_equal(np.stack([frame.joints for frame in capture.frames]), joints)
    np.testing.assert_array_equal(np.stack([frame.expression for frame in capture.frames]), expression)
    np.testing.assert_allclose(capture.cameras[1].pose, ring(4, 40)[1].pose, atol=1e-12)
    assert capture.template.skeleton.names == avatar.skeleton.names
    np.testing.assert_array_equal(capture.template.mesh.vertices, template_of(avatar).mesh.vertices)


def test_what_is_held_out_is_kept_apart(capture: Capture) -> None:
    assert len(capture.pairs()) == 3 * 4
    assert capture.pairs(new_view=True, new_pose=True) == [Pair(3, 4)]
    assert {pair.camera for pair in capture.pairs(new_view=True)} == {3}
    assert not {*capture.pairs()} & {*capture.pairs(new_pose=True)}


def test_a_photo_is_the_person_alone_in_linear_light(folder: Path, capture: Capture) -> None:
    pair = Pair(0, 1)
    photo = capture.photo(pair)
    stored = np.asarray(Image.open(folder / "images" / "c0" / "f1.png")) / 255.0
    linear = np.where(stored <= 0.04045, stored / 12.92, ((stored + 0.055) / 1.055) ** 2.4)
    np.testing.assert_allclose(photo.light, linear, atol=1e-6)
    assert photo.cover.min() == 0 and photo.cover.max() == 1 and (photo.counts == 1).all()
    grey = replace(capture, background=(0.2, 0.2, 0.2)).photo(pair)
    np.testing.assert_allclose(grey.light, np.maximum(linear - 0.2 * (1 - photo.cover)[..., None], 0), atol=1e-6)


def test_where_the_background_is_unknown_edges_do_not_count(capture: Capture) -> None:
    photo = replace(capture, background=None).photo(Pair(0, 1))
    edge = (photo.cover > 0) & (photo.cover < 1)
    assert edge.any() and (photo.counts[edge] == 0).all() and (photo.counts[~edge] == 1).all()


def test_smaller_pictures_are_means_of_light(folder: Path, capture: Capture) -> None:
    small = open_capture(folder, shrink=4)
    pair = Pair(2, 0)
    assert (small.cameras[2].width, small.cameras[2].fx) == (10, capture.cameras[2].fx / 4)
    whole = capture.photo(pair).light
    np.testing.assert_allclose(small.photo(pair).light[3, 4], whole[12:16, 16:20].mean(axis=(0, 1)), atol=1e-6)
    with pytest.raises(CaptureError, match="divides both"):
        open_capture(folder, shrink=3)


def test_cameras_may_come_from_a_reconstruction(tmp_path: Path, folder: Path, capture: Capture) -> None:
    angle = 0.7
    to_avatar = np.eye(4)
    to_avatar[:3, :3] = 2.5 * np.array(
        [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
    )
    to_avatar[:3, 3] = (0.3, -1.0, 2.0)
    views = {f"c{i}/calibration.png": view for i, view in enumerate(ring(4, 40))}
    write_colmap(folder / "sparse" / "0", views, binary=True, to_avatar=to_avatar)
    index = json.loads((folder / "capture.json").read_text())
    index["colmap"] = {"folder": "sparse/0", "to_avatar": to_avatar.tolist(), "held_out": ["c3"]}
    other = tmp_path / "other"
    other.mkdir()
    for path in folder.iterdir():
        (other / path.name).symlink_to(path)
    (other / "capture.json").unlink()
    (other / "capture.json").write_text(json.dumps({**index, "cameras": []}))
    found = open_capture(other)
    for camera, known in zip(found.cameras, capture.cameras, strict=True):
        np.testing.assert_allclose(camera.pose, known.pose, atol=1e-6)
        np.testing.assert_allclose((camera.fx, camera.cy), (known.fx, known.cy), atol=1e-9)
        assert (camera.name, camera.held_out) == (known.name, known.held_out)
    index["colmap"]["folder"] = "../outside"
    (other / "capture.json").write_text(json.dumps(index))
    with pytest.raises(CaptureError, match="outside"):
        open_capture(other)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda index: index.update(format=2), "format 2"),
        (lambda index: index["frames"][0].update(name="../f0"), "letters and digits"),
        (lambda index: index["frames"][1].update(name="f0"), "names of their own"),
        (lambda index: index["cameras"][0].update(width=41), "40 x 40 pixels large, and 41 x 40 were expected"),
        (lambda index: index["cameras"][0].update(width=10**9), "refused"),
        (lambda index: index["cameras"][0].update(fx=-1.0), "refused"),
        (lambda index: index["cameras"][0]["pose"][0].pop(), "not a rotation"),
        (lambda index: index["cameras"][0]["pose"][0].__setitem__(0, 7.0), "not a rotation"),
        (lambda index: [camera.update(held_out=True) for camera in index["cameras"]], "nothing to train on"),
        (lambda index: index.update(reference="f4"), "none of the frames"),
        (lambda index: index.update(joints=index["joints"][:-1]), "skin_joints|joint_parents"),
        (lambda index: index.update(background=[0.1, 0.2]), "no colour"),
        (lambda index: index.update(frames=[]), "should be finite"),
    ],
)
def test_damage_is_told_in_a_sentence(tmp_path: Path, folder: Path, change: object, says: str) -> None:
    index = json.loads((folder / "capture.json").read_text())
    change(index)  # type: ignore[operator]
    for path in folder.iterdir():
        if path.name != "capture.json":
            (tmp_path / path.name).symlink_to(path)
    (tmp_path / "capture.json").write_text(json.dumps(index))
    with pytest.raises(CaptureError, match=says):
        capture = read_folder(tmp_path)
        capture.photo(Pair(0, 0))


def test_damaged_tensors_and_missing_files_are_told(tmp_path: Path, folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            (tmp_path / path.name).symlink_to(path)
        else:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    poses_file = tmp_path / "poses.safetensors"
    good = poses_file.read_bytes()
    poses_file.write_bytes(good[:-7])
    with pytest.raises(CaptureError, match="damaged"):
        read_folder(tmp_path)
    arrays = safetensors.numpy.load(good)
    arrays["joints"][0, 0, 0, 0] = np.nan
    poses_file.write_bytes(safetensors.numpy.save(arrays))
    with pytest.raises(CaptureError, match="finite"):
        read_folder(tmp_path)
    poses_file.unlink()
    with pytest.raises(CaptureError, match="no poses"):
        read_folder(tmp_path)
    with pytest.raises(CaptureError, match="no capture"):
        open_capture(tmp_path / "nowhere")
    poses_file.write_bytes(good)
    (tmp_path / "masks").unlink()
    with pytest.raises(CaptureError, match="missing"):
        read_folder(tmp_path)


def test_every_value_of_srgb_is_decoded() -> None:
    values = np.arange(256, dtype=np.uint8)
    known = {0: 0.0, 10: 10 / 255 / 12.92, 128: 0.21586, 255: 1.0}
    for value, light in known.items():
        assert to_linear(values)[value] == pytest.approx(light, abs=1e-5)
