"""Any language model behind an OpenAI-compatible server: vLLM, SGLang, llama.cpp, Ollama (docs/servers.md).

The history is ours and goes along with every question, so what was never heard is never sent; the server's own prefix
cache makes that cheap. An event loop of the engine's own runs only while a call waits. Between two looks at it
`cancelled` is asked; a cancelled or closed answer closes its connection, which stops the server's work.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Coroutine, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from conversation.engines.base import Cancelled, LanguageModelStats, never
from conversation.engines.llm.chat_server import BrokenOffError, ChatServer, Piece, ServerBusyError
from conversation.engines.llm.thoughts import ThoughtFilter
from conversation.errors import ContextFullError, EngineError
from conversation.history.dialogue import (
    NOTES_TOKENS,
    Dialogue,
    Message,
    Turn,
    WriteNotes,
    guessed_tokens,
    notes_request,
)
from conversation.history.notes import keeping_own_words

KEY_VARIABLE: Final = "VISAVIS_LLM_KEY"
CONTEXT: Final = 4096
"""Tokens, where neither the user nor the server says: what Ollama gives every model."""
SMALLEST_CONTEXT: Final = 128
_LOOK_S: Final = 0.01
"""Between two looks at `cancelled` while nothing comes."""
_TRIES: Final = 6
_LONGEST_TOKEN: Final = 64
"""Letters a token at most, over a whole answer: a server that ignores `max_tokens` is stopped."""

T = TypeVar("T")


class OpenAiServer:
    """A LanguageModel; belongs to one thread.

    `url`: the server's OpenAI address. `model`: its name there; None: the first that the server lists. `context`:
    tokens of dialogue that the model takes; None: what the server says, else CONTEXT. `key_variable`: the environment
    variable that holds the key, if the server wants one. `silence_s`: so long the server may say nothing. `start_s`:
    so long it may load. `notes_s`: so long an answer may be held up by notes of turns that leave the context.
    `extra`: more fields of every request, as `{"chat_template_kwargs": {"enable_thinking": False}}`.
    Raises EngineError where `url` is no address.
    """

    def __init__(
        self,
        url: str,
        *,
        model: str | None = None,
        context: int | None = None,
        temperature: float = 0.7,
        key_variable: str = KEY_VARIABLE,
        silence_s: float = 30.0,
        start_s: float = 60.0,
        notes_s: float = 3.0,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        key = os.environ.get(key_variable, "")
        self._server = ChatServer(url, key=key, key_variable=key_variable, silence_s=silence_s)
        self._loop = asyncio.new_event_loop()
        self._model, self._wanted_model = "", model
        self._context, self._wanted_context = CONTEXT, context
        self._request = {"temperature": temperature, **(extra or {})}
        self._start_s, self._notes_s = start_s, notes_s
        self.waits_s: Final = start_s + silence_s + notes_s
        """See Waiting."""
        self._scale = 1.0
        """The server's tokens for one of ours."""
        self._stats = LanguageModelStats()
        self._dialogue: Dialogue | None = None
        self._answer: Generator[str] | None = None

    @property
    def stats(self) -> LanguageModelStats:
        """Work so far, as the server counts it; time includes the network's."""
        return self._stats

    @property
    def dialogue(self) -> Dialogue:
        """What the next question is sent with; EngineError before `begin`."""
        if self._dialogue is None:
            raise EngineError("The dialogue has not begun: give the language model a system prompt first.")
        return self._dialogue

    def begin(self, system: str, *, cancelled: Cancelled = never) -> None:
        """Forget the dialogue; see that the server, the key and the model are there and warm."""
        self._stop()
        self._dialogue = Dialogue(system)
        deadline = time.monotonic() + self._start_s
        while not cancelled():
            try:
                self._choose_model(cancelled)
                # One token makes the server load the model and, if it can, keep what it read of the system prompt.
                hello = (*self._dialogue.messages(), Message("user", "Hello!"))
                for _ in self._ask(hello, 1, cancelled):
                    pass
                return
            except ServerBusyError:
                if time.monotonic() > deadline:
                    raise
                self._run(asyncio.sleep(0.5), cancelled)
            except ContextFullError:
                raise EngineError("The system prompt is too long for the model on the server: shorten it.") from None

    def resume(self, turns: Sequence[Turn]) -> None:
        """Go on from turns of before; call it after `begin`."""
        self._stop()
        self._dialogue = Dialogue(self.dialogue.system, turns)

    def reply(self, user_text: str, *, max_tokens: int, cancelled: Cancelled = never) -> Iterator[str]:
        """Answer in pieces; see LanguageModel. The question is part of the history from now on."""
        self._stop()
        self.dialogue.ask(user_text)
        self._answer = self._write(min(max_tokens, self._context // 2), cancelled)
        return self._answer

    def truncate_last_reply(self, heard_text: str) -> None:
        """Make the history say that the last answer was `heard_text`."""
        self._stop()
        if self._dialogue is not None:
            self._dialogue.hear(heard_text)

    def take_back(self) -> None:
        """See LanguageModel."""
        self._stop()
        self.dialogue.take_back()

    def weigh(self, text: str, *, cancelled: Cancelled = never) -> float | None:
        """A server gives no probabilities of what a user says next."""
        return None

    def settle(self, *, cancelled: Cancelled = never) -> None:
        """Between turns: once the context is three quarters full, make notes of the oldest turns and let them go."""
        self._stop()
        if self._dialogue is not None:
            self._dialogue.fit(self._context * 3 // 4, self._count, self._notes_writer(None, cancelled))

    def close(self) -> None:
        """Close the connections."""
        if self._loop.is_closed():
            return
        self._stop()
        self._loop.run_until_complete(self._server.close())
        self._loop.close()

    def _stop(self) -> None:
        """An answer that still comes is of no use any more."""
        if self._answer is not None:
            self._answer.close()
            self._answer = None

    def _choose_model(self, cancelled: Cancelled) -> None:
        offered: dict[str, int | None] = {}
        try:
            offered = self._run(self._server.models(), cancelled) or {}
        except (ServerBusyError, BrokenOffError):
            raise
        except EngineError:
            # Not every server can list its models.
            if self._wanted_model is None:
                raise
        name = self._wanted_model or next(iter(offered), None)
        if name is None:
            if cancelled():
                return
            raise EngineError(f"The server at {self._server.url} offers no model: load one there, or name one.")
        self._model = name
        told = offered.get(name) or CONTEXT
        self._context = max(min(self._wanted_context or told, offered.get(name) or 1 << 30), SMALLEST_CONTEXT)

    def _write(self, most: int, cancelled: Cancelled) -> Generator[str]:
        dialogue, text, broken = self.dialogue, "", False
        dialogue.fit(self._context - most, self._count, self._notes_writer(self._notes_s, cancelled))
        for left in reversed(range(_TRIES)):
            thoughts = ThoughtFilter()
            try:
                for piece in self._ask(dialogue.messages(), most, cancelled):
                    if said := thoughts.feed(piece.text):
                        text += said
                        dialogue.hear(text)
                        yield said
                    if len(text) > most * _LONGEST_TOKEN:
                        return
                if said := thoughts.end():
                    dialogue.hear(text + said)
                    yield said
                return
            except ContextFullError as error:
                if text or not left:
                    raise
                self._learn(error.limit, most)
                dialogue.fit(self._context - most, self._count, keeping_own_words())
            except BrokenOffError:
                # A connection that lay idle may have been closed just now; a second one that breaks means more.
                if text or broken:
                    raise
                broken = True

    def _learn(self, limit: int | None, most: int) -> None:
        """The dialogue was too long: the context is shorter than thought, or the tokens are more."""
        guessed = self.dialogue.tokens(self._count) + most
        self._context = max(min(self._context, limit or guessed * 3 // 4), SMALLEST_CONTEXT + most)
        if guessed <= self._context:
            self._scale *= 1.25 * self._context / guessed

    def _count(self, text: str) -> int:
        return round(self._scale * guessed_tokens(text))

    def _notes_writer(self, limit_s: float | None, cancelled: Cancelled) -> WriteNotes:
        """Notes by the model itself; empty where it fails, or does not finish in time."""
        deadline = None if limit_s is None else time.monotonic() + limit_s

        def is_late() -> bool:
            return cancelled() or (deadline is not None and time.monotonic() > deadline)

        def write(notes: str, turns: Sequence[Turn]) -> str:
            thoughts, text, finished = ThoughtFilter(), "", False
            try:
                for piece in self._ask(notes_request(notes, turns), NOTES_TOKENS, is_late):
                    text += thoughts.feed(piece.text)
                    finished |= piece.finished
            except EngineError:
                return ""
            return text + thoughts.end() if finished else ""

        return keeping_own_words(write)

    def _ask(self, messages: Sequence[Message], most: int, cancelled: Cancelled) -> Iterator[Piece]:
        """One request; ends where it is complete or cancelled, and leaves no connection open behind it."""
        request = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "max_tokens": most,
            "stream": True,
            "stream_options": {"include_usage": True},
            **self._request,
        }
        guessed = sum(guessed_tokens(message.content) for message in messages)
        pieces = self._server.answer(request)
        began, first, written, usage = time.monotonic(), None, 0, Piece()
        try:
            while not cancelled() and (piece := self._run(_next(pieces), cancelled)) is not None:
                first = first or time.monotonic()
                written += bool(piece.text)
                usage = piece if piece.prompt_tokens is not None else usage
                yield piece
        finally:
            self._loop.run_until_complete(pieces.aclose())
            if first is not None:
                self._note_work(usage, guessed, written, first - began, time.monotonic() - first)

    def _note_work(self, usage: Piece, guessed: int, written: int, prefill_s: float, decode_s: float) -> None:
        if usage.prompt_tokens and guessed >= 32:
            self._scale = min(max(usage.prompt_tokens / guessed, 0.5), 4.0)
        was = self._stats
        self._stats = replace(
            was,
            prefill_tokens=was.prefill_tokens + (usage.prompt_tokens or guessed),
            prefill_s=was.prefill_s + prefill_s,
            decode_tokens=was.decode_tokens + (usage.answer_tokens or written),
            decode_s=was.decode_s + decode_s,
        )

    def _run(self, work: Coroutine[Any, Any, T], cancelled: Cancelled) -> T | None:
        """The result of `work`; None, and `work` is over, once `cancelled`."""
        task = self._loop.create_task(work)
        try:
            while not task.done():
                if cancelled():
                    return None
                self._loop.run_until_complete(asyncio.wait({task}, timeout=_LOOK_S))
        finally:
            if not task.done():
                task.cancel()
                self._loop.run_until_complete(asyncio.wait({task}))
        return task.result()


async def _next(pieces: AsyncIterator[Piece]) -> Piece | None:
    return await anext(pieces, None)
