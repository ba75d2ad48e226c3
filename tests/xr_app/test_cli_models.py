"""`visavis models` as a user meets it, with a hub on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assets import catalogue
from assets.errors import DownloadError, ModelError
from tests.assets.hub.conftest import TINY, stocked
from tests.assets.hub.server import HubServer, hub_server
from xr_app.cli import app

RUNNER = CliRunner()


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path))
    monkeypatch.setenv("VISAVIS_LANG", "en")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(catalogue, "DOWNLOADS", (*catalogue.DOWNLOADS, TINY))
    with hub_server() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        monkeypatch.setenv("MODELSCOPE_ENDPOINT", server.address)
        yield stocked(server)


def row(name: str) -> dict[str, object]:
    rows = json.loads(RUNNER.invoke(app, ["models", "list", "--json"]).output)
    return next(row for row in rows if row["name"] == name)


def test_a_model_comes_is_verified_and_goes(hub: HubServer, tmp_path: Path) -> None:
    assert not row("tiny")["ready"]
    got = RUNNER.invoke(app, ["models", "get", "tiny", "--from", "modelscope"])
    assert got.exit_code == 0 and f"{hub.address}/people/tiny@master" in got.stdout.replace("\n", "")
    there = row("tiny")
    assert there["ready"] and there["trust"] == catalogue.FIRST_USE and not there["starter"]
    assert there["source"] == ["huggingface:people/tiny", "modelscope:people/tiny"] and "llm.mnn" in there["sha256"]  # type: ignore[operator]

    assert "sound" in RUNNER.invoke(app, ["models", "verify"]).output
    (tmp_path / "models" / "tiny" / "README.md").write_text("# tinY")
    told = RUNNER.invoke(app, ["models", "verify", "--json"])
    assert told.exit_code == 1
    assert json.loads(told.output) == [{"name": "tiny", "ready": True, "damaged": ["README.md"]}]
    assert "visavis models get tiny" in RUNNER.invoke(app, ["models", "verify"]).output

    assert "removed" in RUNNER.invoke(app, ["models", "remove", "tiny"]).output
    assert not row("tiny")["ready"] and not (tmp_path / "models" / "tiny").exists()


def test_what_is_not_here_is_not_sound(hub: HubServer) -> None:
    told = RUNNER.invoke(app, ["models", "verify", "tiny"])
    assert told.exit_code == 1 and "not here" in told.output


def test_offline_is_one_sentence(hub: HubServer) -> None:
    assert isinstance(RUNNER.invoke(app, ["models", "get", "tiny", "--offline"]).exception, DownloadError)
    assert hub.asked == []


def test_the_starter_models_are_pinned() -> None:
    starter = row("silero-vad")
    assert starter["starter"] and starter["source"] == ["silero-vad 6.2.3"]
    assert starter["sha256"]["silero_vad-6.2.3-py3-none-any.whl"] == catalogue.SILERO_VAD.sha256  # type: ignore[index]


def test_the_table_tells_what_may_be_fetched(hub: HubServer) -> None:
    table = RUNNER.invoke(app, ["models", "list"], env={"COLUMNS": "200"}).output
    assert "tiny" in table and "whisper-base" in table


def test_bench_times_a_model_alone() -> None:
    figures = json.loads(RUNNER.invoke(app, ["models", "bench", "silero-vad", "visavis-a2bs", "--json"]).output)
    assert set(figures) == {"silero-vad", "visavis-a2bs"}
    for model in figures.values():
        assert model["mb"] > 0 and model["load_s"] > 0 and model["rtf"] > 0


def test_bench_of_a_model_without_an_engine_is_refused() -> None:
    assert isinstance(RUNNER.invoke(app, ["models", "bench", "unitalker"]).exception, ModelError)
