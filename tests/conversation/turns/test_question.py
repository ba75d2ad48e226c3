"""What belongs to one question."""

from __future__ import annotations

from conversation.turns.question import LONGEST_QUESTION, Question


def test_what_was_carried_comes_first() -> None:
    question = Question()
    question.carried = "What is"
    assert question.spoken("love?", answer=False) == "What is love?"
    assert question.spoken("mm", answer=False) == "What is", "a word that means nothing adds nothing"


def test_a_hesitation_is_a_question_only_where_it_may_be_an_answer() -> None:
    assert Question().spoken("um", answer=False) == "" and Question().spoken("um", answer=True) == "um"


def test_lines_that_were_typed_are_one_question_and_are_asked_once() -> None:
    question = Question()
    question.carried = "Tell me"
    question.type("of Rome")
    question.type("and Spain.")
    assert question.take_typed() == "Tell me of Rome and Spain."
    assert question.take_typed() == ""


def test_of_a_question_without_end_the_end_is_asked() -> None:
    question = Question()
    for number in range(2000):
        question.type(f"word {number}")
        assert len(question.typed) <= LONGEST_QUESTION
    assert question.take_typed().endswith("word 1999")
