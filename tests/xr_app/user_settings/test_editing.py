"""Settings in an editor: what is not right never becomes the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from conversation.errors import SettingsError
from xr_app.user_settings.editing import edit


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "visavis.toml"


def test_a_new_file_shows_all_settings_and_is_written_once_it_is_right(file: Path) -> None:
    seen: list[str] = []
    saved = iter(["[llm]\nengine = 'smol'\n", "[llm]\nengine = 'server'\n"])
    problems: list[str] = []

    def editor(text: str) -> str:
        seen.append(text)
        return next(saved)

    def again(problem: str) -> bool:
        problems.append(problem)
        assert not file.exists()
        return True

    assert edit(file, editor, again)
    assert "[tts.hibari]\n" in seen[0] and seen[1] == "[llm]\nengine = 'smol'\n"
    assert "line 2: llm.engine is 'smol'" in problems[0]
    assert file.read_text() == "[llm]\nengine = 'server'\n"


@pytest.mark.parametrize("saved", [None, "# as it was\n", "[llm"])
def test_what_is_not_saved_or_given_up_changes_nothing(file: Path, saved: str | None) -> None:
    file.write_text("# as it was\n")
    assert not edit(file, lambda text: saved, lambda problem: False)
    assert file.read_text() == "# as it was\n"


def test_a_broken_file_can_be_mended(file: Path) -> None:
    file.write_text("[llm\n")
    assert edit(file, lambda text: text.replace("[llm", "[llm]"), lambda problem: False)
    assert file.read_text() == "[llm]\n"


def test_what_others_wrote_meanwhile_is_not_lost(file: Path) -> None:
    def editor(text: str) -> str:
        file.write_text("# theirs\n")
        return "# mine\n"

    with pytest.raises(SettingsError, match="changed meanwhile"):
        edit(file, editor, lambda problem: False)
    assert file.read_text() == "# theirs\n"
