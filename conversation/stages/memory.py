"""Remembering as a stage of its own: a disk may be slow, and nobody waits for it."""

from __future__ import annotations

import time
from typing import Final

from conversation.errors import MemoryFileError
from conversation.history.memory import Exchange, Memory
from conversation.history.requests import Forget, request_in
from conversation.history.requests import Remember as RememberFact
from conversation.processes.worker import Put, Worker
from conversation.settings import ConversationSettings
from conversation.turns.actions import Record
from conversation.turns.events import StageFailed


class MemoryStage:
    """Keeps what was said, where the settings ask for it, and what the user asks to be remembered.

    A memory that cannot be used is told once, and then left alone.
    """

    def __init__(self, settings: ConversationSettings, put: Put) -> None:
        self._memory = Memory(settings.memory) if settings.memory is not None else None
        self._keeps_history: Final = settings.keep_history
        self._put = put
        self._worker = Worker("memory", put)
        self._since_1970_s: Final = time.time() - time.monotonic()
        self._began_s: Final = time.time()

    def record(self, action: Record) -> None:
        """A question was answered, or as much of it as the user let be said."""
        self._worker.do(lambda: self._record(action))

    def close(self) -> None:
        """Write what is still to be written, and end the thread."""
        self._worker.close(3.0)

    def _record(self, action: Record) -> None:
        if self._memory is None:
            return
        try:
            match request_in(action.question):
                case RememberFact(text):
                    self._memory.remember(text)
                case Forget(text):
                    self._memory.forget_matching(text)
            if self._keeps_history:
                self._memory.record(
                    Exchange(
                        self._began_s,
                        action.question,
                        action.heard,
                        self._since_1970(action.asked),
                        self._since_1970(action.answered),
                        self._since_1970(action.ended),
                    )
                )
        except MemoryFileError as error:
            self._memory = None
            self._put(StageFailed("memory", type(error).__name__, str(error)))

    def _since_1970(self, monotonic_ns: int) -> float:
        return self._since_1970_s + monotonic_ns / 1e9
