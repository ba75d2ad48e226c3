"""Writing one setting leaves everything else as it was, or the file untouched."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversation.errors import BrokenSettingsError, SettingsError
from conversation.user_settings import SCHEMA, Key, load, load_last_right, save
from conversation.user_settings.changed_text import as_toml
from conversation.user_settings.toml_file import backup
from conversation.user_settings.writing import change, replace

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
    assert file.read_text() == WRITTEN and beside(file) == {"visavis.toml"}


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
    assert file.read_text() == WRITTEN and beside(file) == {"visavis.toml"}


def test_a_link_to_the_file_stays_a_link_and_the_mode_stays(file: Path, tmp_path: Path) -> None:
    file.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    save(link, "llm.engine", "server")
    assert link.is_symlink() and load(file).value("llm.engine") == "server" and file.stat().st_mode & 0o777 == 0o640


def beside(file: Path) -> set[str]:
    return {path.name for path in file.parent.iterdir() if not path.name.endswith(".lock")}


@settings(max_examples=30, deadline=None)
@given(st.text())
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    change(file, "conversation.persona", text, lambda content, where: None)
    assert tomllib.loads(file.read_text(encoding="utf-8"))["conversation"]["persona"] == text


def test_windows_lines_stay(file: Path) -> None:
    file.write_bytes(WRITTEN.replace("\n", "\r\n").encode())
    save(file, "llm.engine", "server")
    assert file.read_bytes() == WRITTEN.replace('"smollm2"', '"server"').replace("\n", "\r\n").encode()


def test_what_else_is_wrong_in_the_file_is_named_with_its_line(file: Path) -> None:
    file.write_text(WRITTEN.replace("threads = 2", "threads = 'two'"))
    with pytest.raises(SettingsError, match=r"toml, line 7: llm.smollm2.threads is 'two'"):
        save(file, "llm.engine", "server")


def test_what_no_terminal_can_write_is_refused(file: Path) -> None:
    with pytest.raises(SettingsError, match=r"Nothing is written: conversation\.persona"):
        save(file, "conversation.persona", b"\xff".decode(errors="surrogateescape"))
    assert file.read_text() == WRITTEN


def test_the_last_right_file_is_kept(file: Path) -> None:
    assert load_last_right(file).told == "" and backup(file).read_text() == WRITTEN
    save(file, "llm.engine", "server")
    assert backup(file).read_text() == file.read_text() != WRITTEN
    file.write_text(WRITTEN + "[tts]\nengine = 'nobody'\n")
    with pytest.raises(SettingsError, match="line 9"):
        load_last_right(file)
    assert "nobody" not in backup(file).read_text()


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (WRITTEN[:-20].encode(), "line 7: this is not TOML"),
        (b"\0" * 300, "line 1: this is not TOML"),
        (b"", "line 1: the file is empty"),
        (b"[llm]\nengine = '\xe4\xb8", "line 2: this is not UTF-8"),
        (b"#" * 70_000, "larger than 64 kB"),
    ],
)
def test_half_a_file_is_told_and_the_last_right_one_holds(file: Path, broken: bytes, says: str) -> None:
    load_last_right(file)
    file.write_bytes(broken)
    loaded = load_last_right(file)
    assert says in loaded.told and loaded.told.count(". ") == 0 and loaded.value("conversation.persona") == "Mira"
    assert file.read_bytes() == broken and backup(file).read_text() == WRITTEN
    with pytest.raises(BrokenSettingsError, match=says):
        load(file)

    told = save(file, "llm.engine", "server")
    assert says in told and "visavis.toml.broken" in told
    assert (file.parent / "visavis.toml.broken").read_bytes() == broken
    assert file.read_text() == WRITTEN.replace('engine = "smollm2"', 'engine = "server"') and not load(file).told
    file.write_bytes(broken)
    save(file, "llm.engine", "server")
    assert beside(file) == {"visavis.toml", "visavis.toml.bak", "visavis.toml.broken", "visavis.toml.broken1"}


def test_half_a_file_stays_where_a_wrong_setting_is_refused(file: Path) -> None:
    load_last_right(file)
    file.write_text("[llm")
    with pytest.raises(SettingsError, match="Nothing is written"):
        save(file, "llm.engine", "nobody")
    assert file.read_text() == "[llm" and beside(file) == {"visavis.toml", "visavis.toml.bak"}


def test_half_a_file_with_nothing_right_beside_it_is_refused(file: Path) -> None:
    for left in (None, "[also broken"):
        if left:
            backup(file).write_text(left)
        file.write_text("[llm")
        for attempt in (lambda: load_last_right(file), lambda: save(file, "llm.engine", "server")):
            with pytest.raises(BrokenSettingsError, match=r"visavis\.toml, line 1"):
                attempt()
        assert file.read_text() == "[llm"


def test_an_edited_text_takes_the_place_of_the_one_that_was_read_alone(file: Path) -> None:
    replace(file, "# new\n", file.read_bytes())
    with pytest.raises(SettingsError, match="changed meanwhile"):
        replace(file, "# newer\n", WRITTEN.encode())
    assert file.read_text() == "# new\n"


def test_who_waits_too_long_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from filelock import FileLock

    monkeypatch.setattr("conversation.user_settings.writing.PATIENCE_S", 0.0)
    with FileLock(file.parent / ".visavis.toml.lock"), pytest.raises(SettingsError, match="by another program"):
        save(file, "llm.engine", "server")


def test_two_processes_lose_nothing_of_each_other(file: Path) -> None:
    program = """
import sys
from pathlib import Path
from conversation.user_settings import load, save
file, name = Path(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
for number in range(1, 16):
    save(file, name, number)
    assert load(file).value(name) == number
"""
    names = ["llm.smollm2.threads", "asr.whisper.threads"]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(file), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for name in names
    ]
    for writer in writers:
        assert writer.stdout and writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    loaded = load(file)
    assert [loaded.value(name) for name in names] == [15, 15] and loaded.value("conversation.persona") == "Mira"
    assert "# What I like." in file.read_text() and "# from the film" in file.read_text()


VALUES = st.one_of(
    st.booleans(), st.integers(-5, 5000), st.floats(-1, 5), st.text(max_size=9), st.lists(st.text(max_size=3))
)
FILES = st.lists(st.sampled_from(SCHEMA.keys), max_size=4, unique_by=lambda key: key.name)


@settings(max_examples=60, deadline=None)
@given(FILES, st.sampled_from(SCHEMA.keys), VALUES, st.sampled_from(["dotted", "tables", "inline"]))
def test_one_setting_is_changed_or_nothing(
    tmp_path_factory: pytest.TempPathFactory, there: list[Key], key: Key, value: object, style: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "fuzzed.toml"
    file.write_text("# mine\n" + written(there, style), encoding="utf-8")
    before = load(file)
    try:
        save(file, key.name, value)
    except SettingsError:
        assert load(file) == before
        return
    after = load(file)
    assert file.read_text(encoding="utf-8").startswith("# mine\n")
    assert after.value(key.name) == value
    others = [one.name for one in SCHEMA.keys if one.name != key.name]
    assert all(after.value(name) == before.value(name) for name in others)


def written(keys: list[Key], style: str) -> str:
    """A file that says the defaults of these, in one of the ways that TOML has."""
    if style == "dotted":
        return "".join(f"{key.name} = {value(key)} # of {key.name}\n" for key in keys)
    tables: dict[str, list[str]] = {}
    for key in keys:
        table, _, name = key.name.rpartition(".")
        tables.setdefault(table, []).append(f"{name} = {value(key)}")
    if style == "inline":
        # A table that stands in one line takes no others below it.
        whole = [name for name in tables if not any(other.startswith(f"{name}.") for other in tables)]
        return "".join(f"{name} = {{ {', '.join(tables[name])} }}\n" for name in whole)
    return "".join(f"# of {name}\n[{name}]\n" + "\n".join(lines) + "\n\n" for name, lines in tables.items())


def value(key: Key) -> str:
    return as_toml(key.default)
