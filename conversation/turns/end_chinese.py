"""How finished Chinese words look: by the words at which sentences go on, and by their parts of speech.

Chinese has no inflection and few function words; what shows that more is to come is most often a part that is
missing: a predicate ("这家店的面条"), what follows 把, an object ("谁发明了"), the noun of a measure word
("有一家"). So the last clause is cut into words with their parts of speech (jieba) and looked through for them.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from functools import cache
from typing import Any, Final, NamedTuple

from assets import paths
from conversation.turns.end_words import WHOLE_NUMBER, Look
from conversation.turns.end_words_chinese import (
    ASKED_ZH,
    BEGINS_ZH,
    BROUGHT_ZH,
    CARRIED_ON_ZH,
    COMMAND_ZH,
    DIGIT_ZH,
    GOES_FURTHER_ZH,
    INTRANSITIVE_ZH,
    LEFT_OPEN_ZH,
    MAIN_ZH,
    ONLY_WHEN_ZH,
    OPENING_ZH,
    PARTICLES_ZH,
    PERSONS_ZH,
    QUESTION_ENDS_ZH,
    QUESTION_ZH,
    TIMES_ZH,
    WANTS_ZH,
    WHOLE_ZH,
    WORDS_ON_ZH,
)

_REPEATED: Final = re.compile(r"(.)\1+")
_MARKS: Final = re.compile(r"[\s，。！？；：、,.?!;:]")
_SHORT: Final = 3
"""Characters: a sentence that is shorter, and none of the known short ones, is most often only its beginning."""

_NUMERALS: Final = "零一二三四五六七八九十百千万亿两几半0123456789"
_COMMON: Final = 20
"""How often jieba's corpus has a word that counts."""
_LONG: Final = 10
"""Characters: a statement that is shorter is often the first of two."""


class Word(NamedTuple):
    """A word and its part of speech by jieba's tags: n… noun, v… verb, a… adjective, p preposition, r pronoun, …"""

    text: str
    tag: str

    @property
    def tells(self) -> bool:
        """Whether it can be the predicate, or a part of it."""
        return self.tag[0] in "vazil" and self.tag not in ("vn", "ad", "an", "zg")


def is_whole(text: str) -> bool:
    """Whether it is one of the short things that are said as they are, once or again and again (对对对)."""
    said = _MARKS.sub("", text)
    return any(WHOLE_ZH.fullmatch(form) for form in (said, _REPEATED.sub(r"\1", said)))


def look_of_chinese(bare: str, text: str) -> Look:
    """Of what was said so far; `bare` is `text` without the marks at its end."""
    said = _MARKS.sub("", bare)
    if is_whole(said):
        return "plain" if said in BEGINS_ZH else "finished"
    if digits := DIGIT_ZH.search(said):
        return "finished" if len(digits[0]) >= WHOLE_NUMBER else "dangling"
    if text.endswith(("？", "?", "！", "!")) and len(said) >= _SHORT:
        return "finished"
    if (ends := QUESTION_ENDS_ZH.search(said)) and ends.start() > 0:
        return "finished"
    if CARRIED_ON_ZH.search(said):
        return "dangling"
    clauses = [part for part in re.split(r"[，；。！？,;.?!]", bare) if part.strip()]
    opens = OPENING_ZH.match(clauses[-1].strip()) and not MAIN_ZH.search(clauses[-1])
    if opens or LEFT_OPEN_ZH.search(said) or ONLY_WHEN_ZH.fullmatch(said):
        return "open"
    if not _words().done():
        return "plain"
    words = tagged(_MARKS.sub("", clauses[-1]))
    return _of_clause(words, alone=len(clauses) == 1)


def _of_clause(words: Sequence[Word], *, alone: bool) -> Look:
    last, before = words[-1], words[:-1]
    said = "".join(word.text for word in words)
    if last.text in PARTICLES_ZH and before:
        return "finished"
    if last.text in WORDS_ON_ZH:
        return "dangling"
    if _lacks_predicate(words):
        return ("dangling" if last.text in PERSONS_ZH else "open") if alone else "plain"
    asks = QUESTION_ZH.search(said) is not None
    end = _of_end(last, before, asks=asks)
    if end is not None:
        return end
    if len(said) < _SHORT:
        return "open"
    return "finished" if asks or COMMAND_ZH.match(said) or (len(said) >= _LONG and _has_object(words)) else "plain"


def _lacks_predicate(words: Sequence[Word]) -> bool:
    """No verb and no adjective that is more than an attribute, or none behind a preposition and its noun."""
    brought = max((i for i, word in enumerate(words) if word.text in BROUGHT_ZH), default=-1)
    followed = zip(words, (*words[1:], Word("", "x")), strict=True)
    return not any(word.tells and after.text not in ("的", "地") for word, after in [*followed][brought + 1 :])


def _of_end(last: Word, before: Sequence[Word], *, asks: bool) -> Look | None:
    """What the last word alone tells; None: nothing. `asks`: the sentence is a question."""
    one = before[-1] if before else Word("", "x")
    if last.tag in ("c", "p", "ud", "uv") or (last.tag == "d" and len(last.text) == 1):
        return "dangling"
    if last.text in ("了", "过", "着"):
        if one.tag[0] != "v" or one.text in INTRANSITIVE_ZH:
            return "finished" if last.text == "了" and asks else None
        return "open" if len(one.text) == 1 or last.text == "着" or asks else "plain"
    if last.text == "的":
        is_so = any(word.text == "是" for word in before)
        return "finished" if asks and (is_so or one.tag[0] == "v") else "plain" if is_so else "open"
    if last.tag[0] in "mq":
        return "plain" if TIMES_ZH.search(last.text) and one.text not in GOES_FURTHER_ZH else "open"
    if last.tag[0] == "v" and last.tag != "vn" and last.text not in INTRANSITIVE_ZH:
        if last.text in WANTS_ZH:
            return "dangling"
        if len(last.text) == 1:
            return "plain" if one.text in ("怎么", "不", "没", "别", "好", "一起", "自己") else "open"
        return None if asks else "plain"
    if last.text in PERSONS_ZH:
        return "dangling" if not any(word.tells for word in before) or one.text in ASKED_ZH else "plain"
    return None


def _has_object(words: Sequence[Word]) -> bool:
    """A subject, a verb and something behind it that may be its object."""
    verb = next((i for i, word in enumerate(words) if word.tells), len(words))
    return 0 < verb < len(words) - 1 and words[-1].tag[0] in "nsalirv"


@cache
def tagged(text: str) -> tuple[Word, ...]:
    """The words of a Chinese text; waits for jieba's, if need be."""
    words, tags = _words().result()
    found = words.cut(text, HMM=False)
    return tuple(Word(word, tags.get(word) or ("m" if word[0] in _NUMERALS else "n")) for word in found)


def prepare() -> None:
    """Wait until words can be told apart: half a second, once."""
    _words().result()


@cache
def _words() -> Future[tuple[Any, dict[str, str]]]:
    """jieba's words, which load beside whatever goes on: until they are there, Chinese is judged without them."""
    loading: Future[tuple[Any, dict[str, str]]] = Future()
    threading.Thread(target=lambda: loading.set_result(_load()), name="chinese-words", daemon=True).start()
    return loading


def _load() -> tuple[Any, dict[str, str]]:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    folder = paths.cache_dir() / "jieba"
    folder.mkdir(parents=True, exist_ok=True)
    path, part = folder / "common.txt", folder / f"common.{os.getpid()}"
    tags: dict[str, str] = {}
    # Rare words and names, three quarters of all, take a hundred megabytes and tell nothing of how a sentence ends.
    with jieba.get_dict_file() as file, part.open("wb") as common:
        for line in file:
            word, count, tag = line.decode().split()
            if int(count) >= _COMMON:
                tags[word] = sys.intern(tag)
                common.write(line)
    part.replace(path)
    words = jieba.Tokenizer(str(path))
    words.tmp_dir = str(folder)
    words.initialize()
    return words, tags
