"""`visavis avatar sheet`: every picture of a sheet shows what it is there for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner

from assets.arkit import INDEX
from assets.container import save
from render.measure.cloud import make_cloud
from xr_app.cli import app
from xr_app.workshop.contact_sheet import FACES, weights

RUNNER = CliRunner()
SIZE = 96


def drawn(folder: Path, show: str) -> NDArray[np.int64]:
    out = folder / "sheet.png"
    done = RUNNER.invoke(
        app,
        ["avatar", "sheet", "--out", str(out), "--show", show, "--size", str(SIZE), "--gaussians", "20000", "--json"],
    )
    assert json.loads(done.stdout)["sheet"] == show
    return np.asarray(Image.open(out)).astype(int)


@pytest.mark.parametrize(("show", "wide"), [("views", SIZE // 2), ("heads", SIZE)])
def test_six_sides_are_six_pictures(tmp_path: Path, show: str, wide: int) -> None:
    sheet = drawn(tmp_path, show)
    assert sheet.shape == (SIZE, 6 * wide, 3)
    sides = np.split(sheet, 6, axis=1)
    for a in range(6):
        for b in range(a):
            assert np.abs(sides[a] - sides[b]).mean() > 2, (a, b)


def test_each_expression_has_a_face_of_its_own(tmp_path: Path) -> None:
    faces = np.split(drawn(tmp_path, "expressions"), len(FACES), axis=1)
    assert all(np.abs(a - b).max() > 25 for k, a in enumerate(faces) for b in faces[:k])


def test_nearer_pictures_show_more_of_the_same(tmp_path: Path) -> None:
    near, middle, far = np.split(drawn(tmp_path, "distances"), 3, axis=1)
    backdrop = far[0, 0]
    filled = [np.mean(np.abs(picture - backdrop).max(axis=2) > 12) for picture in (near, middle, far)]
    assert filled[0] > filled[2] and filled[1] > filled[2]


def test_a_star_means_both_sides() -> None:
    smile = weights("smiling")
    assert smile[INDEX["mouthSmileLeft"]] == smile[INDEX["mouthSmileRight"]] == np.float32(0.75)
    assert not weights("").any()
    assert all(weights(face).any() for face in FACES)


@pytest.mark.parametrize(
    ("out", "reason"), [("sheet.mp4", "is no picture"), ("no/such/folder/sheet.png", "could not be written")]
)
def test_what_cannot_be_written_is_said(tmp_path: Path, out: str, reason: str) -> None:
    done = RUNNER.invoke(app, ["avatar", "sheet", "--out", str(tmp_path / out), "--size", "16", "--gaussians", "5000"])
    assert reason in str(done.exception)


def test_a_scene_is_no_person(tmp_path: Path) -> None:
    cloud = make_cloud(500)
    cloud.mesh.shapes[:] = 0
    save(cloud, tmp_path / "scene.avatar", b"")
    done = RUNNER.invoke(app, ["avatar", "sheet", str(tmp_path / "scene.avatar"), "--out", str(tmp_path / "a.png")])
    assert "has no face" in str(done.exception)
