"""`visavis memory` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assets.paths import memory_file
from conversation.history.memory import Exchange, Memory
from xr_app.cli import app
from xr_app.errors import OptionError

RUNNER = CliRunner()


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Memory:
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path))
    monkeypatch.setenv("VISAVIS_LANG", "en")
    memory = Memory(memory_file())
    memory.record(Exchange(1000.0, "Hello?", "Hi [bold]there[/bold].", 1001.0, 1002.0, 1003.0))
    memory.remember("my cat is [red]")
    memory.remember("我喜欢喝茶")
    return memory


def test_show_tells_what_is_there(memory: Memory) -> None:
    shown = RUNNER.invoke(app, ["memory", "show"]).output
    assert "1. my cat is [red]\n2. 我喜欢喝茶\n" in shown and "2 facts, 1 questions" in shown
    content = json.loads(RUNNER.invoke(app, ["memory", "show", "--json"]).output)
    assert content["facts"][1]["text"] == "我喜欢喝茶" and content["exchanges"][0]["question"] == "Hello?"
    assert content["file"] == str(memory.path)


def test_one_fact_is_forgotten(memory: Memory) -> None:
    assert RUNNER.invoke(app, ["memory", "forget", "--fact", "1"]).exit_code == 0
    assert [fact.text for fact in memory.facts()] == ["我喜欢喝茶"]
    assert isinstance(RUNNER.invoke(app, ["memory", "forget", "--fact", "1"]).exception, OptionError)


def test_everything_is_forgotten_once_the_user_says_so(memory: Memory) -> None:
    assert RUNNER.invoke(app, ["memory", "forget"], input="n\n").exit_code == 1
    assert memory.path.exists()
    assert RUNNER.invoke(app, ["memory", "forget", "--yes"]).exit_code == 0
    assert not memory.path.exists()
    assert "0 facts" in RUNNER.invoke(app, ["memory", "show"]).output


@pytest.mark.parametrize("ending", ["txt", "md", "json", "srt"])
def test_export_writes_each_form(memory: Memory, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"talk.{ending}"
    assert RUNNER.invoke(app, ["memory", "export", str(file)]).exit_code == 0
    assert "Hello?" in file.read_text("utf-8")


def test_export_says_what_it_cannot_do(memory: Memory, tmp_path: Path) -> None:
    for name in ("talk.pdf", "talk", "nowhere/talk.txt"):
        assert isinstance(RUNNER.invoke(app, ["memory", "export", str(tmp_path / name)]).exception, OptionError)
