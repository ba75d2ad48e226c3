"""`visavis avatar motion`: a sheet and a clip of a rehearsal, in which the avatar moves."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from assets.container import save
from render.measure.cloud import make_cloud
from xr_app.cli import app

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def avatar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("motion") / "probe.avatar"
    save(make_cloud(2000), path, b"")
    return path


def test_a_sheet_shows_twelve_moments_from_two_sides(avatar: Path, tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    done = RUNNER.invoke(
        app, ["avatar", "motion", str(avatar), "--out", str(out), "--state", "speaking", "--size", "64", "--json"]
    )
    facts = json.loads(done.stdout)
    assert (facts["state"], facts["pictures"], facts["seconds"]) == ("speaking", 12, 6.0)
    sheet = np.asarray(Image.open(out)).astype(int)
    assert sheet.shape == (4 * 64, 6 * 64, 3)
    front, side = sheet[:64], sheet[64:128]
    assert np.abs(front - side).mean() > 1
    first, sixth = front[:, :64], front[:, 5 * 64 :]
    assert np.abs(first - sixth).max() > 60  # the arms moved


def test_a_clip_is_as_long_as_asked(avatar: Path, tmp_path: Path) -> None:
    out = tmp_path / "clip.mp4"
    words = ["--seconds", "1", "--begin", "20", "--fps", "10", "--size", "64", "--gaussians", "500"]
    assert RUNNER.invoke(app, ["avatar", "motion", str(avatar), "--out", str(out), *words]).exit_code == 0
    probe = subprocess.run(
        ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(out)], check=True, capture_output=True, text=True
    )
    (video,) = json.loads(probe.stdout)["streams"]
    assert (video["width"], video["height"], int(video["nb_frames"])) == (128, 64, 10)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--out", "clip.gif"], "ends in .mp4 or .png"),
        (["--out", "clip.mp4", "--begin", "60"], "leaves nothing"),
        (["--out", "a.png", "--aim", "knee"], "--aim must be"),
        (["--out", "no/such/folder/a.png", "--size", "16"], "could not be written"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(avatar: Path, words: list[str], reason: str) -> None:
    done = RUNNER.invoke(app, ["avatar", "motion", str(avatar), *words])
    assert done.exit_code == 1
    assert reason in str(done.exception)
