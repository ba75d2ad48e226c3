"""Which font file panels are written with: the one that set-up brings, else one of the system's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import ImageFont, features

from assets import paths
from assets.catalogue import is_ready
from assets.convert.noto import FONT
from xr_app.texts import tr

MODEL: Final = "noto-sans-sc"
"""Name in assets.catalogue."""
BOTH_LANGUAGES: Final = tuple(
    map(
        Path,
        (
            "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
            "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
            "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
            "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
            "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
            "/System/Library/Fonts/PingFang.ttc",
            "/System/Library/Fonts/Hiragino Sans GB.ttc",
            "C:/Windows/Fonts/msyh.ttc",
        ),
    )
)
"""Where systems keep a font with Chinese and English letters."""
ENGLISH: Final = tuple(
    map(
        Path,
        (
            "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
            "/usr/share/fonts/TTF/DejaVuSans.ttf",
            "/System/Library/Fonts/Helvetica.ttc",
            "C:/Windows/Fonts/segoeui.ttf",
        ),
    )
)


@dataclass(frozen=True)
class Typeface:
    """A font file, at any size; without a file the small English one that Pillow carries."""

    file: Path | None
    remark: str = ""
    """One sentence to show where this is not the font that it should be."""

    def at(self, pixels: int) -> ImageFont.FreeTypeFont:
        """The font whose em is so many pixels high."""
        return _font(self.file, pixels)


def find_typeface(both: Sequence[Path] = BOTH_LANGUAGES, english: Sequence[Path] = ENGLISH) -> Typeface:
    """The font that set-up brought; where it is missing the first of the system's that is there, with a remark."""
    if is_ready(MODEL):
        return Typeface(paths.models_dir() / MODEL / FONT)
    get = tr(f"run `visavis models get {MODEL}`", f"请运行 `visavis models get {MODEL}`")
    for file in both:
        if file.exists():
            name = file.stem
            return Typeface(
                file, tr(f"Captions are written with {name}; for their own font {get}.", f"字幕暂用 {name}；{get}。")
            )
    plain = next((file for file in english if file.exists()), None)
    return Typeface(plain, tr(f"No font here has Chinese letters; {get}.", f"没有可用的中文字体；{get}。"))


@lru_cache(maxsize=32)
def _font(file: Path | None, pixels: int) -> ImageFont.FreeTypeFont:
    if file is not None:
        # HarfBuzz lays the letters out where Pillow was built with it: kerning, and the punctuation of each language.
        engine = ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC
        return ImageFont.truetype(file, pixels, layout_engine=engine)
    font = ImageFont.load_default(pixels)
    assert isinstance(font, ImageFont.FreeTypeFont)  # Pillow has FreeType in every wheel
    return font
