"""What captions show when, and that it stands on their picture."""

from functools import partial

import numpy as np
import pytest

from conversation.link.events import Caption, CaptionWord, Partial, Transcript, TurnDone
from conversation.timings import TurnTimings
from xr_app.panels.captions import SIZE, CaptionFeed, Captions, paint_captions
from xr_app.panels.panel import Panel
from xr_app.panels.text import Writer

S = 1_000_000_000


def caption(turn: int, *words: tuple[str, int, int]) -> Caption:
    return Caption(turn, 0, words[0][1], 0, tuple(CaptionWord(*word) for word in words), "neutral", 1.0)


def picture(writer: Writer, content: Captions) -> np.ndarray:
    panel = Panel("captions", SIZE, partial(paint_captions, writer), Captions())
    panel.show(content, 5.0)
    return panel.image().astype(int)


def test_a_question_grows_and_then_stands() -> None:
    feed = CaptionFeed()
    feed.take(Partial(1, "what is"), 0)
    assert feed.at(-1, S) == Captions("what is", final=False)
    feed.take(Transcript(1, "What is it?"), S)
    assert feed.at(-1, 60 * S) == Captions("What is it?", final=True)
    feed.take(TurnDone(TurnTimings(1)), 60 * S)
    assert feed.at(-1, 63 * S).heard and not feed.at(-1, 65 * S).heard


def test_what_came_to_nothing_goes_away() -> None:
    feed = CaptionFeed()
    feed.take(Partial(1, "erm"), 0)
    assert feed.at(-1, 7 * S).heard and feed.at(-1, 9 * S) == Captions()


def test_words_light_up_as_they_are_heard() -> None:
    feed = CaptionFeed()
    feed.take(caption(1, ("Good", 1000, 2000), ("morning!", 2000, 4000)), 0)
    said = [feed.at(sample, 0) for sample in (0, 1000, 2500)]
    assert said[0] == Captions()
    assert [(each.says, each.says[: each.said]) for each in said[1:]] == [
        ("Good morning!", "Good"),
        ("Good morning!", "Good morning!"),
    ]


def test_emoji_do_not_move_the_highlight() -> None:
    feed = CaptionFeed()
    feed.take(caption(1, ("Yes😀", 0, 1), ("sure", 10, 11)), 0)
    shown = feed.at(5, 0)
    assert shown.says == "Yes sure" and shown.says[: shown.said] == "Yes"


def test_a_microphone_that_is_off_is_told() -> None:
    assert CaptionFeed().at(-1, 0, muted=True).note


def test_nothing_is_drawn_where_nothing_is_said(writer: Writer) -> None:
    assert picture(writer, Captions()).max() == 0


@pytest.mark.parametrize("words", ["Hello there, how are you?", "你好，最近怎么样？"])
def test_the_box_is_as_large_as_its_words_and_in_the_middle(writer: Writer, words: str) -> None:
    alpha = picture(writer, Captions(says=words, said=len(words)))[..., 3]
    columns, rows = np.flatnonzero(alpha.any(0)), np.flatnonzero(alpha.any(1))
    assert columns[-1] - columns[0] < writer.width(words, 30) + 60
    assert abs(columns[0] + columns[-1] - SIZE[0]) < 4
    assert rows[0] == 0 and rows[-1] < 80


def test_brightness_follows_the_voice(writer: Writer) -> None:
    says = "a rather long clause that takes two lines of the panel at the very least, and so on to the end"
    bright = [(picture(writer, Captions(says=says, said=n))[..., :3].min(-1) > 240).sum() for n in (0, 30, 70, 95)]
    assert bright[0] == 0 and bright[1] > 100 and bright[1] < bright[2] < bright[3]


def test_of_what_is_too_long_the_part_that_is_said_is_shown(writer: Writer) -> None:
    says = " ".join(f"word{n}" for n in range(120))
    heard = " ".join(f"ask{n}" for n in range(120))
    for said in (0, 300, len(says)):
        shown = picture(writer, Captions(heard=heard, says=says, said=said))
        assert shown[-1].max() == 0  # all of it has room
        assert (shown[..., :3].min(-1) > 240).any() == (said > 0)
