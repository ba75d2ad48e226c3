"""Text as pictures, against Pillow's own drawing of the same words."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from xr_app.panels.panel import PIXELS_PER_DEGREE
from xr_app.panels.style import BIG, MIDDLE, SMALL
from xr_app.panels.text import Writer, drawable

WHITE, GREY = (255, 255, 255, 255), (100, 100, 100, 255)
ENGLISH = "Don’t worry — “I can hear you”"
CHINESE = "我听见你了，今天聊什么？"


def written(writer: Writer, text: str, **options: object) -> np.ndarray:
    picture = Image.new("RGBA", (700, 60), (0, 0, 0, 255))
    for _ in writer.write(picture, (20, 5), text, BIG, WHITE, **options):  # type: ignore[arg-type]
        pass
    return np.asarray(picture)[..., 0].astype(float)


@pytest.mark.parametrize("text", ["The quick brown fox", CHINESE])
def test_it_is_what_the_library_draws(writer: Writer, text: str) -> None:
    picture = Image.new("RGBA", (700, 60), (0, 0, 0, 255))
    ImageDraw.Draw(picture).text((20, 5 + 31), text, WHITE, writer.typeface.at(BIG), anchor="ls")
    ours, theirs = written(writer, text), np.asarray(picture)[..., 0].astype(float)
    # Word by word a letter may lie half a pixel beside where it lies in the whole line.
    assert np.abs(ours.sum(0).cumsum() - theirs.sum(0).cumsum()).max() < 0.02 * theirs.sum()
    assert ours.sum() == pytest.approx(theirs.sum(), rel=0.01)
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.9


def test_english_punctuation_is_narrow_in_english_and_wide_in_chinese(writer: Writer) -> None:
    assert writer.width("“a”", BIG) < 1.6 * BIG < 2.4 * BIG < writer.width("“啊”", BIG)
    assert writer.width(ENGLISH, BIG) < writer.width("Don't worry - 'I can hear you'", BIG) * 1.1


@pytest.mark.parametrize("text", ["one two three", "一二三四五"])
def test_what_was_said_is_bright_and_the_rest_is_not(writer: Writer, text: str) -> None:
    half = len(text) // 2
    picture = written(writer, text, said=half, rest=GREY)
    cut = 20 + round(writer.width(text[:half], BIG))
    assert picture[:, : cut - 1].max() > 240 and 80 < picture[:, cut + 1 :].max() <= 100
    assert np.array_equal(written(writer, text, said=len(text), rest=GREY), written(writer, text))
    assert written(writer, text, said=0, rest=GREY).max() <= 100


def test_a_highlight_that_moves_on_draws_no_letter_again(writer: Writer) -> None:
    picture = Image.new("RGBA", (700, 60))
    fresh = Writer(writer.typeface)
    assert len(list(fresh.write(picture, (0, 0), "three words here", BIG, WHITE, said=3, rest=GREY))) == 3
    assert not list(fresh.write(picture, (0, 0), "three words here", BIG, WHITE, said=9, rest=GREY))


def test_long_lines_rest_on_the_way(writer: Writer) -> None:
    picture = Image.new("RGBA", (700, 60))
    for _ in range(2):
        rests = len(list(writer.write(picture, (0, 0), CHINESE * 2, BIG, WHITE)))
    assert rests >= 2
    assert len(list(writer.measure(CHINESE, BIG))) >= 8


def test_lines_are_no_wider_than_there_is_room(writer: Writer) -> None:
    for text in (ENGLISH * 5, CHINESE * 8, (CHINESE + " and English, ") * 5):
        lines = writer.wrap(text, BIG, 500)
        assert len(lines) > 2 and all(writer.width(line.text, BIG) <= 501 for line in lines)


def test_what_does_not_fit_ends_with_an_ellipsis(writer: Writer) -> None:
    short = writer.fit("a rather long title of an avatar", BIG, 200)
    assert short.endswith("…") and short[:6] == "a rath" and writer.width(short, BIG) <= 200
    assert writer.fit("short", BIG, 200) == "short"


def test_emoji_and_controls_are_left_out() -> None:
    assert drawable("Hi 😀 there ❤️\x07, it’s 20 °C") == "Hi  there , it’s 20 °C"
    text = "a😀b❤️c"
    assert all(drawable(text).startswith(drawable(text[:n])) for n in range(len(text)))


def test_letters_are_large_enough_to_read(writer: Writer) -> None:
    """Legge and Bigelow 2011: from an x-height of 0.2 degrees on text is read at full speed."""
    degrees = [writer.x_height(pixels) / PIXELS_PER_DEGREE for pixels in (BIG, MIDDLE, SMALL)]
    assert degrees[0] >= 0.5 and degrees[1] >= 0.43 and degrees[2] >= 0.34
