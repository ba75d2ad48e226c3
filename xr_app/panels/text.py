"""Text as pictures: laid out by HarfBuzz where Pillow has it, in English and Chinese, word by word in two inks.

A word, or a Han character, is drawn once, as coverage; inks are put through it. So a highlight that moves on costs
next to nothing. New ones take their time, about 0.1 ms each: whoever writes can stop after each and go on in the next
frame.
"""

from __future__ import annotations

import re
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, features

from xr_app.panels.fonts import Typeface
from xr_app.panels.wrapping import Line, units, wrap

Ink = tuple[int, int, int, int]
"""sRGB and opacity, 0 to 255."""
Painting = Iterator[None]
"""Work on a picture that is done when this ends; between two steps it may rest."""

LINE_HEIGHT: Final = 1.4
"""From line to line, in ems; Chinese needs more air than English."""
_BELOW: Final = 0.35
"""Ems from the baseline down to the next line's top."""
_KEPT: Final = 1024
"""Words and characters, whose pictures are kept."""
_AT_ONCE: Final = 6
"""Words that were drawn before, from one rest to the next."""
_APOSTROPHE: Final = re.compile(r"(?<=[A-Za-z])’(?=[A-Za-z])")
_UNDRAWN: Final = frozenset(("So", "Sk", "Cs", "Co", "Cn", "Cc", "Cf", "Mn"))
"""Unicode categories that the font has no letters for: emoji and what modifies them, controls."""
_KEPT_SYMBOLS: Final = frozenset("°©®™\n")


def drawable(text: str) -> str:
    """The text without what no font here draws. The drawable of a beginning is the beginning of the drawable."""
    return "".join(c for c in text if c in _KEPT_SYMBOLS or unicodedata.category(c) not in _UNDRAWN)


class Writer:
    """Writes with one typeface; keeps the lines that it drew last."""

    def __init__(self, typeface: Typeface) -> None:
        self.typeface = typeface
        self._shapes = features.check("raqm") and typeface.file is not None
        self._width = lru_cache(maxsize=4096)(self._measure)
        self._masks: OrderedDict[tuple[str, int, bool], Image.Image] = OrderedDict()

    def warm(self, sizes: Iterable[int]) -> None:
        """Load the font for these sizes now, which takes some 10 ms for each, so that no frame has to."""
        for pixels in sizes:
            for text in ("Ag", "汉字"):
                self._mask(text, pixels, _is_english(text))

    def width(self, text: str, pixels: int) -> float:
        """Pixels that a line takes."""
        return self._width(_plain(text), pixels, _is_english(text))

    def x_height(self, pixels: int) -> float:
        """Pixels of a small x above the baseline."""
        return -self.typeface.at(pixels).getbbox("x", anchor="ls")[1]

    def wrap(self, text: str, pixels: int, most: float) -> list[Line]:
        """Lines of at most `most` pixels."""
        english = _is_english(text)
        return wrap(_plain(text), most, lambda piece: self._width(piece, pixels, english))

    def measure(self, text: str, pixels: int) -> Painting:
        """Learn how wide the pieces of a text are: what takes most of the time that `wrap` takes."""
        english = _is_english(text)
        for unit in units(_plain(text)):
            self._width(unit, pixels, english)
            self._width(unit.rstrip(), pixels, english)
            yield

    def fit(self, text: str, pixels: int, most: float) -> str:
        """The text, shortened to one line of at most `most` pixels; an ellipsis tells that it was."""
        if self.width(text, pixels) <= most:
            return text
        while text and self.width(text + "…", pixels) > most:
            text = text[:-1]
        return text.rstrip() + "…"

    def write(
        self,
        picture: Image.Image,
        place: tuple[float, float],
        text: str,
        pixels: int,
        ink: Ink,
        *,
        said: int | None = None,
        rest: Ink | None = None,
        english: bool | None = None,
    ) -> Painting:
        """Write one line into an RGBA picture; place: left end of the line and top of its em; said: so many letters
        get `ink`, the others `rest`; english: whether the text that it is a line of is.
        """
        text = _plain(text)
        english = _is_english(text) if english is None else english
        x, y, begin = place[0] - pixels, round(place[1]), 0
        for number, unit in enumerate(units(text), 1):
            key = (unit, pixels, english)
            drawn = key in self._masks
            mask = self._mask(*key)
            split = mask.width
            if said is not None and said < begin + len(unit):
                split = pixels + round(self._width(unit[: said - begin], pixels, english)) if said > begin else 0
            for a, b, colour in ((0, split, ink), (split, mask.width, rest or ink)):
                if b > a:
                    part = mask if b - a == mask.width else mask.crop((a, 0, b, mask.height))
                    picture.paste(colour, (round(x) + a, y), part)
            x += self._width(*key)
            begin += len(unit)
            if not drawn or number % _AT_ONCE == 0:
                yield

    def _measure(self, text: str, pixels: int, english: bool) -> float:
        return self.typeface.at(pixels).getlength(text, features=self._features(english))

    def _mask(self, text: str, pixels: int, english: bool) -> Image.Image:
        """Coverage of a piece of a line, an em wider on either side."""
        key = (text, pixels, english)
        if key in self._masks:
            self._masks.move_to_end(key)
            return self._masks[key]
        width = round(self._width(text, pixels, english)) + 2 * pixels
        mask = Image.new("L", (width, round(LINE_HEIGHT * pixels)))
        ImageDraw.Draw(mask).text(
            (pixels, round((LINE_HEIGHT - _BELOW) * pixels)),
            text,
            fill=255,
            font=self.typeface.at(pixels),
            anchor="ls",
            features=self._features(english),
        )
        self._masks[key] = mask
        if len(self._masks) > _KEPT:
            self._masks.popitem(last=False)
        return mask

    def _features(self, english: bool) -> list[str] | None:
        """Quotes and dashes are as wide as Han characters in a Chinese font unless they are asked not to be."""
        return ["pwid"] if english and self._shapes else None


def _plain(text: str) -> str:
    """As long as before."""
    return _APOSTROPHE.sub("'", text)


def _is_english(text: str) -> bool:
    """Whether no letter is as wide as high."""
    return not any(unicodedata.east_asian_width(c) in "WF" for c in text)
