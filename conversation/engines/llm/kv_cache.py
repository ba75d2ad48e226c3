"""A KV cache that follows a text: whatever becomes of the text, only what differs is read.

An answer that was cut short, a question taken back, a thought left out: the cache is rewound to what it still shares
with the text, and reads on from there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from conversation.engines.base import Cancelled, LanguageModelStats
from conversation.engines.llm.mnn_llm import MnnLlm

CHUNK: Final = 32
"""Tokens read between two looks at `cancelled`: a quarter of a second at most of work."""
SMALLER: Final = (16, 8)
"""What is left of a text is read in these, and then the rest: MNN keeps 3 MB for nearly every other length that it ever
saw, and a talk brings all of them in time. It costs the reading of a question some 8 ms."""


class Work:
    """What was done so far; several caches count into one."""

    def __init__(self) -> None:
        self.stats = LanguageModelStats()

    def count(self, tokens: int, seconds: float, *, own: bool) -> None:
        """So many tokens were read, in so many seconds; `own`: one that the model wrote itself."""
        was = self.stats
        if own:
            self.stats = replace(was, decode_tokens=was.decode_tokens + 1, decode_s=was.decode_s + seconds)
        else:
            self.stats = replace(was, prefill_tokens=was.prefill_tokens + tokens, prefill_s=was.prefill_s + seconds)


class KvCache:
    """The cache of one MnnLlm; belongs to one thread."""

    def __init__(self, llm: MnnLlm, work: Work) -> None:
        self.llm: Final = llm
        self._work = work
        self._tokens: list[int] = []
        self._logits: NDArray[np.float32] | None = None
        """Of what follows the last token; None where that was not the last one that was fed."""

    def lacks(self, text: Sequence[int]) -> int:
        """Tokens that `read` would have to read of `text`."""
        return len(text) - self._shared(list(text))

    def clear(self) -> None:
        """Forget everything, so that what is read next is read as it would be in a new cache."""
        self._cut(0)

    def read(self, text: list[int], cancelled: Cancelled) -> NDArray[np.float32] | None:
        """Make the cache hold `text`; (vocabulary,) logits of what follows. None where cancelled, or `text` is empty.

        What a cancelled call has read stays, and is not read again.
        """
        shared = self._shared(text)
        if shared == len(text) < len(self._tokens) or (shared == len(text) and self._logits is None):
            shared -= 1  # the last token once more, for its logits
        if shared < 0:
            self._cut(0)
            return None
        self._cut(shared)
        # A single token is one that the model wrote itself: every other text is longer.
        own = len(text) - shared == 1
        while len(self._tokens) < len(text):
            if cancelled():
                return None
            left = len(text) - len(self._tokens)
            size = next((size for size in (CHUNK, *SMALLER) if left >= size), left)
            chunk = text[len(self._tokens) : len(self._tokens) + size]
            began = time.perf_counter()
            self._logits = self.llm.feed(chunk)
            self._work.count(len(chunk), time.perf_counter() - began, own=own)
            self._tokens += chunk
        return self._logits

    def _cut(self, length: int) -> None:
        if length < len(self._tokens):
            self.llm.rewind(length)
            del self._tokens[length:]
            self._logits = None

    def _shared(self, text: list[int]) -> int:
        """Tokens at the beginning that the cache and `text` have in common."""
        most = min(len(text), len(self._tokens))
        if text[:most] == self._tokens[:most]:
            return most
        return next(i for i in range(most) if text[i] != self._tokens[i])
