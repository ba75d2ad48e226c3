"""What a listener says without wanting the floor ("mm", "uh-huh", 嗯), and what asks for silence ("stop", 别说了)."""

from __future__ import annotations

import re
from typing import Final

_HESITATION_WORDS: Final = """
    um uh er erm uhm hm hmm m mm mhm ah oh eh huh 嗯 呃 额 啊 哦 噢 唔 诶 欸 唉
"""
_HESITATION: Final = frozenset(_HESITATION_WORDS.split())
_BACKCHANNEL_WORDS: Final = """
    yeah yes yep yup ya right okay ok sure mhmm uh-huh mm-hmm mm-hm uhuh aha wow really exactly true nice cool good
    great 对 对的 對 對的 是 是的 好 好的 哈 真的 这样 这样啊 这样子 原来如此 没错 明白 懂了 知道了 行
"""
_BACKCHANNEL: Final = _HESITATION | frozenset(_BACKCHANNEL_WORDS.split())
_PHRASES: Final = re.compile(r"\b(?:uh[- ]huh|m+[- ]h+m+|i see|go on|got it|of course|oh really|that's right)\b")
_STOP_EN: Final = (
    r"(?:stop|stop it|stop talking|wait|wait a (?:minute|second|moment)|hold on|hang on|quiet|be quiet|silence|shut up"
    r"|enough|that's enough|never mind|pause|one (?:moment|second)|hush|shush)"
)
_STOP_ZH: Final = (
    r"(?:停|停下|停下来|停一下|别说了|別說了|不要说了|等等|等一下|等会儿|安静|闭嘴|够了|打住|暂停)(?:吧|一下)?"
)
_STOP: Final = re.compile(
    rf"(?:(?:no|ok|okay|please|hey|visavis|just|oh)\s+)*{_STOP_EN}(?:\s+(?:please|now|visavis|{_STOP_EN}))*"
    rf"|(?:好了|请|行了|你|\s)*{_STOP_ZH}(?:\s*{_STOP_ZH})*"
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_REPEATED: Final = re.compile(r"([嗯啊哦呃噢唔哈对好是])\1*")


def is_hesitation(text: str) -> bool:
    """Whether nothing but the sounds of thinking was said; true of nothing at all."""
    return all(word in _HESITATION or _is_repeated(word, _HESITATION) for word in _words(text))


def is_backchannel(text: str) -> bool:
    """Whether all of it only says "I listen"; true of nothing at all."""
    return all(word in _BACKCHANNEL or _is_repeated(word, _BACKCHANNEL) for word in _words(text))


def is_stop(text: str) -> bool:
    """Whether all of it asks for silence."""
    return _STOP.fullmatch(" ".join(_words(text, phrases=False))) is not None


def _words(text: str, *, phrases: bool = True) -> list[str]:
    text = text.lower().replace("’", "'")
    if any(character.isdigit() for character in text):
        return [text]
    return _WORD.findall(_PHRASES.sub(" ", text) if phrases else text)


def _is_repeated(word: str, known: frozenset[str]) -> bool:
    """ "hmmmm", 嗯嗯, 对对对."""
    return re.sub(r"(.)\1+", r"\1", word) in known or (_REPEATED.fullmatch(word) is not None and word[0] in known)
