"""SmolLM2-135M-Instruct as a partner in a spoken dialogue.

The history is one list of tokens, of which the KV cache always holds a prefix: `_read` feeds what is missing, and
whatever changes the history (an answer cut short, an old turn dropped) only rewinds the cache to what they still share.
So an interrupted turn costs no second reading, and cancelling may stop anything between two chunks of tokens.

A model of this size answers well only when it is shown how: examples follow the system prompt, and an answer ends after
two sentences, before it begins to ramble.
"""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from conversation.dialogue import Turn
from conversation.engines.base import Cancelled, LanguageModelStats, never
from conversation.engines.chat_tokens import ChatTokens
from conversation.engines.mnn_llm import MnnLlm
from conversation.engines.sampling import Sampler, Sampling
from conversation.errors import EngineError

EXAMPLES: Final = (
    ("Hello!", "Hello! It is nice to meet you. What would you like to talk about?"),
    ("Who are you?", "My name is Visavis. I am an avatar, and I like to talk with people."),
    ("What is the largest ocean?", "The largest ocean is the Pacific Ocean. It covers about a third of the Earth."),
    ("Why do leaves fall in autumn?", "Leaves fall because trees save water and energy for the winter."),
    ("How do you feel?", "I feel very well, thank you for asking. How are you?"),
    ("Can you help me write a letter?", "Of course! Who would you like to write to?"),
    ("Tell me about elephants.", "Elephants are the largest animals on land. They live in Africa and Asia."),
    ("Thank you!", "You are welcome. It is nice to talk with you."),
    ("See you later.", "Goodbye! I hope to see you again soon."),
)
"""Short, plain, in English: without them the model drifts into lists, essays and French."""
CHUNK: Final = 32
"""Tokens read between two looks at `cancelled`: a quarter of a second at most of work."""
SHORTEST_REPLY: Final = 32
"""Tokens that every context leaves for an answer."""
_SENTENCE_END: Final = re.compile(r"(?<!\b[A-Z])(?<!\b[DMSJ][rst])(?<!\bMrs)[.!?…]+[\"'”’)]*(?=\s|$)")


class SmolLM2:
    """A LanguageModel; belongs to one thread. Other models that speak ChatML do, too, without the `examples`.

    `context`: tokens of dialogue that the model sees; when they are full, the oldest turns go (never the system prompt)
    and the rest is read again. `sentences`: an answer ends after so many; None: when the model ends it.
    Raises ModelMissingError or ModelError where `model_dir` holds no undamaged model.
    """

    def __init__(
        self,
        model_dir: Path,
        *,
        threads: int = 1,
        exact: bool = False,
        sampling: Sampling | None = None,
        examples: tuple[tuple[str, str], ...] = EXAMPLES,
        sentences: int | None = 2,
        context: int = 1024,
    ) -> None:
        self._llm = MnnLlm(model_dir, threads=threads, exact=exact)
        self._chat = ChatTokens(self._llm.encode)
        self._sampler = Sampler(sampling or Sampling())
        self._examples, self._sentences, self._context = examples, sentences, context
        self._ends = [self._chat.end, *(self._llm.encode(mark)[0] for mark in ".!?")]
        self._stats = LanguageModelStats()
        self._history: list[int] = []
        self._opening = 0
        self._turns: list[int] = []
        """Where in the history each turn begins."""
        self._replies: list[int] = []
        """Where in the history each answer begins."""
        self._version = 0
        """Counts changes other than writing: an iterator of before such a change ends."""

    @property
    def stats(self) -> LanguageModelStats:
        """Work done so far."""
        return self._stats

    @property
    def _reply(self) -> int | None:
        """Where the last answer begins."""
        return self._replies[-1] if self._replies else None

    @property
    def history(self) -> tuple[int, ...]:
        """The dialogue as tokens, the system prompt first; what the next turn builds on."""
        return tuple(self._history)

    def begin(self, system: str, *, cancelled: Cancelled = never) -> None:
        """Forget the dialogue and read the system prompt; EngineError where it leaves no room for a dialogue."""
        opening = self._chat.opening(system, self._examples)
        if len(opening) > self._context // 2:
            raise EngineError(f"The system prompt is too long ({len(opening)} tokens): write it shorter.")
        self._history, self._opening = opening, len(opening)
        self._turns, self._replies = [], []
        self._version += 1
        self._sampler.restart()
        self._llm.rewind(0)
        self._read(cancelled)

    def reply(self, user_text: str, *, max_tokens: int, cancelled: Cancelled = never) -> Iterator[str]:
        """Answer in pieces; see LanguageModel. The question is part of the history from now on."""
        if not self._opening:
            raise EngineError("The dialogue has not begun: give the language model a system prompt first.")
        self._ask(user_text, max_tokens)
        return self._write(min(max_tokens, self._context - len(self._history)), cancelled)

    def truncate_last_reply(self, heard_text: str) -> None:
        """Make the history say that the last answer was `heard_text`."""
        if self._reply is None:
            return
        kept = self._history[: self._reply] + self._chat.text(heard_text)
        shared = next(
            (i for i, (old, new) in enumerate(zip(self._history, kept, strict=False)) if old != new), len(kept)
        )
        self._history = kept
        self._llm.rewind(shared)

    def take_back(self) -> None:
        """Forget the last question and its answer."""
        if not self._turns:
            return
        del self._history[self._turns.pop() :]
        self._replies.pop()
        closing = self._chat.closing
        # What closed the answer before is appended again with the next question.
        if self._replies and self._history[-len(closing) :] == closing:
            del self._history[-len(closing) :]
        self._version += 1
        self._llm.rewind(len(self._history))

    def weigh(self, text: str, *, cancelled: Cancelled = never) -> float | None:
        """See LanguageModel: the probability that the turn, or at least a sentence, ends here. English only."""
        text = text.rstrip(" .,!?…-")
        said = self._chat.text(text)
        tokens = [*(self._chat.closing if self._replies else ()), *self._chat.saying(said)]
        if not (said and self._opening and text.isascii()) or len(self._history) + len(tokens) > self._context:
            return None
        self._read(cancelled)
        logits = None
        for start in range(0, len(tokens), CHUNK):
            if cancelled():
                logits = None
                break
            began, chunk = time.perf_counter(), tokens[start : start + CHUNK]
            logits = self._llm.feed(chunk)
            self._count(len(chunk), time.perf_counter() - began)
        self._llm.rewind(len(self._history))
        if logits is None:
            return None
        likely = np.exp(logits - logits.max())
        return float(likely[self._ends].sum() / likely.sum())

    def resume(self, turns: Sequence[Turn]) -> None:
        """Go on from turns of before, as many of the newest as fit into half of the context."""
        room, kept = (self._context - self._opening) // 2, list[Turn]()
        for turn in reversed(turns):
            frame = len(self._chat.question([])) + len(self._chat.closing)
            room -= frame + len(self._chat.text(turn.question)) + len(self._chat.text(turn.heard))
            if room < 0:
                break
            kept.insert(0, turn)
        for turn in kept:
            self._ask(turn.question, 0)
            self._history += self._chat.text(turn.heard)

    def settle(self, *, cancelled: Cancelled = never) -> None:
        """Between turns: do now what the next one would have to wait for."""
        self._drop_turns(self._context // 8, keep=1)
        self._read(cancelled)

    def close(self) -> None:
        """Nothing to do: the memory goes with the object."""

    def _ask(self, user_text: str, max_tokens: int) -> None:
        """Make a question the end of the history."""
        question = self._question(user_text, max_tokens)
        if self._reply is not None:
            self._history += self._chat.closing
        self._drop_turns(len(question) + max_tokens)
        self._turns.append(len(self._history))
        self._history += question
        self._replies.append(len(self._history))
        self._version += 1

    def _question(self, user_text: str, max_tokens: int) -> list[int]:
        frame = len(self._chat.question([]))
        room = self._context - self._opening - frame - min(max_tokens, SHORTEST_REPLY) - len(self._chat.closing)
        # Of a question that is longer than the model's memory, the end matters most.
        return self._chat.question(self._chat.text(user_text)[-room:])

    def _drop_turns(self, needed: int, *, keep: int = 0) -> None:
        """If the context cannot hold `needed` more tokens, drop the oldest turns until it is half empty."""
        if len(self._history) + needed <= self._context:
            return
        gone = 0
        while len(self._turns) > keep and len(self._history) + needed > self._context // 2:
            start = self._turns.pop(0) - gone
            self._replies.pop(0)
            size = (self._turns[0] - gone if self._turns else len(self._history)) - start
            del self._history[start : start + size]
            gone += size
        self._turns = [start - gone for start in self._turns]
        self._replies = [start - gone for start in self._replies]
        # Keys are cached with their position turned into them, so what stays must be read again.
        if gone:
            self._llm.rewind(self._opening)

    def _write(self, most: int, cancelled: Cancelled) -> Iterator[str]:
        version = self._version
        text, written = "", list[int]()
        utf8 = codecs.getincrementaldecoder("utf-8")("replace")
        while len(written) < most and version == self._version and not cancelled():
            logits = self._read(cancelled)
            if logits is None:
                return
            token = self._sampler.pick(logits, written)
            if self._chat.is_special(token):
                return
            piece = utf8.decode(self._llm.decode(token))
            if self._is_complete(text, piece):
                return
            written.append(token)
            self._history.append(token)
            text += piece
            if piece:
                yield piece

    def _is_complete(self, text: str, piece: str) -> bool:
        """Whether `piece` would begin another sentence than the last one allowed."""
        if self._sentences is None or not piece[:1].isspace():
            return False
        return len(_SENTENCE_END.findall(text)) >= self._sentences

    def _read(self, cancelled: Cancelled) -> NDArray[np.float32] | None:
        """Feed what the cache lacks; logits after the last token, None where cancelled or nothing is lacking."""
        logits = None
        while (done := self._llm.length) < len(self._history):
            if cancelled():
                return None
            chunk = self._history[done : done + CHUNK]
            start = time.perf_counter()
            logits = self._llm.feed(chunk)
            self._count(len(chunk), time.perf_counter() - start)
        return logits

    def _count(self, tokens: int, seconds: float) -> None:
        # A single token is one that the model wrote itself: everything else comes in more than one.
        was = self._stats
        if tokens == 1:
            self._stats = replace(was, decode_tokens=was.decode_tokens + 1, decode_s=was.decode_s + seconds)
        else:
            self._stats = replace(was, prefill_tokens=was.prefill_tokens + tokens, prefill_s=was.prefill_s + seconds)
