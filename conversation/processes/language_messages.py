"""What the language model's process is asked and what it answers.

Calls are numbered from 1 and only grow; what belongs to no call has none.
"""

from __future__ import annotations

from conversation.engines.base import LanguageModelStats
from conversation.link.events import Message, Stop

# To the model.


class Begin(Message, frozen=True):
    """LanguageModel.begin."""

    call: int
    system: str


class Reply(Message, frozen=True):
    """LanguageModel.reply."""

    call: int
    user_text: str
    max_tokens: int


class Weigh(Message, frozen=True):
    """LanguageModel.weigh."""

    call: int
    text: str


class Truncate(Message, frozen=True):
    """LanguageModel.truncate_last_reply."""

    heard_text: str


class TakeBack(Message, frozen=True):
    """LanguageModel.take_back."""


class Resume(Message, frozen=True):
    """LanguageModel.resume; questions with what was heard of their answers."""

    turns: tuple[tuple[str, str], ...]


class UseLora(Message, frozen=True):
    """Adaptable.use_lora."""

    call: int
    file: str


class Cancel(Message, frozen=True):
    """Stop this call; of a reply, history keeps `seen`."""

    call: int
    seen: str


# From the model.


class Loaded(Message, frozen=True):
    """The model is loaded."""


class Piece(Message, frozen=True):
    """More of a reply."""

    call: int
    text: str


class Weighed(Message, frozen=True):
    """What LanguageModel.weigh found; Done follows."""

    call: int
    likely: float | None


class Done(Message, frozen=True):
    """A call is over."""

    call: int
    stats: LanguageModelStats


class Failed(Message, frozen=True):
    """A call (0: loading) failed; `error` is the name of its type."""

    call: int
    error: str
    message: str


ToModel = Begin | Reply | Weigh | Truncate | TakeBack | Resume | UseLora | Cancel | Stop
"""What the process is sent."""
FromModel = Loaded | Piece | Weighed | Done | Failed
"""What it sends."""
