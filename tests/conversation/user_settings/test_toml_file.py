"""Writing one setting leaves everything else as it was, or the file untouched."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.errors import SettingsError
from conversation.user_settings import load, save
from conversation.user_settings.toml_file import change

WRITTEN = """\
# What I like.
[conversation]
persona = "Mira"   # from the film

[llm]
engine = "smollm2"
smollm2 = { threads = 2 }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "visavis.toml"
    path.write_text(WRITTEN)
    return path


def test_a_setting_is_changed_and_all_else_stays(file: Path) -> None:
    save(file, "llm.engine", "server")
    save(file, "llm.smollm2.threads", 4)
    assert file.read_text() == WRITTEN.replace('engine = "smollm2"', 'engine = "server"').replace("s = 2", "s = 4")


def test_sections_are_made_where_they_are_missing(tmp_path: Path) -> None:
    file = tmp_path / "new" / "visavis.toml"
    save(file, "tts.hibari.speed", 1.25)
    save(file, "llm.server.url", "http://here")
    save(file, "tts.engine", "hibari")
    loaded = load(file)
    assert loaded.value("tts.hibari.speed") == 1.25 and loaded.value("llm.server.url") == "http://here"
    assert len(loaded.origins) == 3


def test_a_setting_is_taken_out(file: Path) -> None:
    save(file, "conversation.persona", None)
    save(file, "tts.hibari.speed", None)
    assert "persona" not in file.read_text() and "# What I like." in file.read_text()
    assert load(file).value("conversation.persona") == ""


def test_nothing_wrong_is_written(file: Path) -> None:
    with pytest.raises(SettingsError, match=r"Nothing is written: llm.smollm2.threads is 0"):
        save(file, "llm.smollm2.threads", 0)
    with pytest.raises(SettingsError, match="no setting called"):
        save(file, "llm.smollm2.tread", 1)
    assert file.read_text() == WRITTEN and [path.name for path in file.parent.iterdir()] == ["visavis.toml"]


def test_a_wrong_setting_can_be_put_right(file: Path) -> None:
    file.write_text(WRITTEN.replace("threads = 2", "threads = 'two'"))
    save(file, "llm.smollm2.threads", 2)
    assert file.read_text() == WRITTEN


def test_a_write_that_fails_leaves_the_old_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError, match="cannot be written \\(No space left"):
        save(file, "llm.engine", "server")
    assert file.read_text() == WRITTEN and [path.name for path in file.parent.iterdir()] == ["visavis.toml"]


def test_a_link_to_the_file_stays_a_link_and_the_mode_stays(file: Path, tmp_path: Path) -> None:
    file.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    save(link, "llm.engine", "server")
    assert link.is_symlink() and load(file).value("llm.engine") == "server" and file.stat().st_mode & 0o777 == 0o640


@given(st.text())
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    change(file, "conversation.persona", text, lambda content: None)
    assert tomllib.loads(file.read_text(encoding="utf-8"))["conversation"]["persona"] == text
