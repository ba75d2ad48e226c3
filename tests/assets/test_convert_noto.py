"""The font as set-up brings it: both languages' letters are in it, and its licence lies beside it."""

from __future__ import annotations

from PIL import ImageFont

from assets import catalogue, fetch
from assets.convert.noto import FONT
from assets.progress import SilentProgress


def test_the_font_has_every_character_of_both_languages() -> None:
    fetch.models(["noto-sans-sc"], SilentProgress())
    folder = catalogue.model_dir("noto-sans-sc")
    font = ImageFont.truetype(folder / FONT, 12)
    absent = bytes(font.getmask("\U0010ffff"))
    first, second = range(0xB0, 0xF8), range(0xA1, 0xFF)
    # GB 2312's two levels of Han characters; the code points that stand in none are left out.
    han = [bytes([a, b]).decode("gb2312", "ignore") for a in first for b in second]
    letters = [*filter(None, han), *map(chr, range(33, 127)), *"，。？！：；、（）《》「」“”‘’…—你説繁體·é"]
    assert len(letters) > 6763
    assert not [letter for letter in letters if bytes(font.getmask(letter)) == absent]
    assert "SIL OPEN FONT LICENSE" in (folder / "licences" / "pylopdf-fonts-zh-cn" / "LICENSE").read_text()
