"""What somebody is told whose language the engines do not know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conversation.engines import registry
from conversation.user_settings import Flag, load
from conversation.user_settings.languages import unknown_languages, unspoken_languages
from conversation.user_settings.resolve import conversation_settings


def settings(**changed: object) -> Any:
    flags = tuple(Flag("--set", name.replace("__", "."), value) for name, value in changed.items())
    return load(Path("/nowhere/visavis.toml"), flags).values


def test_chinese_spoken_to_the_default_engines_gets_one_sentence() -> None:
    told = conversation_settings(settings()).unknown_languages
    assert told.keys() == {"zh"}
    sentence = told["zh"]
    assert sentence.count(". ") == 0 and sentence.endswith(".")
    assert "conversation.language auto" in sentence
    assert "the language model run `visavis settings set llm" in sentence


def test_it_is_told_in_the_readers_language() -> None:
    sentence = conversation_settings(settings(), reader="zh").unknown_languages["zh"]
    assert sentence.startswith("我听到您说中文") and sentence.endswith("。")


def test_in_writing_only_the_language_model_has_to_know_it() -> None:
    (sentence,) = unknown_languages(settings(conversation__voice=False), "en").values()
    assert sentence.startswith("You write Chinese, which I am not set up for: for the language model run `")
    assert sentence.count("for the") == 1 and "conversation.language" not in sentence
    assert unknown_languages(settings(conversation__voice=False, llm__engine="server"), "en") == {}


def test_only_what_is_missing_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    told = unknown_languages(settings(conversation__language="zh", llm__engine="server"), "en")["zh"]
    assert "language model" not in told and "conversation.language" not in told
    assert "voice" in told


def test_engines_that_know_all_have_nothing_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    for engine in registry.ENGINES:
        monkeypatch.setitem(engine.__dict__, "languages", ())
    assert unknown_languages(settings(conversation__language="auto"), "en") == {}


def test_english_where_chinese_was_set() -> None:
    assert "conversation.language auto" in unknown_languages(settings(conversation__language="zh"), "en")["en"]


def test_an_answer_that_the_voice_cannot_say_gets_one_sentence() -> None:
    told = conversation_settings(settings()).unspoken_languages
    assert told.keys() == {"zh"}
    assert told["zh"].count(". ") == 0 and "tts.engine kokoro" in told["zh"]
    assert "asr" not in told["zh"] and "llm" not in told["zh"]
    assert unspoken_languages(settings(), "zh")["zh"].startswith("回答里有中文")
    assert unspoken_languages(settings(tts__engine="kokoro"), "en") == {}
