"""`visavis settings`, and settings as flags of `visavis run`, as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assets.errors import VisavisError
from conversation.errors import SettingsError
from xr_app import reading, talk
from xr_app.cli import app
from xr_app.errors import OptionError
from xr_app.surroundings.asked import USUAL, Asked
from xr_app.surroundings.light import RoomLight
from xr_app.talk_options import TalkOptions

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VISAVIS_HOME", str(tmp_path))
    monkeypatch.setenv("VISAVIS_LANG", "en")
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[TalkOptions]:
    """What `visavis run` would have begun with."""
    options: list[TalkOptions] = []

    def keep(given: TalkOptions, **_: object) -> None:
        options.append(given)
        raise VisavisError("enough")

    monkeypatch.setattr(talk, "talk", keep)
    monkeypatch.setattr(reading, "Reading", lambda name: None)  # whoever is asked for need not be there
    monkeypatch.setattr("xr_app.runtime.relaunch.relaunch_for_simulated_headset", lambda **_: None)
    return options


def settings(*arguments: str) -> str:
    result = RUNNER.invoke(app, ["settings", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_a_setting_is_written_shown_checked_and_taken_back(home: Path) -> None:
    assert settings("path").strip() == str(home / "visavis.toml")
    assert "no file" in settings("check")
    settings("set", "llm.smollm2.threads", "2")
    shown = json.loads(settings("show", "--json"))
    row = next(row for row in shown["settings"] if row["key"] == "llm.smollm2.threads")
    assert (row["value"], row["from"], row["default"]) == (2, "line 2", 1)
    assert row["takes"] == "a whole number from 1 to 64" and row["means"].startswith("Threads")
    assert "line 2" in settings("show") and "1 settings" in settings("check")
    settings("reset", "llm.smollm2.threads")
    assert "threads" not in (home / "visavis.toml").read_text()


def test_a_wrong_file_is_told_by_all_who_read_it(home: Path) -> None:
    (home / "visavis.toml").write_text("[llm]\nengine = 'smol'\n")
    for command in (["settings", "check"], ["settings", "show"], ["models", "list"], ["run", "--hear", "no.wav"]):
        assert isinstance(RUNNER.invoke(app, command).exception, SettingsError)
    lines = json.loads(RUNNER.invoke(app, ["doctor", "--json"]).output)
    line = next(line for line in lines if line["name"] == "settings")
    assert not line["ok"] and "line 2" in line["advice"]


def test_one_setting_or_one_section_is_shown(home: Path) -> None:
    settings("set", "conversation.persona", "A pirate, 甲.")
    assert settings("get", "conversation.persona") == "A pirate, 甲.\n"
    assert settings("get", "conversation.persona", "--json") == '"A pirate, 甲."\n'
    assert settings("get", "llm.smollm2.exact") == "false\n"
    rows = json.loads(settings("show", "llm.server", "--json"))["settings"]
    assert rows and all(row["key"].startswith("llm.server.") for row in rows)
    with pytest.raises(SettingsError, match=r"did you mean audio"):
        settings("show", "adio")


def test_the_page_is_printed() -> None:
    assert settings("page").startswith("# Settings\n")


@pytest.mark.parametrize(("written", "says"), [("[llm]\nengine = 'server'\n", "written"), ("[llm", "Edit it again?")])
def test_the_file_is_edited(home: Path, monkeypatch: pytest.MonkeyPatch, written: str, says: str) -> None:
    (home / "new").write_text(written)
    monkeypatch.setenv("VISUAL", f"cp {home / 'new'}")
    result = RUNNER.invoke(app, ["settings", "edit"], input="n\n")
    assert says in result.output and (home / "visavis.toml").exists() == (says == "written")


def test_an_editor_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "/no/such/editor")
    with pytest.raises(OptionError, match="set VISUAL"):
        settings("edit")


def test_half_a_file_is_told_and_a_talk_starts_with_what_was_right(home: Path, asked: list[TalkOptions]) -> None:
    settings("set", "conversation.persona", "A pirate.")
    (home / "visavis.toml").write_text("[conversation]\npersona = 'A p")
    result = RUNNER.invoke(app, ["run"])
    assert asked[0].settings.persona == "A pirate." and result.stderr.count("\n") == 1
    assert "visavis.toml, line 2: this is not TOML" in result.stderr
    with pytest.raises(SettingsError, match="line 2"):
        settings("check")
    assert "visavis.toml.broken" in settings("set", "conversation.max_tokens", "50")
    assert "2 settings" in settings("check")


def test_the_avatar_is_a_setting(home: Path, asked: list[TalkOptions]) -> None:
    settings("set", "avatar.name", "ada")
    for flags in ([], ["--avatar", "eve"], ["--set", "avatar.name="]):
        RUNNER.invoke(app, ["run", *flags])
    assert [options.avatar for options in asked] == [Path("ada"), Path("eve"), None]
    lines = {line["name"]: line for line in json.loads(RUNNER.invoke(app, ["doctor", "--json"]).output)}
    assert not lines["avatar"]["ok"] and "settings reset avatar.name" in lines["avatar"]["advice"]


def test_room_and_rate_are_settings(asked: list[TalkOptions]) -> None:
    RUNNER.invoke(app, ["run"])
    settings("set", "room.passthrough", "false")
    settings("set", "display.refresh_rate", "90")
    RUNNER.invoke(app, ["run"])
    settings("set", "room.temperature", "2700")
    settings("set", "room.estimate", "false")
    RUNNER.invoke(app, ["run", "--set", "room.brightness=0.5"])
    rooms = [USUAL, Asked(see_through=False), Asked(False, RoomLight(0.5, 2700.0), estimate=False)]
    assert [options.room for options in asked] == rooms
    assert [options.refresh_rate for options in asked] == [None, 90.0, 90.0]
    with pytest.raises(SettingsError, match='must be one of 72, 80, 90, 120, "auto"'):
        settings("set", "display.refresh_rate", "91")


def test_models_list_tells_of_engines(home: Path) -> None:
    settings("set", "llm.engine", "server")
    rows = json.loads(RUNNER.invoke(app, ["models", "list", "--json"]).output)
    engines = {(row["stage"], row["name"]): row for row in rows if row["kind"] == "engine"}
    assert engines["llm", "server"]["chosen"] and engines["llm", "server"]["missing"] == ["llm.server.url"]
    assert engines["asr", "whisper"]["missing"] == ["whisper-base"]
    assert not engines["llm", "smollm2"]["chosen"]
    settings("set", "llm.server.url", "http://here:1/v1")
    assert "chosen" in RUNNER.invoke(app, ["models", "list"]).output


def test_doctor_needs_the_models_that_are_in_use(home: Path) -> None:
    settings("set", "llm.engine", "server")
    settings("set", "llm.server.url", "http://here:1/v1")
    lines = {line["name"]: line for line in json.loads(RUNNER.invoke(app, ["doctor", "--json"]).output)}
    assert "server" in lines["settings"]["found"]
    assert not lines["model.smollm2-135m"]["needed"] and lines["model.whisper-base"]["needed"]


def test_a_language_model_in_a_folder_is_looked_at(home: Path) -> None:
    settings("set", "llm.engine", "mnn")
    settings("set", "llm.mnn.model", str(home / "mine"))
    (home / "mine").mkdir()
    lines = {line["name"]: line for line in json.loads(RUNNER.invoke(app, ["doctor", "--json"]).output)}
    assert not lines["llm.mnn.model"]["ok"] and "config.json is missing" in lines["llm.mnn.model"]["advice"]
    rows = {row["name"]: row for row in json.loads(RUNNER.invoke(app, ["models", "list", "--json"]).output)}
    assert not rows[str(home / "mine")]["ready"] and rows["mnn"]["chosen"]
    assert "your own language model" in RUNNER.invoke(app, ["models", "list"], env={"COLUMNS": "250"}).output


def test_devices_are_listed_and_looked_for_by_name(home: Path) -> None:
    assert set(json.loads(settings("devices", "--json"))) == {"microphone", "speaker"}
    assert "audio.speaker" in settings("devices")
    settings("set", "audio.microphone", "no such thing")
    lines = {line["name"]: line for line in json.loads(RUNNER.invoke(app, ["doctor", "--json"]).output)}
    assert not lines["microphone"]["ok"] and not lines["sherpa_mnn"]["needed"]


def test_flags_hold_for_one_talk(asked: list[TalkOptions]) -> None:
    settings("set", "conversation.persona", "A pirate.")
    flags = ["--llm-url", "http://here:1/v1", "--llm-model", "big", "--set", "tts.hibari.speed=1.5"]
    RUNNER.invoke(app, ["run", *flags])
    (options,) = asked
    spec = options.settings.engines.language_model
    assert spec.options["url"] == "http://here:1/v1" and spec.options["model"] == "big"
    assert options.settings.engines.synthesiser.options["speed"] == 1.5
    assert options.settings.persona == "A pirate."


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--llm", "bla"], "--llm: llm.engine is 'bla'"),
        (["--llm", "server"], "has no address"),
        (["--llm", "mnn"], "No language model is named"),
        (["--llm-url", "ftp://x"], "--llm-url: llm.server.url"),
        (["--llm-model", "big"], "one model only"),
        (["--set", "llm.engine"], "KEY=VALUE"),
        (["--set", "a.b=1"], "no setting called 'a.b'"),
    ],
)
def test_wrong_flags_are_told(flags: list[str], says: str) -> None:
    error = RUNNER.invoke(app, ["run", *flags]).exception
    assert isinstance(error, SettingsError | OptionError) and says in str(error)
