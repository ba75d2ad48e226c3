"""What is asked in all: the words of now, after those of a question whose speaker went on before it was answered."""

from __future__ import annotations

from typing import Final

from conversation.turns.asides import is_backchannel, is_hesitation

LONGEST_QUESTION: Final = 4000
"""Characters; of more, the end is asked."""


class Question:
    """Puts together what belongs together, spoken or typed."""

    def __init__(self) -> None:
        self.carried = ""
        """Asked, and not answered before more came."""
        self.typed = ""
        """In writing, and waiting: for the engines, or for playback to say where it cut."""

    def with_carried(self, text: str) -> str:
        """These words as the end of what was asked."""
        return f"{self.carried} {text}".strip()[-LONGEST_QUESTION:]

    def spoken(self, text: str, *, answer: bool) -> str:
        """What is asked in all by these words; "" where nothing is. `answer`: they may answer a question."""
        if self.carried and is_backchannel(text):
            return self.carried
        question = self.with_carried(text)
        return "" if is_hesitation(question) and not answer else question

    def type(self, text: str) -> None:
        """More is typed."""
        self.typed = f"{self.typed} {text}".strip()[-LONGEST_QUESTION:]

    def take_typed(self) -> str:
        """What is asked in all by what was typed, which waits no more."""
        question = self.with_carried(self.typed)
        self.carried = self.typed = ""
        return question
