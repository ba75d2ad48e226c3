"""A dialogue as text, for every engine that keeps its history on our side: system prompt, notes, turns.

History holds what was *heard*: an answer that was cut short ends where the listener stopped it. When the tokens near
the limit, the oldest turns leave. Before they go, the model itself may write notes of them, which stay; where it cannot
(it fails, is cancelled, or says nothing), they are dropped without. The newest question always stays.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

Role = Literal["system", "user", "assistant"]
CountTokens = Callable[[str], int]
"""How many tokens a text is for the model, or a guess that is rather too high."""

FRAME_TOKENS: Final = 8
"""Around each message: role, beginning and end."""
NOTES_TOKENS: Final = 256
"""Notes of all that left are never longer."""
NOTES_INTRODUCED: Final = "Notes of what was said earlier in this conversation:"


@dataclass(frozen=True)
class Message:
    """One message as chat templates know it."""

    role: Role
    content: str


@dataclass(frozen=True)
class Turn:
    """A question, and what was heard of the answer (nothing yet, or nothing at all: empty)."""

    question: str
    heard: str = ""


WriteNotes = Callable[[str, Sequence[Turn]], str]
"""The notes that hold from now on, of earlier notes and of turns that leave; empty where there are none."""


class Dialogue:
    """Changes by whole turns; belongs to one thread."""

    def __init__(self, system: str = "", turns: Sequence[Turn] = ()) -> None:
        self.system: Final = system
        self._notes = ""
        self._turns = list(turns)

    @property
    def notes(self) -> str:
        """What is still known of turns that left."""
        return self._notes

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Those that the model still sees word for word, the oldest first."""
        return tuple(self._turns)

    def ask(self, question: str) -> None:
        """Begin a turn."""
        self._turns.append(Turn(question.strip()))

    def hear(self, text: str) -> None:
        """Of the last answer `text` was heard; without a turn nothing happens."""
        if self._turns:
            self._turns[-1] = replace(self._turns[-1], heard=text.strip())

    def take_back(self) -> None:
        """The last turn never was; without a turn nothing happens."""
        if self._turns:
            self._turns.pop()

    def messages(self) -> tuple[Message, ...]:
        """What a chat template is given: roles alternate and nothing is empty, as many templates demand.

        Questions whose answers nobody heard become one message with the question after them.
        """
        system = self.system
        if self._notes:
            system = f"{system}\n\n{NOTES_INTRODUCED}\n{self._notes}".strip()
        messages = [Message("system", system)] if system else []
        asked = list[str]()
        for turn in self._turns:
            asked += [turn.question] if turn.question else []
            if turn.heard and asked:
                messages += [Message("user", "\n".join(asked)), Message("assistant", turn.heard)]
                asked = []
        if asked:
            messages.append(Message("user", "\n".join(asked)))
        return tuple(messages)

    def tokens(self, count: CountTokens) -> int:
        """Length of all messages for the model."""
        return sum(count(message.content) + FRAME_TOKENS for message in self.messages())

    def fit(self, room: int, count: CountTokens, write_notes: WriteNotes | None = None) -> bool:
        """Make the dialogue fit into `room` tokens; whether anything left.

        It then fills half of the room at most, so that the next turns come without another reading of the whole.
        What `write_notes` gives takes the place of the notes of before; without it the turns that leave are forgotten.
        Notes that are too long with the newest question alone go, too.
        """
        if self.tokens(count) <= room:
            return False
        leaving = self._leaving(room, count)
        del self._turns[: len(leaving)]
        if leaving and write_notes is not None:
            self._notes = shortened(write_notes(self._notes, leaving).strip(), min(NOTES_TOKENS, room // 4), count)
        if self.tokens(count) > room:
            self._notes = ""
        if self._turns and (over := self.tokens(count) - room) > 0:
            last = self._turns[-1]
            # Of a question that is longer than the model's memory, the end matters most.
            keep = max(count(last.question) - over, 1)
            self._turns[-1] = replace(last, question=ending(last.question, keep, count))
        return True

    def _leaving(self, room: int, count: CountTokens) -> list[Turn]:
        """The oldest turns that have to go; never the newest."""
        spent = count(self.system) + min(NOTES_TOKENS, room // 4) + 2 * FRAME_TOKENS
        kept = 0
        for turn in reversed(self._turns):
            spent += count(turn.question) + count(turn.heard) + 2 * FRAME_TOKENS
            if kept and spent > max(room // 2, count(self.system) + room // 4):
                break
            kept += 1
        return self._turns[: len(self._turns) - kept]


def guessed_tokens(text: str) -> int:
    """Length of `text` for a model whose tokens are not known: rather too high for English and Chinese."""
    wide = sum(letter >= "\u2e80" for letter in text)
    return wide + math.ceil((len(text) - wide) / 3.5)


def notes_request(notes: str, turns: Sequence[Turn]) -> tuple[Message, ...]:
    """Ask a model for notes of `turns`, and of `notes` that were there before."""
    talk = "\n".join(
        line
        for turn in turns
        for line in (f"User: {turn.question}", f"You: {turn.heard}" if turn.heard else "")
        if line
    )
    earlier = f"Notes so far:\n{notes}\n\n" if notes else ""
    return (
        Message("system", "You write short, exact notes of a conversation for your own memory."),
        Message(
            "user",
            f"{earlier}Conversation:\n{talk}\n\nWrite in at most five short sentences, in the language of the "
            "conversation, what has to be remembered of this: names, facts, wishes, what was agreed. Only the notes.",
        ),
    )


def shortened(text: str, most: int, count: CountTokens) -> str:
    """`text`, or as many of its first sentences or, failing that, characters as are `most` tokens."""
    if count(text) <= most:
        return text
    cut = text[: _longest(len(text), lambda size: count(text[:size]) <= most)]
    end = max(cut.rfind(mark) for mark in ".!?。！？\n")
    return cut[: end + 1].strip() if end > len(cut) // 3 else cut.strip()


def ending(text: str, most: int, count: CountTokens) -> str:
    """The end of `text` that is `most` tokens at most."""
    return text[len(text) - _longest(len(text), lambda size: count(text[len(text) - size :]) <= most) :].strip()


def _longest(most: int, fits: Callable[[int], bool]) -> int:
    """The greatest size up to `most` that fits, where all smaller ones fit too."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low
