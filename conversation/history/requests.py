"""What the user asks of the avatar's memory: "remember that …", "forget that …", in English and Chinese.

Only a request at the beginning of what was said counts: "Do you remember that film?" is a question, "I remember that …"
a story.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from conversation.history.dialogue import guessed_tokens
from conversation.history.memory import Fact

FACTS_TOKENS: Final = 200
FACTS_INTRODUCED: Final = "The user asked you to remember, in these words:"

_OPENING: Final = (
    r"^(?:(?:ok(?:ay)?|hey|hi|hello|so|and|oh|well|now|also|visavis|please|just)[,.!]?\s+)*"
    r"(?:(?:can|could|will|would)\s+you\s+(?:please\s+)?|i\s+(?:want|need|would\s+like|'d\s+like)\s+you\s+to\s+)?"
    r"(?:please\s+)?(?:always\s+)?"
)
_REMEMBER: Final = re.compile(
    _OPENING
    + r"(?:remember|don'?t\s+forget|do\s+not\s+forget|keep\s+in\s+mind|make\s+a\s+note|note|bear\s+in\s+mind)"
    + r"(?:\s+this)?(?:\s*[:,]\s*|\s+that[,:]?\s+|\s+(?=(?:my|i|i'm|i've|we|our)\b))(?P<fact>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_FORGET: Final = re.compile(
    _OPENING + r"forget\s+(?:that\s+|about\s+|(?=(?:my|i|i'm|i've|we|our)\b))(?P<fact>.+)$", re.IGNORECASE | re.DOTALL
)
_OPENING_ZH: Final = (
    r"^(?:(?:你好|喂|嗯|那|那么|那麼|好的?|对了|對了)[，,。！!\s]*)*"
    r"(?:请|請|麻烦|麻煩|能不能|可不可以|可以)?你?(?:帮我|幫我|替我|给我|給我)?(?:一定)?(?:要)?"
)
_REMEMBER_ZH: Final = re.compile(
    _OPENING_ZH
    + r"(?:记住|記住|记得|記得|记一下|記一下|记下来?|記下來?|别忘了|別忘了|不要忘记|不要忘記|别忘记|別忘記)"
    + r"(?:一下)?(?:这件事|這件事)?[，,:：、\s]*(?P<fact>.+)$",
    re.DOTALL,
)
_FORGET_ZH: Final = re.compile(_OPENING_ZH + r"(?:忘记|忘記|忘掉|忘了)[，,:：、\s]*(?P<fact>.+)$", re.DOTALL)
_QUESTION_ZH: Final = re.compile(r"(?:吗|嗎|么|呢)[？?。]*$|[？?]$")
_POINTS_BACK: Final = re.compile(r"(?:it|this|that|me|him|her|us|them|everything|the\s+\w+)[.!?\s]*", re.IGNORECASE)

_UNFINISHED: Final = re.compile(
    r"(?:(?:i|i'm|i've|i'd|i'll|me|my|we|we're|we've|us|our|it|it's|its|you|your|is|am|are|was|were|be|been|have|has|had"
    r"|do|does|did|not|a|an|the|and|or|of|to|in|on|at|by|for|from|with|about|that|this|there"
    r"|我|我的|我是|我有|我在|我叫|我想|我们|我们的|你|你的|他|他的|她|她的|这|这个|那|那个)(?:\s+|$))+",
    re.IGNORECASE,
)
"""Words of which more must follow: somebody was cut off, who might else have everything forgotten that is "mine"."""


@dataclass(frozen=True)
class Remember:
    """Keep this."""

    text: str


@dataclass(frozen=True)
class Forget:
    """No longer keep what says this."""

    text: str


def request_in(said: str) -> Remember | Forget | None:
    """What is asked of the memory in what was said, in the words that were used; None: nothing."""
    said = " ".join(said.replace("’", "'").split())
    for pattern, kind, chinese in (
        (_REMEMBER, Remember, False),
        (_FORGET, Forget, False),
        (_REMEMBER_ZH, Remember, True),
        (_FORGET_ZH, Forget, True),
    ):
        if (found := pattern.match(said)) is None:
            continue
        if chinese and _QUESTION_ZH.search(said):
            return None
        fact = found["fact"].strip(" ,，:：").rstrip(".!?。！？ ")
        if len(fact) > 1 and not _POINTS_BACK.fullmatch(fact) and not _UNFINISHED.fullmatch(fact):
            return kind(fact)
    return None


def system_text(prompt: str, *, persona: str = "", facts: Sequence[Fact] = (), most: int = FACTS_TOKENS) -> str:
    """The system prompt as the model gets it: who the avatar is, then the newest facts that are `most` tokens."""
    lines = list[str]()
    for fact in reversed(facts):
        most -= guessed_tokens(fact.text) + 2
        if most < 0:
            break
        lines.insert(0, f"- {fact.text}")
    remembered = "\n".join([FACTS_INTRODUCED, *lines]) if lines else ""
    return "\n\n".join(part for part in (prompt.strip(), persona.strip(), remembered) if part)
