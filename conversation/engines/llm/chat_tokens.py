"""ChatML, the dialogue format of SmolLM2-Instruct, Qwen and others, as tokens.

    <|im_start|>system\\n…<|im_end|>\\n  <|im_start|>user\\n…<|im_end|>\\n  <|im_start|>assistant\\n…<|im_end|>\\n

What people say is encoded apart from the frame around it, so that no text can open or close a turn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from conversation.errors import EngineError

START: Final = "<|im_start|>"
END: Final = "<|im_end|>"
SPECIAL: Final = (
    *(START, END, "<|endoftext|>"),
    # SmolLM2
    *("<repo_name>", "<reponame>", "<file_sep>", "<filename>", "<gh_stars>", "<issue_start>", "<issue_comment>"),
    *("<issue_closed>", "<jupyter_start>", "<jupyter_text>", "<jupyter_code>", "<jupyter_output>", "<jupyter_script>"),
    "<empty_output>",
    # Qwen
    *("<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>"),
    *("<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>"),
    *("<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"),
    *("<tool_call>", "</tool_call>"),
)
"""Never part of a text; in an answer each of them ends it. A vocabulary has some of them as one token."""


class ChatTokens:
    """`encode` turns text into tokens. EngineError where the vocabulary has no ChatML."""

    def __init__(self, encode: Callable[[str], list[int]]) -> None:
        self._encode = encode
        self._special = {tokens[0]: name for name in SPECIAL if len(tokens := encode(name)) == 1}
        if not {START, END} <= set(self._special.values()):
            raise EngineError(f"This language model knows no {START}: only models that speak ChatML can talk here.")
        (start,), (self.end,) = encode(START), encode(END)
        self._heads = {role: [start, *encode(f"{role}\n")] for role in ("system", "user", "assistant")}
        self.closing: Final = [self.end, *encode("\n")]
        """Ends what is open."""

    def is_special(self, token: int) -> bool:
        """Whether it is no part of a text."""
        return token in self._special

    def text(self, text: str) -> list[int]:
        """What somebody said, without white space around it and without special tokens."""
        return [token for token in self._encode(text.strip()) if not self.is_special(token)]

    def knows(self, text: str) -> bool:
        """Whether the vocabulary was made with text like this: it has no more tokens than characters, where one that
        never saw a script spells its characters in bytes."""
        return len(self._encode(text)) <= len(text)

    def opening(self, system: str, examples: tuple[tuple[str, str], ...]) -> list[int]:
        """The system prompt, and turns that show how to answer."""
        tokens = self.told(system)
        for question, answer in examples:
            tokens += self.question(self.text(question)) + self.text(answer) + self.closing
        return tokens

    def told(self, text: str) -> list[int]:
        """What the model is told by nobody in the dialogue."""
        return self._heads["system"] + self.text(text) + self.closing

    def saying(self, said: list[int]) -> list[int]:
        """A user's turn so far."""
        return self._heads["user"] + said

    def question(self, said: list[int]) -> list[int]:
        """A user's turn, up to where the answer begins."""
        return self._heads["user"] + said + self.closing + self._heads["assistant"]
