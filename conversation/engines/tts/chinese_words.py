"""Chinese text in words, for whoever reads it aloud."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import jieba


def word_cutter(cache: Path) -> Any:
    """A jieba.Tokenizer that says nothing; `cache` is a folder for the dictionary as it wants it."""
    jieba.setLogLevel(logging.WARNING)
    words = jieba.Tokenizer()
    cache.mkdir(parents=True, exist_ok=True)
    words.tmp_dir = str(cache)
    return words
