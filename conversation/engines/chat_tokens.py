"""ChatML, the dialogue format of SmolLM2-Instruct, as tokens.

    <|im_start|>system\\n…<|im_end|>\\n  <|im_start|>user\\n…<|im_end|>\\n  <|im_start|>assistant\\n…<|im_end|>\\n

What people say is encoded apart from the frame around it, so that no text can open or close a turn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

SPECIAL: Final = 17
"""The first tokens of the vocabulary are never part of a text; in an answer each of them ends it."""
START: Final = 1
END: Final = 2


class ChatTokens:
    """`encode` turns text into tokens."""

    def __init__(self, encode: Callable[[str], list[int]]) -> None:
        self._encode = encode
        self._heads = {role: [START, *encode(f"{role}\n")] for role in ("system", "user", "assistant")}
        self.closing: Final = [END, *encode("\n")]
        """Ends what is open."""

    def text(self, text: str) -> list[int]:
        """What somebody said, without white space around it and without special tokens."""
        return [token for token in self._encode(text.strip()) if token >= SPECIAL]

    def opening(self, system: str, examples: tuple[tuple[str, str], ...]) -> list[int]:
        """The system prompt, and turns that show how to answer."""
        tokens = self._heads["system"] + self.text(system) + self.closing
        for question, answer in examples:
            tokens += self.question(self.text(question)) + self.text(answer) + self.closing
        return tokens

    def saying(self, said: list[int]) -> list[int]:
        """A user's turn so far."""
        return self._heads["user"] + said

    def question(self, said: list[int]) -> list[int]:
        """A user's turn, up to where the answer begins."""
        return self._heads["user"] + said + self.closing + self._heads["assistant"]
