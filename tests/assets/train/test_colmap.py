"""Cameras of COLMAP, as text and binary, against projections written from COLMAP's own description."""

from pathlib import Path

import numpy as np
import pytest

from assets.errors import CaptureError
from assets.train.colmap import read_reconstruction
from assets.train.layouts import open_capture
from assets.train.template import template_of
from tests.assets.train.captures import person, ring, write_colmap


@pytest.mark.parametrize("binary", [False, True])
def test_a_point_lands_where_colmap_says(tmp_path: Path, binary: bool) -> None:
    write_colmap(tmp_path, {f"{i}.jpg": v for i, v in enumerate(ring(3, 64))}, binary=binary, to_avatar=np.eye(4))
    (camera, name), *_ = read_reconstruction(tmp_path, np.eye(4))
    assert name == "0.jpg" and camera.name == "0"
    points = np.random.default_rng(0).uniform((-0.3, 1.0, -0.3), (0.3, 1.6, 0.3), (20, 3))
    ours = (points - camera.pose[:3, 3]) @ camera.pose[:3, :3]
    column = camera.cx + camera.fx * ours[:, 0] / -ours[:, 2]
    row = camera.cy - camera.fy * ours[:, 1] / -ours[:, 2]
    view = ring(3, 64)[0]
    turn = np.diag([1, -1, -1]) @ view.pose[:3, :3].T  # to x right, y down, z ahead
    theirs = (points - view.pose[:3, 3]) @ turn.T
    fx, fy, cx, cy = view.intrinsics
    np.testing.assert_allclose(column, cx + fx * theirs[:, 0] / theirs[:, 2], atol=1e-9)
    np.testing.assert_allclose(row, 64 - cy + fy * theirs[:, 1] / theirs[:, 2], atol=1e-9)


def test_someone_who_stood_still_is_a_capture(tmp_path: Path) -> None:
    from PIL import Image

    views = {f"walk/{i}.jpg": view for i, view in enumerate(ring(9, 32))}
    write_colmap(tmp_path / "sparse" / "0", views, binary=True, to_avatar=np.eye(4))
    for name in views:
        for path in (tmp_path / "images" / name, (tmp_path / "masks" / name).with_suffix(".png")):
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("L", (32, 32), 255).save(path)
    with pytest.raises(CaptureError, match="--template"):
        open_capture(tmp_path)
    capture = open_capture(tmp_path, template_of(person()))
    assert len(capture.pairs()) == 8 and len(capture.pairs(new_view=True)) == 1
    assert (capture.frames[0].joints == np.eye(4)).all()
    assert capture.photo(capture.pairs()[0]).cover.all()


def test_lenses_that_bend_light_and_damage_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="no COLMAP"):
        read_reconstruction(tmp_path, np.eye(4))
    write_colmap(tmp_path, {"0.jpg": ring(1, 64)[0]}, binary=False, to_avatar=np.eye(4))
    cameras = tmp_path / "cameras.txt"
    good = cameras.read_text()
    cameras.write_text(good.replace("PINHOLE", "OPENCV"))
    with pytest.raises(CaptureError, match="undistort"):
        read_reconstruction(tmp_path, np.eye(4))
    cameras.write_text(good.replace("PINHOLE 64", "PINHOLE many"))
    with pytest.raises(CaptureError, match="no line of"):
        read_reconstruction(tmp_path, np.eye(4))
    cameras.write_text(good)
    (tmp_path / "images.txt").write_text("1 1 0 0\n")
    with pytest.raises(CaptureError, match="no line of"):
        read_reconstruction(tmp_path, np.eye(4))
    with pytest.raises(CaptureError, match="turn, scale and move"):
        read_reconstruction(tmp_path, np.diag([1.0, 2.0, 1.0, 1.0]))


def test_every_cut_of_a_binary_file_is_refused(tmp_path: Path) -> None:
    write_colmap(tmp_path, {f"{i}.jpg": v for i, v in enumerate(ring(2, 64))}, binary=True, to_avatar=np.eye(4))
    for name in ("cameras.bin", "images.bin"):
        whole = (tmp_path / name).read_bytes()
        for length in range(0, len(whole), 5):
            (tmp_path / name).write_bytes(whole[:length])
            with pytest.raises(CaptureError):
                read_reconstruction(tmp_path, np.eye(4))
        (tmp_path / name).write_bytes((2**60).to_bytes(8, "little") + whole[8:])
        with pytest.raises(CaptureError, match="refused"):
            read_reconstruction(tmp_path, np.eye(4))
        (tmp_path / name).write_bytes(whole)
