"""`visavis replay`: what is told, drawn and filmed of a tape."""

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
from tests.xr_app.recording.test_replay import kept, unseen
from xr_app.cli import app
from xr_app.errors import OptionError


def test_a_tape_on_the_command_line(tmp_path: Path) -> None:
    tape, person = tmp_path / "talk.visit", tmp_path / "cloud.avatar"
    avatar = make_cloud(500)
    save(avatar, person, precision="full")
    _, seen = kept(tape, avatar, unseen, 33)
    picture, film = tmp_path / "frame.png", tmp_path / "film.mp4"
    command = ["replay", str(tape), "--avatar", str(person), "--frame", "15", "--picture", str(picture), "--check"]
    done = CliRunner().invoke(app, [*command, "--record", str(film), "--film-size", "64", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout[done.stdout.index("{") :])
    assert told["frames"] == 33 and told["avatar"] == avatar.name and not told["sound"]
    assert told["displays"][0]["eyes"] == ["160 x 90"] and told["check"] == {"alike": 2, "unlike": []}
    np.testing.assert_array_equal(np.asarray(Image.open(picture)), seen[14][0][..., :3])
    probe = subprocess.run(
        ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(film)], check=True, capture_output=True
    )
    assert json.loads(probe.stdout)["streams"][0]["height"] == 64
    with pytest.raises(OptionError):
        CliRunner().invoke(app, ["replay", str(tape), "--frame", "3"], catch_exceptions=False)
    save(make_cloud(500, seed=9), person, precision="full")
    other = CliRunner().invoke(app, ["replay", str(tape), "--avatar", str(person), "--check", "--json"])
    told = json.loads(other.stdout)
    assert other.exit_code == 1 and told["check"]["unlike"] == [31] and "another avatar" in told["remarks"][0]
