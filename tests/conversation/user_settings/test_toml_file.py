"""Lines of settings, and files that nobody meant to write."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conversation.errors import BrokenSettingsError, SettingsError
from conversation.user_settings import load
from conversation.user_settings.toml_file import parse, read

HERE = Path("visavis.toml")
PIECES = [
    "[llm]", "[llm.server]", "engine", "'", '"', "'''", '"""', "=", ".", "[", "]", "{", "}", ",", "\n", "\r\n", " ",
    "#", "\\", "1", "-", "e9", "nan", "true", "1979-05-27", "threads", "smollm2", "a", "中", "\x00", "`", "$",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = [\n 1,\n", 3),
        ('a = """\nb\n', 2),
        ("\n\na = 1\na = 2\n", 4),
        ("[a]\n[a]\n", 2),
        ("a = 1\n\nb = " + "[" * 3000 + "\n", 3),
        ("a = 1\nb = [\n" + "[\n" * 3000, 3),
        ("a = 1\nb = " + "9" * 5000 + "\nc =\n", 2),
        ("a", 1),
    ],
)
def test_what_is_no_toml_is_told_with_the_line(text: str, line: int) -> None:
    with pytest.raises(BrokenSettingsError) as error:
        parse(text, HERE)
    said = int(str(error.value).split(",")[1].split(":")[0].removeprefix(" line "))
    # How deep is too deep is the parser's to say; it is in the lines that nest.
    assert said == line if "[\n[\n" not in text else line <= said < 3000


def test_every_setting_stands_where_it_begins() -> None:
    text = (
        'a = """\nb = 1\n"""""\nc = [ # ]\n  "]", \'"\', { d = 1 },\n]\n[[e]]\nf = \'\'\'\n[x]\n\'\'\'\n'
        '[ "g.h" . i ] # j\nk = { l.m = "#" }\n\n  n = "\\"[" # "\n'
    )
    content, where = parse(text, HERE)
    assert content["g.h"]["i"]["n"] == '"['
    assert where == {
        ("a",): 1, ("c",): 4, ("e",): 7, ("g.h",): 11, ("g.h", "i"): 11, ("g.h", "i", "k"): 12,
        ("g.h", "i", "k", "l"): 12, ("g.h", "i", "k", "l", "m"): 12, ("g.h", "i", "n"): 14,
    }  # fmt: skip


def test_a_long_text_over_many_lines_takes_no_longer_than_any() -> None:
    text = "[conversation]\npersona = '''" + "\n" * 60_000 + "'''\nvoice = true\n"
    assert parse(text, HERE)[1]["conversation", "voice"] == 60_003


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@example('"` - at `$.llm" = 1')
@example("[llm.server.extra]\na = nan")
@example("llm.server.extra = []")
@example("llm = 1979-05-27")
@example("conversation.persona = 07:32:00")
@example("asr.zipformer.hotwords = ['a', 1]")
@example("'' = 1")
def test_whatever_is_written_is_read_or_told_with_file_and_line(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "fuzzed.toml"
    file.write_bytes(text.encode())
    try:
        loaded = load(file)
    except SettingsError as error:
        line = int(str(error).removeprefix(f"{file}, line ").split(":")[0])
        assert 1 <= line <= text.count("\n") + 1
        return
    assert loaded.origins.keys() >= {"llm.engine"} if "engine" in tomllib.loads(text).get("llm", {}) else True


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_whatever_lies_there_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "bytes.toml"
    file.write_bytes(raw)
    try:
        assert isinstance(read(file)[0], dict)
    except BrokenSettingsError as error:
        assert str(error).startswith(f"{file}, line ")


@settings(max_examples=50, deadline=None)
@given(st.text(), st.integers(0, 5))
def test_a_setting_after_any_text_is_found_in_its_line(text: str, before: int) -> None:
    import tomlkit

    # Written over several lines, with whatever quotes and brackets it holds.
    said = tomlkit.string(text, multiline=True).as_string()
    written = "#\n" * before + f"a = {said}\nb = 1\n"
    assert parse(written, HERE)[1] == {("a",): before + 1, ("b",): before + 2 + said.count("\n")}
