"""The lexicon of moods: what a word or sign speaks of, and how strongly (1 faintly, 3 beyond doubt)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

_Name = Literal["happy", "sorry", "sad", "curious", "surprised"]


def _table(*rows: tuple[_Name, int, str]) -> Iterator[tuple[str, tuple[_Name, int]]]:
    for mood, weight, words in rows:
        for word in words.split("|"):
            yield word, (mood, weight)


ENGLISH: Final[dict[str, tuple[_Name, int]]] = dict(
    _table(
        ("happy", 2, "happy|glad|delighted|wonderful|congratulations|hooray|yay|fantastic|awesome|amazing|excited"),
        ("happy", 2, "love|lovely|excellent|brilliant|joy|joyful|hurray|my pleasure|well done|haha|thrilled"),
        ("happy", 1, "great|nice|good|fun|funny|welcome|enjoy|thanks|thank you|perfect|beautiful|pleased|proud|cheers"),
        ("sorry", 3, "sorry|apologise|apologize|apologies|my apologies|forgive me|pardon me"),
        ("sorry", 2, "regret|my mistake|my fault|condolences"),
        ("sorry", 1, "unfortunately|i'm afraid|i am afraid|i can't|i cannot"),
        ("sad", 2, "sad|sadly|unhappy|heartbroken|tragic|tragedy|grief|miserable|terrible|awful|died|lonely|mourn"),
        ("sad", 1, "lost|loss|hurt|pain|difficult|worried|disappointed|disappointing|alas|miss you"),
        ("curious", 2, "curious|i wonder|wondering|tell me more|intriguing|what about you|how come"),
        ("curious", 1, "interesting|perhaps|maybe|hmm|hm|what do you think|how about"),
        ("surprised", 3, "wow|whoa|oh my|unbelievable|incredible|no way|astonishing|oh my god"),
        ("surprised", 2, "surprised|surprising|surprise|surprisingly|unexpected|really|suddenly|astonished|goodness"),
    )
)
CHINESE: Final[dict[str, tuple[_Name, int]]] = dict(
    _table(
        ("happy", 2, "高兴|开心|快乐|太好了|太棒了|恭喜|祝贺|喜欢|幸福|哈哈|欢迎|真棒|爱你|荣幸"),
        ("happy", 1, "很好|谢谢|不错|有趣|好玩|美丽|漂亮|不客气|祝你"),
        ("sorry", 3, "对不起|抱歉|不好意思|请原谅|道歉"),
        ("sorry", 1, "遗憾|可惜|恐怕|没办法|无法"),
        ("sad", 2, "难过|伤心|悲伤|不幸|痛苦|去世|哭|悲剧|孤独|失望"),
        ("sad", 1, "糟糕|担心|困难|失去"),
        ("curious", 2, "好奇|想知道|不知道你|告诉我更多"),
        ("curious", 1, "有意思|也许|可能|你呢|你觉得|为什么|嗯"),
        ("surprised", 3, "哇|天哪|天啊|竟然|居然|不会吧|难以置信"),
        ("surprised", 2, "惊讶|真的吗|没想到|意外|突然|吃惊"),
    )
)
_SIGNS: Final[dict[_Name, str]] = {
    "happy": "😀😃😄😁😆😊🙂😍🥰😘😂🤣🎉🥳❤💕👍😎🤗✨☺😉",
    "sorry": "🙏😓😅🙇😬",
    "sad": "😢😭😞😔☹🙁😿💔😟",
    "curious": "🤔🧐🤨",
    "surprised": "😮😲😱🤯😯😳",
}
EMOJI: Final[dict[str, _Name]] = {sign: mood for mood, signs in _SIGNS.items() for sign in signs}
NEGATIONS_EN: Final = frozenset(("not", "no", "never", "hardly", "without", "cannot", "neither", "nor"))
NEGATIONS_ZH: Final = ("不", "没", "没有", "别", "不太")
