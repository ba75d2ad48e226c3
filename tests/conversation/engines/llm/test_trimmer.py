"""A long talk with the real small model: old turns leave while the avatar speaks, and nobody waits for it."""

from __future__ import annotations

from itertools import count, islice

import pytest

from assets import catalogue
from conversation.engines.llm.smollm2 import SmolLM2
from conversation.history.dialogue import NOTES_INTRODUCED, Turn

SYSTEM = "You answer briefly."
CONTEXT = 256


@pytest.fixture(scope="module")
def loaded() -> SmolLM2:
    folder = catalogue.model_dir("smollm2-135m")
    return SmolLM2(folder, context=CONTEXT, examples=(), sentences=None, writes_notes=True)


@pytest.fixture
def model(loaded: SmolLM2) -> SmolLM2:
    loaded.begin(SYSTEM)
    return loaded


def text_of(model: SmolLM2) -> str:
    return b"".join(map(model._llm.decode, model.history)).decode()


def asked(model: SmolLM2, question: str) -> int:
    """Tokens that were read before the answer began."""
    before = model.stats.prefill_tokens
    list(islice(model.reply(question, max_tokens=6), 1))
    model.truncate_last_reply("Yes, so it is.")
    return model.stats.prefill_tokens - before


def filled(model: SmolLM2) -> None:
    """A talk that is just about to be trimmed."""
    model.resume([Turn("Remember that my dog is called Bruno.", "I will.")])
    assert model._dialogue is not None
    for number in range(40):
        if model._dialogue.is_filling:
            return
        model._ask(model._dialogue, f"This is remark number {number}.", 0)
        model.truncate_last_reply("I see.")


def test_in_a_long_talk_no_question_waits_and_nothing_asked_for_is_lost(model: SmolLM2) -> None:
    trimmed = 0
    asked(model, "Remember that my dog is called Bruno.")
    for number in range(11):
        notes = model.notes
        read = asked(model, f"Is {number} a number?")
        # A heard answer of other words than were written, what closes it, the question: no more than that.
        assert read <= 40
        model.settle()
        trimmed += model.notes != notes
        assert len(model.history) <= CONTEXT and "my dog is called Bruno" in text_of(model)
    assert trimmed and "Is 0 a" not in text_of(model)


def test_notes_are_the_models_own_and_stand_behind_the_opening(model: SmolLM2) -> None:
    opening = len(model.history)
    filled(model)
    model.settle()
    own = model.notes.partition("Bruno\n\n")[2]
    assert own and not own.startswith("The user")
    told = model._chat.told(f"{NOTES_INTRODUCED}\n{model.notes}")
    assert list(model.history[opening : opening + len(told)]) == told
    assert model._cache.lacks(model.history) == 0, "the other cache is complete when it takes over"


def test_work_that_is_broken_off_goes_on_and_loses_nothing(model: SmolLM2) -> None:
    filled(model)
    model._cache.read(list(model.history), lambda: False)
    model.settle(cancelled=lambda: model._trimmer._plan is not None)
    read = model.stats.prefill_tokens
    assert not model.notes, "the notes are written, the rest is still to do"
    for step in range(40):
        if model.notes:
            break
        looks = count()
        model.settle(cancelled=lambda looks=looks: next(looks) >= 2)  # type: ignore[misc]
        if step == 1:
            assert asked(model, "Is this a question?") <= 40, "the first cache is still what it was"
    assert "Bruno" in model.notes and "Is this a question?" in text_of(model)
    assert model._cache.lacks(model.history) == 0
    assert model.stats.prefill_tokens - read <= len(model.history) + 40, "nothing was read twice"


def test_a_question_in_the_place_of_one_that_was_taken_back_stays(model: SmolLM2) -> None:
    """All but the newest turn are to leave, and just that one is taken back before they do."""
    filled(model)
    dialogue = model._dialogue
    assert dialogue is not None
    dialogue.hear("That is a long story. " * 20)
    model._trimmer._plan = dialogue.trimming(dialogue.leaving(keep=1), "")
    assert len(model._trimmer._plan.gone) == len(dialogue.turns) - 1
    model.take_back()
    asked(model, "Is this a question?")
    model.settle()
    assert [turn.question for turn in dialogue.turns] == ["Is this a question?"]
    assert text_of(model).endswith("Is this a question?<|im_end|>\n<|im_start|>assistant\nYes, so it is.")


def test_notes_that_are_cancelled_leave_no_trace(model: SmolLM2) -> None:
    filled(model)
    before, looks = model.history, count()
    model.settle(cancelled=lambda: next(looks) > 12)
    assert model.history == before and model.notes == ""
    assert asked(model, "Is this a question?") <= 40


def test_where_nobody_ever_settles_turns_leave_at_once(model: SmolLM2) -> None:
    asked(model, "Remember that my dog is called Bruno.")
    for number in range(11):
        asked(model, f"Is {number} a number?")
        assert len(model.history) <= CONTEXT
    assert "my dog is called Bruno" in model.notes and "Is 0 a" not in text_of(model)


def test_a_dialogue_after_trimming_is_as_one_that_was_always_short(model: SmolLM2) -> None:
    filled(model)
    model.settle()
    turns = model._dialogue.turns if model._dialogue is not None else []
    model.truncate_last_reply("Something else.")
    assert text_of(model).endswith("assistant\nSomething else.")
    for _ in turns[:]:
        model.take_back()
    assert text_of(model).endswith(f"{model.notes}<|im_end|>\n")
    assert list(model.reply("Hello!", max_tokens=4))


def test_without_notes_of_its_own_the_users_words_stay() -> None:
    model = SmolLM2(catalogue.model_dir("smollm2-135m"), context=256, examples=(), sentences=None)
    model.begin(SYSTEM)
    asked(model, "I live in Oslo.")
    for _ in range(9):
        asked(model, "And so on?")
        model.settle()
    assert model.notes.endswith("- I live in Oslo.") and text_of(model).count("I live in Oslo") == 1


def test_of_a_talk_of_before_they_stay_too(model: SmolLM2) -> None:
    model.resume([Turn("I live in Oslo.", "Nice."), *(Turn(f"This is remark {i}.", "I see.") for i in range(40))])
    assert model.notes.endswith("- I live in Oslo.") and "remark 39." in text_of(model)
