"""What stays word for word of turns that leave a dialogue."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.history.dialogue import Dialogue, Turn, guessed_tokens
from conversation.history.notes import REQUESTS_TOKENS, TOLD_INTRODUCED, TOLD_TOKENS, keeping_own_words
from conversation.history.requests import FACTS_INTRODUCED

DOG = Turn("Please remember that my dog is called Bruno.", "I will.")


def test_what_was_asked_to_be_remembered_survives_every_writing() -> None:
    seen = list[str]()

    def write(notes: str, turns: Sequence[Turn]) -> str:
        seen.append(notes)
        return f"They talked of {turns[-1].question}"

    keep, notes = keeping_own_words(write), ""
    for leaving in ([DOG, Turn("birds")], [Turn("whales")], [Turn("Remember, my train leaves at nine.")]):
        notes = keep(notes, leaving)
    assert notes.startswith(f"{FACTS_INTRODUCED}\n- my dog is called Bruno\n- my train leaves at nine\n\n")
    assert notes.endswith("They talked of Remember, my train leaves at nine.")
    assert seen == ["", "They talked of birds", "They talked of whales"], "its own notes alone are shown to it"


@pytest.mark.parametrize(
    "said", ["I live in Oslo.", "Well, my name is Anna.", "我叫小明。", "我住在北京。", "I'm a nurse"]
)
def test_what_people_tell_about_themselves_stays(said: str) -> None:
    assert keeping_own_words()("", [Turn(said)]) == f"{TOLD_INTRODUCED}\n- {said}"


@pytest.mark.parametrize(
    "said", ["What am I?", "Do I live in Oslo?", "Why is the sky blue?", "我叫什么？", "Thank you."]
)
def test_questions_and_other_things_do_not(said: str) -> None:
    assert keeping_own_words()("", [Turn(said)]) == ""


def test_what_is_to_be_forgotten_goes() -> None:
    keep = keeping_own_words()
    notes = keep("", [DOG, Turn("My cat is called Bruno too.")])
    assert notes.count("Bruno") == 2
    assert keep(notes, [Turn("Forget about Bruno.")]) == ""


def test_the_last_thing_to_be_forgotten_leaves_the_dialogue_too() -> None:
    dialogue = Dialogue("Be kind.")
    for turn in (DOG, Turn("Forget about Bruno.")):
        for question in (turn.question, *2 * ["word " * 150]):
            dialogue.ask(question)
        dialogue.fit(400, guessed_tokens, keeping_own_words(lambda notes, turns: ""))
        assert ("Bruno" in dialogue.notes) == (turn is DOG)


def test_notes_of_before_hold_where_none_are_written() -> None:
    keep = keeping_own_words(lambda notes, turns: "")
    assert keep("They like tea.", [DOG]).endswith("Bruno\n\nThey like tea.")


@given(st.lists(st.text("ab cd", min_size=1, max_size=60), max_size=30))
def test_there_is_a_bound_and_the_newest_stay(words: list[str]) -> None:
    turns = [Turn(f"Remember that x{i} {word}") for i, word in enumerate(words)]
    turns += [Turn(f"I live in y{i} {word}.") for i, word in enumerate(words)]
    notes, keep = "", keeping_own_words()
    for turn in turns:
        notes = keep(notes, [turn])
    assert guessed_tokens(notes) <= REQUESTS_TOKENS + TOLD_TOKENS + 40
    if words:
        assert f"x{len(words) - 1} " in f"{notes} ".replace("\n", " ") and f"y{len(words) - 1} " in notes


def test_in_little_room_the_newest_stay() -> None:
    notes, keep = "", keeping_own_words(room=50)
    for number in range(9):
        notes = keep(notes, [Turn(f"Remember that cat {number} is called Tom{number}.")])
    assert "Tom8" in notes and "Tom0" not in notes and guessed_tokens(notes) <= 50


def test_a_dialogue_in_text_keeps_them_too() -> None:
    dialogue = Dialogue("Be kind.", [DOG, *(Turn(f"question {i} " + "q " * 18, "a " * 18) for i in range(30))])
    for more in range(40):
        dialogue.ask(f"more {more} " + "q " * 40)
        dialogue.fit(800, guessed_tokens, keeping_own_words(lambda notes, turns: "They spoke. " * 30))
    assert "my dog is called Bruno" in dialogue.messages()[0].content
