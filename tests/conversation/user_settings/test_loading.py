"""visavis.toml as people write it: right, wrong, and wrong in a way that must be told with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conversation.errors import SettingsError
from conversation.settings import SYSTEM_PROMPT
from conversation.user_settings import SCHEMA, Flag, load, parsed


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "visavis.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def told(folder: Path, text: str | bytes) -> str:
    with pytest.raises(SettingsError) as error:
        load(written(folder, text))
    message = str(error.value)
    assert str(folder / "visavis.toml") in message
    return message


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    loaded = load(tmp_path / "visavis.toml")
    assert all(loaded.value(key.name) == key.default for key in SCHEMA.keys)
    assert loaded.origins == {} and loaded.value("conversation.system_prompt") == SYSTEM_PROMPT


def test_what_the_file_says_holds_and_says_where_it_stands(tmp_path: Path) -> None:
    text = (
        "# mine\n[conversation]\npersona = '''\nYou are Mira.\n[not a section]\n'''\nmax_tokens = 200\n\n"
        "[llm]\nengine = \"server\"\n[llm.server]\nextra = { a = [\n1,\n2] }\nurl = 'http://here:1/v1'\n"
    )
    loaded = load(written(tmp_path, text))
    assert loaded.value("conversation.persona") == "You are Mira.\n[not a section]\n"
    assert loaded.value("llm.server.extra") == {"a": [1, 2]}
    assert loaded.origins == {
        "conversation.persona": "line 3",
        "conversation.max_tokens": "line 7",
        "llm.engine": "line 10",
        "llm.server.extra": "line 12",
        "llm.server.url": "line 15",
    }
    assert loaded.value("tts.hibari.speed") == 1.0


def test_dotted_names_and_windows_files_are_read(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, b"\xef\xbb\xbf# a\r\nllm.smollm2.threads = 3\r\n"))
    assert loaded.value("llm.smollm2.threads") == 3 and loaded.origins == {"llm.smollm2.threads": "line 2"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("\n\n[llm]\nengine = 'smol'\n", r"line 4: llm.engine is 'smol' and must be one of .*\"smollm2\""),
        ("[llm.smollm2]\n# two\nthreads = 0\n", r"line 3: llm.smollm2.threads is 0 and must be a whole number from 1"),
        ("[llm.smollm2]\nthreads = true\n", r"line 2: .*threads is True and must be a whole number"),
        ("[tts.hibari]\nspeed = nan\n", r"line 2: .*speed is nan and must be a number from 0.5 to 2"),
        ("[tts.hibari]\nspeed = 'fast'\n", r"line 2: .*speed is 'fast' and must be a number"),
        ("[llm.server]\nurl = 'ftp://here'\n", r"line 2: .*url is 'ftp://here' and must be an address with http"),
        ("[llm.smollm2]\nexact = 1\n", r"line 2: .*exact is 1 and must be true or false"),
        (
            "[llm.smollm2]\ntreads = 2\n",
            r"line 2: there is no setting called 'llm.smollm2.treads'; did you mean .*thre",
        ),
        ("[conversation]\n\n[brain]\nsize = 2\n", r"line 3: there is no setting called 'brain'"),
        ("a = 1\nllm = 3\n", r"line 1: there is no setting called 'a'"),
        ("# x\nllm = 3\n", r"line 2: llm is a section; write \[llm\]"),
        ("x = 1\nx = 2\n", r"line 2: this is not TOML \(.*, column \d"),
        ("[llm]\nengine = smollm2\n", r"line 2: this is not TOML \(.*, column \d"),
        (b"# a\n# \xff\n", r"line 2: this is not UTF-8"),
        ("#" * 70_000, r"after line 1, where it is larger than 64 kB"),
        ("a=" + "[" * 5000, r"line 1: this nests too deeply"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str | bytes, says: str) -> None:
    assert re.search(says, told(tmp_path, text))


def test_flags_go_before_the_file_and_are_named_where_they_are_wrong(tmp_path: Path) -> None:
    path = written(tmp_path, "[llm]\nengine = 'smollm2'\n")
    loaded = load(path, (Flag("--llm", "llm.engine", "server"),))
    assert loaded.value("llm.engine") == "server" and loaded.origins == {"llm.engine": "--llm"}
    with pytest.raises(SettingsError, match=r"^--llm: llm.engine is 'sever' and must be one of"):
        load(path, (Flag("--llm", "llm.engine", "sever"),))
    with pytest.raises(SettingsError, match=r"line 2: llm.engine"):
        load(written(tmp_path, "[llm]\nengine = 7\n"), (Flag("--llm", "llm.engine", "server"),))


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("llm.smollm2.threads", "2", 2),
        ("llm.smollm2.exact", "true", True),
        ("tts.hibari.speed", "1.5", 1.5),
        ("llm.engine", "server", "server"),
        ("conversation.persona", "1 = 2", "1 = 2"),
        ("llm.server.extra", "{ a = 1 }", {"a": 1}),
        ("llm.smollm2.threads", "two", "two"),
    ],
)
def test_values_from_the_command_line_need_no_quotes(name: str, text: str, value: object) -> None:
    assert parsed(name, text) == value


def test_a_name_that_is_nearly_right_is_offered() -> None:
    with pytest.raises(SettingsError, match=r"did you mean conversation\.welcome\?"):
        SCHEMA.key("conversation.welcom")
