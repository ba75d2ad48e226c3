"""The commands as a user meets them."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from assets.catalogue import every_model
from assets.container import load
from assets.errors import VisavisError
from tests.assets.importers import writers
from tests.assets.importers.gltf_files import person
from xr_app import doctor
from xr_app.cli import app
from xr_app.texts import language

RUNNER = CliRunner()


@pytest.mark.parametrize("command", [[], ["run"], ["doctor"], ["models", "list"], ["models", "get"],
                                     ["models", "verify"], ["models", "remove"], ["models", "bench"],
                                     ["models", "lora"], ["memory", "show"], ["memory", "forget"], ["memory", "export"],
                                     ["settings", "show"], ["settings", "path"], ["settings", "check"],
                                     ["settings", "set"], ["settings", "devices"], ["settings", "reset"],
                                     ["avatar", "render"], ["avatar", "import"], ["avatar", "capture"],
                                     ["avatar", "train"], ["bench", "training"], ["avatar", "forge"],
                                     ["bench", "render"],
                                     ["bench", "conversation"], ["bench", "scaling"], ["bench", "models"],
                                     ["bench", "culling"], ["bench", "asr"], ["bench", "duplex"],
                                     ["bench", "spatial"], ["bench", "start"]])  # fmt: skip
def test_help_teaches(command: list[str]) -> None:
    result = RUNNER.invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert len(result.output.split()) > 15


def test_models_list_for_machines() -> None:
    listed = json.loads(RUNNER.invoke(app, ["models", "list", "--json"]).output)
    rows = [row for row in listed if row["kind"] == "model"]
    assert [row["name"] for row in rows] == [model.name for model in every_model()]
    assert all(row["source"] and row["bytes"] > 0 and row["licence"] for row in rows)
    assert all(row["ready"] for row in rows if row["starter"])


def test_doctor_tells_what_is_there_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = {line["name"]: line for line in json.loads(RUNNER.invoke(app, ["doctor", "--json"]).output)}
    assert {
        "runtime",
        "simulated",
        "gl",
        "networks",
        "microphone",
        "speaker",
        "avatar",
        "ffmpeg",
        "disk",
    } <= lines.keys()
    assert lines["simulated"]["ok"] and lines["gl"]["ok"] and lines["avatar"]["ok"]

    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path / "empty"))
    result = RUNNER.invoke(app, ["doctor", "--json"])
    assert result.exit_code == 1
    for line in json.loads(result.output):
        assert line["ok"] or line["advice"]
    bare = {line["name"]: line for line in json.loads(result.output)}
    assert not bare["model.hibari"]["ok"] and "models get" in bare["model.hibari"]["advice"]
    assert bare["avatar"]["ok"] and "mira" in bare["avatar"]["found"]


def test_doctor_speaks_chinese(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("VISAVIS_LANG", "zh")
    doctor.show(doctor.examine())
    assert "麦克风" in capsys.readouterr().out


def test_language_follows_the_locale() -> None:
    assert language({"LANG": "zh_CN.UTF-8"}) == "zh"
    assert language({"LANG": "de_DE.UTF-8"}) == "en"
    assert language({"VISAVIS_LANG": "en", "LANG": "zh_CN.UTF-8"}) == "en"
    assert language({}) == "en"


def test_avatar_render_draws_a_person(tmp_path: Path) -> None:
    front, side = tmp_path / "front.png", tmp_path / "side.png"
    facts = json.loads(RUNNER.invoke(app, ["avatar", "render", str(front), "--size", "256", "--json"]).output)
    assert facts["gaussians"] >= 60_000
    assert RUNNER.invoke(app, ["avatar", "render", str(side), "--size", "256", "--angle", "90"]).exit_code == 0
    pictures = [np.asarray(Image.open(path)).astype(int) for path in (front, side)]
    backdrop = pictures[0][0, 0]
    covered = [(np.abs(picture - backdrop).max(axis=2) > 12) for picture in pictures]
    tall, wide = (np.ptp(np.flatnonzero(covered[0].any(axis=axis))) for axis in (1, 0))
    assert 200 < tall < 250  # the whole person is in the picture
    assert 0.2 * tall < wide < 0.7 * tall  # arms at ease
    assert covered[1].sum() < covered[0].sum()  # slimmer from the side


def test_avatar_render_opens_the_mouth(tmp_path: Path) -> None:
    shut, wide = tmp_path / "shut.png", tmp_path / "wide.png"
    common = ["--aim", "face", "--distance", "0.6", "--size", "256"]
    RUNNER.invoke(app, ["avatar", "render", str(shut), *common])
    RUNNER.invoke(app, ["avatar", "render", str(wide), *common, "--expression", "jawOpen=0.7"])
    a, b = (np.asarray(Image.open(path)).astype(int) for path in (shut, wide))
    changed = np.argwhere(np.abs(a - b).max(axis=2) > 25)
    assert len(changed) > 300
    assert changed[:, 0].mean() > 140  # in the lower half of the face
    assert 118 < changed[:, 1].mean() < 138  # in its middle


def test_avatar_render_frames_a_captured_scene(tmp_path: Path) -> None:
    scene, lying, upright = tmp_path / "scene.ply", tmp_path / "lying.png", tmp_path / "upright.png"
    scene.write_bytes(writers.ply(writers.made_up(2000)))
    common = ["avatar", "render", str(scene), "--size", "200", "--angle", "20"]
    facts = json.loads(RUNNER.invoke(app, [*common, "--out", str(upright), "--json"]).output)
    assert (facts["avatar"], facts["gaussians"], facts["file"]) == ("scene", 2000, str(upright))
    assert RUNNER.invoke(app, [*common, "--out", str(lying), "--up", "-z", "--distance", "6"]).exit_code == 0
    pictures = [np.asarray(Image.open(path)).astype(int) for path in (upright, lying)]
    covered = np.abs(pictures[0] - pictures[0][0, 0]).max(axis=2) > 12
    rows, columns = (np.flatnonzero(covered.any(axis=axis)) for axis in (1, 0))
    assert rows[0] > 0 and rows[-1] < 199 and np.ptp(rows) > 120  # all of it, and not small
    assert abs(columns.mean() - 100) < 15 and abs(rows.mean() - 100) < 15
    assert np.abs(pictures[0] - pictures[1]).max() > 60


def test_avatar_render_says_what_it_needs(tmp_path: Path) -> None:
    scene = tmp_path / "scene.ply"
    scene.write_bytes(writers.ply(writers.made_up(20)))
    before = scene.read_bytes()
    for words, reason in (
        ([str(scene)], "name one with --out"),
        ([], "name one with --out"),
        ([str(scene), "--out", str(tmp_path / "a.png"), "--aim", "face"], "needs an avatar with a face"),
        ([str(tmp_path / "b.spz"), "--out", str(tmp_path / "a.png")], "no file at"),
    ):
        assert reason in str(RUNNER.invoke(app, ["avatar", "render", *words]).exception)
    assert scene.read_bytes() == before


def test_bench_render_times_what_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path))
    small = ["bench", "render", "--gaussians", "300", "--size", "64x48", "--frames", "2", "--json"]
    assert json.loads(RUNNER.invoke(app, small).output)["rasteriser"] == "tiles"
    assert json.loads(RUNNER.invoke(app, [*small, "--rasteriser", "quads"]).output)["rasteriser"] == "quads"
    both = json.loads(RUNNER.invoke(app, [*small, "--rasteriser", "both"]).output)
    assert both["rasterisers"].keys() == {"tiles", "quads"}
    assert both["chosen"] in json.loads((tmp_path / "cache" / "choices.json").read_text()).values()


@pytest.mark.parametrize("size", ["64", "64x", "8x64", "64x99999", "64 x 48"])
def test_bench_render_refuses_what_is_no_size(size: str) -> None:
    result = RUNNER.invoke(app, ["bench", "render", "--size", size])
    assert result.exit_code == 2 and "1280x720" in result.output


@pytest.mark.parametrize(
    "extra", [["--stereo"], ["--stages"], ["--avatar", "mira.avatar"], ["--rasteriser", "both"]], ids="".join
)
def test_bench_render_compares_one_picture_of_a_made_up_person(extra: list[str]) -> None:
    result = RUNNER.invoke(app, ["bench", "render", "--peers", "all", *extra])
    assert result.exit_code == 2 and "leave out" in result.output


def test_bench_conversation_knows_its_peers() -> None:
    result = RUNNER.invoke(app, ["bench", "conversation", "--peers", "unreal"])
    assert isinstance(result.exception, VisavisError) and "faster-whisper, llama-cpp-python" in str(result.exception)


def test_bench_conversation_takes_the_engines_of_a_talk() -> None:
    result = RUNNER.invoke(app, ["bench", "conversation", "--asr", "unreal"])
    assert "asr.engine is 'unreal' and must be one of" in str(result.exception)


def test_bench_render_says_what_a_peer_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path))
    for name, sentence in {"spark": "apt-get install chromium", "unreal": "name some of mkkellogg"}.items():
        result = RUNNER.invoke(app, ["bench", "render", "--peers", name])
        assert isinstance(result.exception, VisavisError) and sentence in str(result.exception)


def test_a_rigged_file_is_imported(tmp_path: Path) -> None:
    (tmp_path / "boxer.vrm").write_bytes(person(1).blob())
    out = tmp_path / "boxer.avatar"
    order = ["avatar", "import", str(tmp_path / "boxer.vrm"), "--out", str(out), "--gaussians", "2000", "--name", "Bo"]
    facts = json.loads(RUNNER.invoke(app, [*order, "--json"]).stdout)
    assert facts["name"] == "Bo" and "jawOpen" in facts["expressions"] and facts["bytes"] == out.stat().st_size
    avatar = load(out)
    assert avatar.name == "Bo" and len(avatar.gaussians) == facts["gaussians"]
    assert avatar.provenance["expressions"]["jawOpen"] == {"aa": 1.0}
    refused = RUNNER.invoke(app, ["avatar", "import", str(tmp_path / "boxer.fbx")])
    assert "is of no kind that is read" in str(refused.exception)
