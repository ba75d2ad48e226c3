"""`visavis avatar train`, with what it needs and without."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assets.container import load
from assets.errors import TrainError
from assets.progress import SilentProgress
from assets.train import extra
from assets.train.options import TrainOptions
from tests.assets.train.captures import write_capture
from xr_app.cli import app
from xr_app.workshop.training import TrainingJob, train_avatar

NEEDS = pytest.mark.skipif(
    any(find_spec(name) is None for name in extra.NEEDED), reason="the extra `train` is not installed"
)


def test_what_is_missing_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda name: None if name == "torch" else object())
    job = TrainingJob(tmp_path, tmp_path / "her.avatar", tmp_path / "work")
    with pytest.raises(TrainError, match=r"pip install 'visavis\[train\]'"):
        train_avatar(job, TrainOptions(), SilentProgress())


@NEEDS
def test_a_capture_becomes_an_avatar_and_a_broken_training_goes_on(tmp_path: Path) -> None:
    write_capture(tmp_path / "studio")
    words = ["avatar", "train", str(tmp_path / "studio"), "--out", str(tmp_path / "her.avatar"), "--length", "0.005"]
    words += ["--gaussians", "400", "--vertices", "300", "--json"]
    report = told(words)
    assert 300 < report["gaussians"] <= 400 and set(report["measured"]) >= {"new view and pose", "trained on"}
    avatar = load(tmp_path / "her.avatar")
    assert {stage.kind for stage in avatar.stages} >= {"model", "blend"}
    work = tmp_path / "her.training"
    assert json.loads((work / "report.json").read_text()) == report
    assert list(work.glob("*.png")) and (work / "checkpoint.safetensors").exists()
    again = told(words)
    assert again["steps_now"] == 0 and again["measured"] == report["measured"]


def told(words: list[str]) -> dict[str, Any]:
    """The JSON that a command prints."""
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))
