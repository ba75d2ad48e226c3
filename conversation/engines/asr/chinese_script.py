"""Chinese as the user's region writes it, by OpenCC: recognisers mix traditional and simplified characters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import opencc

_CONVERSIONS: Final = {"CN": "t2s", "SG": "t2s", "TW": "s2tw", "HK": "s2hk", "MO": "s2hk"}
"""OpenCC's conversions character by character: a transcript's words stay those that were said."""


def as_written_in(region: str) -> Callable[[str], str]:
    """What turns a transcript into the script of a region ("CN", "TW", "HK" …); others leave it as it is."""
    conversion = _CONVERSIONS.get(region.upper())
    if conversion is None:
        return str
    converter = opencc.OpenCC(conversion)
    return lambda text: str(converter.convert(text))
