"""Where a new setting comes to stand, and that remarks stay with what they are about."""

from __future__ import annotations

import tomllib

import pytest

from conversation.user_settings.changed_text import as_toml, changed_text

FILE = """\
# The server is in the cellar.
[llm.server]
url = "http://cellar"   # by cable
extra = { a = [
  1,
] }

# Who speaks.
#volume = 2.0
[tts.hibari]
# How fast.
#speed = 1.0
# How loud.
#volume = 1.0
"""


def changed(text: str, name: str, value: object | None) -> str | None:
    return changed_text(text, tomllib.loads(text), tuple(name.split(".")), value)


@pytest.mark.parametrize(
    ("name", "value", "old", "new"),
    [
        ("llm.server.url", "http://attic", '"http://cellar"', '"http://attic"'),
        ("llm.server.context", 5, "] }\n", "] }\ncontext = 5\n"),
        ("tts.hibari.speed", 2.0, "#speed = 1.0\n", "#speed = 1.0\nspeed = 2.0\n"),
        ("tts.hibari.threads", 2, "[tts.hibari]\n", "[tts.hibari]\nthreads = 2\n"),
        ("llm.server.url", None, 'url = "http://cellar"   # by cable\n', ""),
        ("llm.engine", "server", "#volume = 1.0\n", '#volume = 1.0\n\n[llm]\nengine = "server"\n'),
        ("llm.smollm2.seed", None, "", ""),
    ],
)
def test_one_place_changes(name: str, value: object | None, old: str, new: str) -> None:
    assert changed(FILE, name, value) == FILE.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "name", "new"),
    [
        ("", "llm.engine", "[llm]\nengine = 1\n"),
        ("llm.engine = 0 # a\n", "llm.engine", "llm.engine = 1 # a\n"),
        ("llm = { engine = 0 }\n", "llm.server.url", "llm = { engine = 0 , server = {url = 1}}\n"),
        ('a = """\n[llm]\n"""\n', "llm.engine", 'a = """\n[llm]\n"""\n\n[llm]\nengine = 1\n'),
        ("[a]\nllm = 1\n['llm']\n", "llm.engine", "[a]\nllm = 1\n['llm']\nengine = 1\n"),
        ("tts.a = 1\n[llm.server]\nb = 1\n", "tts.b", "tts.a = 1\ntts.b = 1\n[llm.server]\nb = 1\n"),
    ],
)
def test_however_the_file_is_written(text: str, name: str, new: str) -> None:
    got = changed(text, name, 1)
    assert got is not None and tomllib.loads(got) == tomllib.loads(new)
    assert got.replace(" ", "") == new.replace(" ", "")


@pytest.mark.parametrize("value", [{"a": {"b": [1, {"c": "x"}]}, "d e": 1.5}, [], {}, "a\nb'\"", True, 0.1])
def test_a_value_comes_back_in_one_line(value: object) -> None:
    written = f"a = {as_toml(value)}"
    assert tomllib.loads(written) == {"a": value} and "\n" not in written
