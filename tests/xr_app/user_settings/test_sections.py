"""The app's sections beside the conversation's: composed, documented, and read by somebody."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from conversation.errors import SettingsError
from conversation.user_settings import SCHEMA as CONVERSATION
from conversation.user_settings import Flag, load
from xr_app.user_settings import set_setting, user_settings
from xr_app.user_settings.page import page
from xr_app.user_settings.sections import SCHEMA, SECTIONS, chosen_avatar, voice_key
from xr_app.user_settings.template import template

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path))
    return tmp_path


def test_the_page_is_the_schema() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == page()


def test_every_setting_has_a_meaning_and_bounds() -> None:
    assert all(key.meaning and key.takes and key.right(key.default) for key in SCHEMA.keys)


def test_the_conversation_does_not_know_the_apps_sections(home: Path) -> None:
    assert {key.name for key in CONVERSATION.keys} < {key.name for key in SCHEMA.keys}
    set_setting("avatar.name", "ada")
    assert user_settings().value("avatar.name") == "ada"
    with pytest.raises(SettingsError, match=r"line 1: there is no setting called 'avatar'"):
        load(home / "visavis.toml")


def test_sections_of_the_app_are_read_by_the_app() -> None:
    sources = [path.read_text() for path in (ROOT / "xr_app").rglob("*.py")]
    for name, section in SECTIONS.items():
        for field in section.__struct_fields__:
            assert any(re.search(rf"\b{name}\.{field}\b", source) for source in sources), f"nobody reads {name}.{field}"


def test_a_new_file_sets_nothing_and_shows_all(home: Path) -> None:
    text = template(SCHEMA)
    (home / "visavis.toml").write_text(text)
    assert user_settings().origins == {}
    defaults = re.sub(r"(?m)^#(\w+ = )", r"\1", text)
    (home / "visavis.toml").write_text(defaults)
    loaded = user_settings()
    assert loaded.origins.keys() == {key.name for key in SCHEMA.keys}
    assert all(loaded.value(key.name) == key.default for key in SCHEMA.keys)
    assert max(map(len, text.splitlines())) < 200 and "speed" in tomllib.loads(defaults)["tts"]["hibari"]


def test_who_stands_there_is_a_name_or_a_file() -> None:
    def chosen(name: str) -> Path | None:
        return chosen_avatar(user_settings([Flag("--avatar", "avatar.name", name)]).values)

    assert chosen("") is None and chosen("ada") == Path("ada")
    assert chosen("~/ada.avatar") == Path.home() / "ada.avatar"


def test_the_voice_is_kept_with_the_engine_that_has_it() -> None:
    assert voice_key(user_settings([Flag("--tts", "tts.engine", "kokoro")]).values) == "tts.kokoro.voice"
    assert voice_key(user_settings([Flag("--tts", "tts.engine", "hibari")]).values) is None
