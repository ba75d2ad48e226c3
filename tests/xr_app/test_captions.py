"""Captions as they were heard."""

from __future__ import annotations

from conversation.link.events import Caption, CaptionWord, TurnDone
from conversation.timings import TurnTimings
from xr_app.captions import CaptionLog, Shown, as_subtitles

RATE = 24_000


def caption(turn: int, clause: int, first_s: float, *words: str) -> Caption:
    """A word each second."""
    first = round(first_s * RATE)
    timed = tuple(CaptionWord(word, first + i * RATE, first + (i + 1) * RATE) for i, word in enumerate(words))
    return Caption(turn, clause, first, len(words) * RATE, timed, "happy", 0.5)


def heard(log: CaptionLog) -> list[str]:
    return [line.text for line in log.lines(lambda sample: sample / RATE)]


def log() -> CaptionLog:
    log = CaptionLog()
    log.take(caption(1, 0, 1.0, "Paris,", "of", "course."))
    log.take(caption(1, 1, 4.0, "It", "is", "big."))
    return log


def test_every_word_has_its_time() -> None:
    (first, second) = log().lines(lambda sample: sample / RATE - 0.5)
    assert [(word.text, word.begin_s, word.end_s) for word in first.words] == [
        ("Paris,", 0.5, 1.5), ("of", 1.5, 2.5), ("course.", 2.5, 3.5),
    ]  # fmt: skip
    assert (second.turn, second.mood, second.text) == (1, "happy", "It is big.")


def test_a_panel_shows_the_clause_that_is_said_and_how_far_it_is() -> None:
    captions = log()
    shown = [captions.shown_at(second * RATE) for second in (0.5, 1.0, 2.5, 3.99, 4.0, 6.5, 7.9, 8.1)]
    first, second = "Paris, of course.", "It is big."
    assert shown == [
        None, Shown(first, 6), Shown(first, 9), Shown(first, 17), Shown(second, 2), Shown(second, 10),
        Shown(second, 10), None,
    ]  # fmt: skip
    captions.take(TurnDone(TurnTimings(1, said="Paris, of course. It", interrupted=True)))
    assert captions.shown_at(5.5 * RATE) == Shown("It", 2), "what is not said any more is taken away"


def test_of_an_answer_that_was_interrupted_only_what_was_heard_is_left() -> None:
    captions = log()
    captions.take(caption(2, 0, 9.0, "Rome."))
    captions.take(TurnDone(TurnTimings(1, said="**Paris**, of course. It is", interrupted=True)))
    assert heard(captions) == ["Paris, of course.", "It is", "Rome."]
    captions.take(TurnDone(TurnTimings(2, said="", interrupted=True)))
    assert heard(captions) == ["Paris, of course.", "It is"]


def test_an_answer_that_was_heard_to_its_end_keeps_all() -> None:
    captions = log()
    captions.take(TurnDone(TurnTimings(1, said="Paris, of course. It is big.")))
    assert heard(captions) == ["Paris, of course.", "It is big."]


def test_chinese_has_no_spaces() -> None:
    captions = CaptionLog()
    captions.take(caption(1, 0, 0.0, "你", "好", "吗？"))
    assert heard(captions) == ["你好吗？"]


def test_subtitles_leave_out_what_was_over_before_they_begin() -> None:
    lines = log().lines(lambda sample: sample / RATE - 4.0)
    assert as_subtitles(lines) == "1\n00:00:00,000 --> 00:00:03,000\nIt is big.\n"
