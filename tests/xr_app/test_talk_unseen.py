"""A talk that nobody watches: no runtime, no display; what is left of it is a film."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assets.container import save
from render.measure.cloud import make_cloud

pytestmark = pytest.mark.timeout(120)


def test_a_question_is_answered_into_a_film(tmp_path: Path) -> None:
    question = tmp_path / "question.wav"
    subprocess.run(["flite", "-voice", "rms", "-t", "What is the capital of France?", "-o", str(question)], check=True)
    save(make_cloud(500), tmp_path / "cloud.avatar")
    film, report = tmp_path / "out.mp4", tmp_path / "report.json"
    command = [
        sys.executable, "-c", "from xr_app.cli import main; main()", "run", "--headset", "none",
        "--avatar", str(tmp_path / "cloud.avatar"), "--hear", str(question), "--eye-size", "64",
        "--record", str(film), "--film-size", "512", "--report", str(report),
    ]  # fmt: skip
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment["XR_RUNTIME_JSON"] = str(tmp_path / "no_runtime.json")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    said = json.loads(report.read_text())
    (turn,) = said["turns"]
    assert "capital of france" in turn["heard"].lower() and len(turn["said"].split()) >= 2
    assert 0 < said["start_ms"]["first_picture"] < said["start_ms"]["listening"]
    assert said["runtime"]["name"] == "none" and said["film"]["width"] == 910
    probe = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "stream=codec_type,width", "-of", "json", str(film)],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    streams = {stream["codec_type"]: stream for stream in json.loads(probe)["streams"]}
    assert streams["video"]["width"] == 910 and "audio" in streams
