"""Thoughts of a model that thinks before it answers: never said, never kept, switched by the model's own template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count, islice
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets import catalogue
from conversation.engines.llm.smollm2 import SmolLM2
from conversation.history.dialogue import Turn
from tests.conversation.engines.llm.llm_folders import ALWAYS_THINKING, THINKING, folder_with

SYSTEM = "You answer briefly."
END = 2
"""ChatML's mark of the end, of SmolLM2."""
SILENT = "<think>\n\n</think>\n\n"


def model_of(place: Path, template: str, *, thinking: bool) -> SmolLM2:
    folder = folder_with(place, template)
    return SmolLM2(folder, recorded=False, examples=(), sentences=None, context=512, thinking=thinking)


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> SmolLM2:
    return model_of(tmp_path_factory.mktemp("llm") / "silent", THINKING, thinking=False)


@pytest.fixture(scope="module")
def thinker(tmp_path_factory: pytest.TempPathFactory) -> SmolLM2:
    return model_of(tmp_path_factory.mktemp("llm") / "thinker", THINKING, thinking=True)


def text_of(model: SmolLM2, tokens: Sequence[int]) -> str:
    return b"".join(map(model._llm.decode, tokens)).decode()


def dictated(model: SmolLM2, tokens: Sequence[int], question: str = "How are you?", **how: object) -> str:
    """Let the real network run, but have these tokens drawn from it."""
    line = iter([*tokens, END])
    sampler, model._sampler = model._sampler, SimpleNamespace(pick=lambda *_: next(line), restart=lambda: None)  # type: ignore[assignment]
    try:
        return "".join(model.reply(question, **({"max_tokens": 40} | how)))  # type: ignore[arg-type]
    finally:
        model._sampler = sampler


def by_turns(model: SmolLM2, *turns: Turn) -> tuple[int, ...]:
    model.begin(SYSTEM)
    model.resume(turns)
    return model.history


def test_switched_off_the_answer_begins_after_an_empty_thought(silent: SmolLM2) -> None:
    silent.begin(SYSTEM)
    read: list[str] = []
    feed = silent._llm.feed
    silent._llm.feed = lambda tokens: (read.append(text_of(silent, tokens)), feed(tokens))[1]  # type: ignore[method-assign]
    try:
        assert dictated(silent, silent._llm.encode("I am fine.")) == "I am fine."
    finally:
        silent._llm.feed = feed  # type: ignore[method-assign]
    assert f"How are you?<|im_end|>\n<|im_start|>assistant\n{SILENT}I am" in "".join(read)


def test_no_later_prompt_holds_a_thought(silent: SmolLM2, thinker: SmolLM2) -> None:
    for model, written in ((silent, "I am fine."), (thinker, "<think>\nHe asks me.\n</think>\n\nI am fine.")):
        model.begin(SYSTEM)
        assert dictated(model, model._llm.encode(written)) == "I am fine."
        talked = model.history
        assert "think" not in text_of(model, talked)
        assert talked == by_turns(model, Turn("How are you?", "I am fine."))


def test_a_model_that_always_thinks_is_made_to_answer(tmp_path: Path) -> None:
    model = model_of(tmp_path / "always", ALWAYS_THINKING, thinking=False)
    model.begin(SYSTEM)
    assert model._begins_with == "<think>\n\n</think>\n\n"
    assert dictated(model, model._llm.encode("Fine.")) == "Fine."
    # … and where it may think, it begins inside of a thought.
    model._begins_with = model._llm.answer_opening(thinking=True)
    assert dictated(model, model._llm.encode("He asks.\n</think>\n\nStill fine.")) == "Still fine."
    assert "He asks" not in text_of(model, model.history)


def test_a_model_without_thoughts_is_as_it_was() -> None:
    model = SmolLM2(catalogue.model_dir("smollm2-135m"), thinking=True)
    assert model._begins_with == ""


def test_a_mark_may_be_one_token_that_decodes_to_nothing(thinker: SmolLM2, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Qwen3's do, where its tokenizer calls them special."""
    first, last = 16, 15
    assert thinker._marks == {} and thinker._chat.is_special(first)
    monkeypatch.setattr(thinker, "_marks", {first: "<think>", last: "</think>"})
    monkeypatch.setattr(thinker._chat, "is_special", lambda token: token == END)
    thinker.begin(SYSTEM)
    tokens = [first, *thinker._llm.encode("\nHe asks me.\n"), last, *thinker._llm.encode("\n\nI am fine.")]
    assert dictated(thinker, tokens) == "I am fine."
    assert thinker.history == by_turns(thinker, Turn("How are you?", "I am fine."))


def test_a_thought_without_end_is_ended(thinker: SmolLM2, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thinker, "_thoughts_most", 12)
    thinker.begin(SYSTEM)
    thought = thinker._llm.encode("<think>" + " and so on" * 40)
    answer = dictated(thinker, thought, max_tokens=6)
    # What is drawn after the end of the thought is the answer.
    assert answer.split() == ["and", "so", "on", "and", "so", "on"]
    assert "think" not in text_of(thinker, thinker.history)


def test_a_thought_that_is_cancelled_leaves_nothing(thinker: SmolLM2) -> None:
    thinker.begin(SYSTEM)
    looks = count()
    tokens = thinker._llm.encode("<think>\nLet me think about it.\n</think>\n\nYes.")
    assert dictated(thinker, tokens, cancelled=lambda: next(looks) > 6) == ""
    assert text_of(thinker, thinker.history).endswith("How are you?<|im_end|>\n<|im_start|>assistant\n")


def test_closing_the_iterator_in_the_answer_keeps_what_was_said(thinker: SmolLM2) -> None:
    thinker.begin(SYSTEM)
    line = iter(thinker._llm.encode("<think>Hm.</think>One two three four"))
    sampler, thinker._sampler = thinker._sampler, SimpleNamespace(pick=lambda *_: next(line))  # type: ignore[assignment]
    answer = thinker.reply("Count.", max_tokens=40)
    said = "".join(islice(answer, 2))
    answer.close()  # type: ignore[attr-defined]
    thinker._sampler = sampler
    assert said == "One two" and text_of(thinker, thinker.history).endswith("assistant\nOne two")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from(["<think>", "</think>", "<", "think", ">", "a b", "\n", "é", "你", " 1 < 2 "]), max_size=9
    ),
    st.data(),
)
def test_however_marks_are_split_over_tokens(silent: SmolLM2, parts: list[str], data: st.DataObject) -> None:
    """The text is cut into pieces at any place, and each is encoded apart."""
    text = "".join(parts) + "end"
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    cache, silent._cache = silent._cache, SimpleNamespace(read=lambda *_: (), clear=lambda: None)  # type: ignore[assignment]
    try:
        silent.begin("")
        answer = dictated(silent, [token for piece in pieces for token in silent._llm.encode(piece)], max_tokens=99)
    finally:
        silent._cache = cache
    assert answer.strip() == re.sub("<think>.*?(</think>|$)", "", text, flags=re.DOTALL).strip()
    silent_turn = [*silent._chat.question(silent._chat.text("How are you?")), *silent._chat.text(answer)]
    assert list(silent.history[-len(silent_turn) :]) == silent_turn
