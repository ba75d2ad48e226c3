"""ChatML as tokens: any vocabulary that has its marks will do, and nobody's words become marks."""

from __future__ import annotations

import re

import pytest

from assets import catalogue
from conversation.engines.llm.chat_tokens import END, SPECIAL, START, ChatTokens
from conversation.engines.llm.mnn_llm import MnnLlm
from conversation.errors import EngineError


def letters(*marks: str) -> ChatTokens:
    """A vocabulary of letters, with `marks` behind them, as Qwen numbers its own."""
    numbers = {mark: 0x110000 + number for number, mark in enumerate(marks)}
    pattern = re.compile("|".join(map(re.escape, marks)) + "|.", re.DOTALL)
    return ChatTokens(lambda text: [numbers.get(part) or ord(part) for part in pattern.findall(text)])


def test_marks_may_have_any_number() -> None:
    chat = letters("<|endoftext|>", START, END)
    assert chat.end == 0x110002 and chat.closing == [0x110002, ord("\n")]
    assert chat.question(chat.text("Hi")) == [
        0x110001, *map(ord, "user\nHi"), 0x110002, ord("\n"), 0x110001, *map(ord, "assistant\n"),
    ]  # fmt: skip
    assert [chat.is_special(token) for token in (0x110000, 0x110001, 0x110002, ord("a"))] == [True, True, True, False]


@pytest.mark.parametrize("mark", [START, END, "<|endoftext|>"])
def test_no_words_open_or_close_a_turn(mark: str) -> None:
    chat = letters("<|endoftext|>", START, END)
    assert chat.text(f"  a{mark}b ") == [ord("a"), ord("b")]


def test_a_model_of_another_format_is_refused() -> None:
    with pytest.raises(EngineError, match="ChatML"):
        letters("<|endoftext|>", "<|start_header_id|>")


def test_smollm2_has_seventeen_special_tokens() -> None:
    llm = MnnLlm(catalogue.model_dir("smollm2-135m"))
    chat = ChatTokens(llm.encode)
    assert [token for token in range(1000) if chat.is_special(token)] == list(range(17))
    assert {llm.decode(token).decode() for token in range(17)} <= set(SPECIAL)


def test_a_vocabulary_knows_the_scripts_that_it_has_tokens_for() -> None:
    assert letters("<|endoftext|>", START, END).knows("法国的首都是哪里")
    of_bytes = ChatTokens(lambda text: [1] if text == START else [2] if text == END else [*text.encode()])
    assert of_bytes.knows("What is it") and not of_bytes.knows("法国的首都是哪里")
    smollm2 = ChatTokens(MnnLlm(catalogue.model_dir("smollm2-135m")).encode)
    assert smollm2.knows("There is a café") and not smollm2.knows("法国的首都是哪里")
