"""The dialogue as text: what a model is shown, and what leaves when it becomes too long."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets import catalogue
from conversation.engines.llm.smollm2 import SmolLM2
from conversation.history.dialogue import (
    NOTES_INTRODUCED,
    NOTES_TOKENS,
    Dialogue,
    Message,
    Turn,
    ending,
    guessed_tokens,
    notes_request,
    shortened,
)


def words(text: str) -> int:
    return len(text.split())


def long_talk(turns: int) -> Dialogue:
    return Dialogue("Be kind.", [Turn(f"question {i} " + "q " * 18, f"answer {i} " + "a " * 18) for i in range(turns)])


def test_messages_alternate_and_hold_what_was_heard() -> None:
    dialogue = Dialogue("Be kind.")
    dialogue.ask(" Hello? ")
    dialogue.hear("Hi, how are you today?")
    dialogue.hear("Hi, how")
    dialogue.ask("Wait.")
    dialogue.ask("Who are you?")
    assert dialogue.messages() == (
        Message("system", "Be kind."),
        Message("user", "Hello?"),
        Message("assistant", "Hi, how"),
        Message("user", "Wait.\nWho are you?"),
    )


def test_without_a_system_prompt_there_is_no_system_message() -> None:
    dialogue = Dialogue()
    dialogue.hear("nothing was asked")
    assert dialogue.messages() == ()


@given(st.lists(st.tuples(st.sampled_from(["", "q"]), st.sampled_from(["", "a"]))), st.text(max_size=2))
def test_templates_that_want_alternating_roles_get_them(turns: list[tuple[str, str]], system: str) -> None:
    messages = Dialogue(system, [Turn(*turn) for turn in turns]).messages()
    roles = [message.role for message in messages if message.role != "system"]
    assert roles == [("user", "assistant")[i % 2] for i in range(len(roles))]
    assert all(message.content for message in messages)


def test_what_fits_stays() -> None:
    dialogue = long_talk(3)
    before = dialogue.messages()
    assert not dialogue.fit(1000, words)
    assert dialogue.messages() == before


def test_the_oldest_turns_leave_and_notes_of_them_stay() -> None:
    dialogue, asked = long_talk(20), list[tuple[str, Sequence[Turn]]]()

    def write(notes: str, turns: Sequence[Turn]) -> str:
        asked.append((notes, turns))
        return f"Notes {len(asked)}."

    everything = dialogue.turns
    assert dialogue.fit(800, words, write)
    assert dialogue.tokens(words) <= 400
    assert (*asked[0][1], *dialogue.turns) == everything
    assert dialogue.messages()[0].content == f"Be kind.\n\n{NOTES_INTRODUCED}\nNotes 1."
    for i in range(15):
        dialogue.ask(f"more {i} " + "q " * 40)
    assert dialogue.fit(800, words, write)
    assert asked[1][0] == "Notes 1." and dialogue.notes == "Notes 2."


def test_without_notes_turns_are_dropped_and_older_notes_stay() -> None:
    dialogue = long_talk(20)
    dialogue.fit(800, words, lambda notes, turns: "They spoke.")
    for i in range(20):
        dialogue.ask(f"more {i} " + "q " * 40)
    assert dialogue.fit(800, words)
    assert dialogue.notes == "They spoke." and dialogue.tokens(words) <= 800
    assert dialogue.turns[-1].question.startswith("more 19")


def test_endless_notes_are_cut() -> None:
    dialogue = long_talk(20)
    dialogue.fit(800, words, lambda notes, turns: "They spoke of it. " * 500)
    assert words(dialogue.notes) <= NOTES_TOKENS and dialogue.notes.endswith("it.")


def test_of_a_question_longer_than_the_context_the_end_stays() -> None:
    dialogue = Dialogue("Be kind.")
    dialogue.ask("word " * 500 + "what is this?")
    assert dialogue.fit(100, words)
    assert dialogue.tokens(words) <= 100 and dialogue.turns[0].question.endswith("what is this?")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 60)), min_size=1, max_size=40), st.integers(80, 600))
def test_every_dialogue_fits_and_keeps_its_newest_question(sizes: list[tuple[int, int]], room: int) -> None:
    turns = [Turn(f"q{i} " + "q " * asked, "a " * heard) for i, (asked, heard) in enumerate(sizes)]
    turns[-1] = Turn(turns[-1].question + "end")
    dialogue = Dialogue("Be kind.", turns)
    dialogue.fit(room, words, lambda notes, turns: "note " * 50)
    assert dialogue.tokens(words) <= room
    assert dialogue.turns[-1].question.endswith("end")


def test_shortening_prefers_whole_sentences() -> None:
    assert shortened("One two. Three four. Five six.", 5, words) == "One two. Three four."
    assert shortened("one two three four", 2, words).split() == ["one", "two"]
    assert shortened("他叫小明。他喜欢茶。他住在北京。", 12, len) == "他叫小明。他喜欢茶。"
    assert ending("one two three four", 2, words).split() == ["three", "four"]
    assert ending("one", 0, words) == ""


def test_guessed_lengths_are_near_what_a_tokenizer_counts() -> None:
    text = "The quick brown fox jumps over the lazy dog, and nobody in the village minds it at all."
    real = len(SmolLM2(catalogue.model_dir("smollm2-135m"))._llm.encode(text))
    assert real <= guessed_tokens(text) <= 1.6 * real
    assert guessed_tokens("你好吗") == 3 and guessed_tokens("") == 0


def test_a_real_model_writes_notes() -> None:
    """What a model of 135 million parameters notes is poor; that it does, in bounds, is what counts here."""
    model = SmolLM2(catalogue.model_dir("smollm2-135m"), examples=(), sentences=None)

    def write(notes: str, turns: Sequence[Turn]) -> str:
        system, user = notes_request(notes, turns)
        model.begin(system.content)
        return "".join(model.reply(user.content, max_tokens=40))

    dialogue = Dialogue(
        "Be kind.",
        [
            Turn("My name is Anna and I live in Oslo.", "Nice to meet you, Anna."),
            Turn("I have two cats. " + "They play. " * 20, "How lovely! What are they called?"),
            Turn("Tom and Jerry."),
        ],
    )
    assert dialogue.fit(120, guessed_tokens, write)
    assert dialogue.notes and guessed_tokens(dialogue.notes) <= 30
    assert dialogue.turns == (Turn("Tom and Jerry."),)
    assert "Anna" in dialogue.notes or "cats" in dialogue.notes or "Oslo" in dialogue.notes, dialogue.notes


@pytest.mark.parametrize("notes", ["", "Earlier."])
def test_notes_are_asked_for_with_all_that_leaves(notes: str) -> None:
    system, user = notes_request(notes, [Turn("I am Anna.", "Hello, Anna."), Turn("Bye.")])
    assert system.role == "system" and "User: I am Anna.\nYou: Hello, Anna.\nUser: Bye." in user.content
    assert ("Earlier." in user.content) == bool(notes)
