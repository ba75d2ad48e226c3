"""A dialogue as the tokens that a model reads: system prompt, examples, notes of what left, turns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from conversation.engines.llm.chat_tokens import ChatTokens
from conversation.errors import EngineError
from conversation.history.dialogue import NOTES_INTRODUCED, NOTES_TOKENS, Turn, shortened

SHORTEST_REPLY: Final = 32
"""Tokens that every context leaves for an answer."""


@dataclass(eq=False)
class Placed:
    """A turn, and where in the tokens it and its answer begin."""

    question: str
    start: int
    reply: int


@dataclass(frozen=True)
class Trimming:
    """These turns leave, as far as they are still there, and these notes are what is known of them."""

    gone: tuple[Placed, ...]
    notes: str


class TokenDialogue:
    """`context`: tokens that it never outgrows. EngineError where the opening leaves no room for a dialogue."""

    def __init__(self, chat: ChatTokens, context: int, system: str, examples: tuple[tuple[str, str], ...]) -> None:
        self._chat = chat
        self._context: Final = context
        self._opening: Final = chat.opening(system, examples)
        if len(self._opening) > context // 2:
            raise EngineError(f"The system prompt is too long ({len(self._opening)} tokens): write it shorter.")
        self._head = len(self._opening)  # with the notes
        self.tokens = list(self._opening)
        self.turns = list[Placed]()
        self.notes = ""

    @property
    def is_filling(self) -> bool:
        """Whether it is time to think about what may leave."""
        return len(self.tokens) > self._context * 3 // 4

    @property
    def notes_room(self) -> int:
        """Tokens of notes at most."""
        return min(NOTES_TOKENS, self._context // 6)

    def fits(self, more: int) -> bool:
        """Whether there is room for so many tokens more."""
        return len(self.tokens) + more <= self._context

    def question(self, text: str, most: int) -> list[int]:
        """What `ask` appends, which leaves room for `most` tokens of answer."""
        frame = len(self._chat.question([]))
        room = self._context - self._head - frame - min(most, SHORTEST_REPLY) - len(self._chat.closing)
        # Of a question that is longer than the model's memory, the end matters most.
        closing = self._chat.closing if self.turns else []
        return [*closing, *self._chat.question(self._chat.text(text)[-room:])]

    def ask(self, text: str, most: int) -> None:
        """Append a turn with that question."""
        tokens = self.question(text, most)
        self.tokens += tokens
        closing = len(self._chat.closing) if self.turns else 0
        self.turns.append(Placed(text, len(self.tokens) - len(tokens) + closing, len(self.tokens)))

    def hear(self, text: str) -> None:
        """The last answer is `text`; without a turn nothing happens."""
        if self.turns:
            self.tokens[self.turns[-1].reply :] = self._chat.text(text)

    def take_back(self) -> bool:
        """The last turn never was; whether there was one."""
        if not self.turns:
            return False
        del self.tokens[self.turns.pop().start :]
        # What closed the answer before is appended again with the next question.
        if self.turns:
            del self.tokens[len(self.tokens) - len(self._chat.closing) :]
        return True

    def leaving(self, more: int = 0, *, keep: int = 0) -> int:
        """How many of the oldest turns have to go so that the rest, with `more` tokens to come, is half the context."""
        most = max(self._context // 2, len(self._opening) + self._context // 4) - more
        for gone in range(max(len(self.turns) - keep, 0)):
            rest = len(self.tokens) - self.turns[gone].start
            if len(self._opening) + self.notes_room + rest <= most:
                return gone
        return max(len(self.turns) - keep, 0)

    def asked(self, turns: int) -> list[Turn]:
        """The questions of the oldest turns."""
        return [Turn(turn.question) for turn in self.turns[:turns]]

    def trimming(self, gone: int, notes: str) -> Trimming:
        """What `trim` takes, so that the oldest `gone` turns leave."""
        short = shortened(notes, self.notes_room, lambda text: len(self._chat.text(text)))
        return Trimming(tuple(self.turns[:gone]), short)

    def trimmed(self, how: Trimming) -> list[int]:
        """The tokens as `trim` would make them."""
        gone = self._gone(how)
        start = self.turns[gone].start if gone < len(self.turns) else len(self.tokens)
        return [*self._opening, *self._noted(how.notes), *self.tokens[start:]]

    def trim(self, how: Trimming) -> None:
        """Let turns leave."""
        tokens = self.trimmed(how)
        gone = self._gone(how)
        shift = len(tokens) - len(self.tokens)
        self.tokens[:], self.notes = tokens, how.notes
        self._head = len(self._opening) + len(self._noted(how.notes))
        del self.turns[:gone]
        for turn in self.turns:
            turn.start += shift
            turn.reply += shift

    def _gone(self, how: Trimming) -> int:
        return sum(turn in how.gone for turn in self.turns)

    def _noted(self, notes: str) -> list[int]:
        return self._chat.told(f"{NOTES_INTRODUCED}\n{notes}") if notes else []
