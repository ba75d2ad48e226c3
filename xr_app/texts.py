"""Interface text in English and Chinese: both stand side by side where they are used, and this picks one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

Language = Literal["en", "zh"]


def language(environment: Mapping[str, str] = os.environ) -> Language:
    """The user's language: VISAVIS_LANG, else the locale; English where neither says Chinese."""
    for name in ("VISAVIS_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def tr(en: str, zh: str) -> str:
    """The text in the user's language."""
    return zh if language() == "zh" else en
