"""The dialogue as a stage of a turn: questions in, answers out piece by piece; history holds what was heard."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from assets.errors import VisavisError
from conversation.engines.base import Adaptable, LanguageModel, Patient, Waiting
from conversation.errors import (
    EngineError,
    EngineHungError,
    LinkError,
    MemoryFileError,
    ProcessDiedError,
    ProcessError,
    ProcessHungError,
)
from conversation.history.dialogue import Turn
from conversation.history.memory import Fact, Memory
from conversation.history.requests import system_text
from conversation.link.events import ChangeLora
from conversation.processes.supervision import Clock, Restarts
from conversation.processes.worker import Put, Worker
from conversation.settings import ConversationSettings
from conversation.turns.actions import Answer, Remember, TakeBack, Weigh
from conversation.turns.events import ReplyDone, ReplyPiece, StageFailed, Weighed

_LONGER: Final = 1.25
HISTORY_TURNS: Final = 12
"""So many of the newest exchanges of earlier conversations are known, as far as the model's context reaches."""


class LanguageStage:
    """The dialogue; a language model whose process died, or that does not answer, is started again."""

    def __init__(
        self,
        settings: ConversationSettings,
        put: Put,
        cancelled: Callable[[int], bool],
        clock: Clock = time.monotonic,
    ) -> None:
        self._settings = settings
        self._put = put
        self._cancelled = cancelled
        self._patience: Final = settings.supervision
        # A model in a process of its own counts by itself, and what it says of that is the better answer.
        self._worker = Worker("llm", put, patience_s=_LONGER * self._patience.language_s, clock=clock)
        self._model: LanguageModel | None = None
        self._restarts = Restarts(self._patience, clock)
        self._closing = threading.Event()
        self._newest: Weigh | None = None
        self._lora: str | None = None  # None: as the settings say
        self._asked = 0  # the turn whose question is the newest in the model's history

    def load(self, done: Callable[[], None]) -> None:
        """Load the model and read the system prompt, then call `done` (from the stage's thread)."""

        def work() -> None:
            try:
                self._begin()
            except VisavisError as error:
                self._put(StageFailed("llm", type(error).__name__, str(error), fatal=True))
                return
            done()

        self._worker.do(work)

    @property
    def waiting(self) -> int:
        """Questions and changes in the queue."""
        return self._worker.waiting

    def look(self) -> None:
        """Give up an answer that does not come along."""
        if (late := self._worker.overdue()) is None:
            return
        model, self._model = self._model, None
        error = EngineHungError(f"did not answer for {late.patience_s or 0.0:.0f} s")
        self._worker.give_up(lambda: self._restart(error), patience_s=self._patience.load_s)
        if late.turn is not None:
            # The restart is told by itself; that this turn is over is all that is left to say.
            self._put(ReplyDone(late.turn))
        if isinstance(model, Patient):  # one in this process is in the hands of the thread that hangs
            threading.Thread(target=model.close, name="llm-close", daemon=True).start()

    def weigh(self, action: Weigh) -> None:
        """Tell whether the user is done; of several, the newest counts."""
        self._newest = action
        self._worker.do(lambda: self._weigh(action))

    def answer(self, action: Answer) -> None:
        """Write the answer, piece by piece into the inbox."""
        self._worker.do(lambda: self._answer(action), turn=action.turn)

    def remember(self, action: Remember) -> None:
        """History keeps only what was heard of the last answer."""
        self._worker.do(lambda: self._change(action))

    def take_back(self, action: TakeBack) -> None:
        """History loses the last question with its answer."""
        self._worker.do(lambda: self._change(action))

    def change(self, wanted: ChangeLora) -> None:
        """Think with another LoRA from the next answer on; what cannot be is reported, and changes nothing."""
        self._worker.do(lambda: self._use_lora(wanted.file))

    def close(self) -> None:
        """End the thread and the model."""
        self._closing.set()
        self._worker.close(2.0, last=self._drop)

    def _begin(self) -> None:
        self._worker.sign(self._patience.load_s)
        model: LanguageModel = self._settings.engines.language_model.load()
        counts = model if isinstance(model, Patient) else None
        if counts is not None:
            counts.patience_s = self._patience.load_s  # to read the system prompt is a part of loading
        waits_s = model.waits_s if isinstance(model, Waiting) else 0.0
        if not self._worker.sign(max(self._patience.load_s, _LONGER * waits_s)):
            model.close()
            return
        self._worker.patience_s = _LONGER * max(self._patience.language_s, waits_s)
        self._model, self._asked = model, 0
        facts, turns = self._remembered()
        system = system_text(self._settings.system_prompt, persona=self._settings.persona, facts=facts)
        model.begin(system, cancelled=self._closing.is_set)
        if turns:
            model.resume(turns)
        if self._lora is not None and isinstance(model, Adaptable):
            model.use_lora(self._lora)
        if counts is not None:
            counts.patience_s = self._patience.language_s
        self._worker.sign()

    def _remembered(self) -> tuple[list[Fact], list[Turn]]:
        """What the memory knows; a memory that cannot be used is no reason not to talk."""
        if self._settings.memory is None:
            return [], []
        memory = Memory(self._settings.memory)
        try:
            exchanges = memory.exchanges(HISTORY_TURNS) if self._settings.keep_history else []
            return memory.facts(), [Turn(exchange.question, exchange.heard) for exchange in exchanges]
        except MemoryFileError as error:
            self._put(StageFailed("memory", type(error).__name__, str(error)))
            return [], []

    def _drop(self) -> None:
        model, self._model = self._model, None
        if model is not None:
            model.close()

    def _running(self) -> LanguageModel:
        if self._model is None:
            raise ProcessDiedError("The language model is not running; start the conversation again.")
        return self._model

    def _weigh(self, action: Weigh) -> None:
        likely = None
        try:
            if self._model is not None and action is self._newest:
                likely = self._model.weigh(
                    action.text, cancelled=lambda: action is not self._newest or self._closing.is_set()
                )
        except (LinkError, ProcessError) as error:
            self._restart(error)
        finally:
            self._put(Weighed(action.utterance, action.text, likely))

    def _answer(self, action: Answer) -> None:
        written = 0
        try:
            for piece in self._reply(action):
                written += 1
                if not self._worker.sign():
                    return
                self._put(ReplyPiece(action.turn, piece))
        except (LinkError, ProcessError) as error:
            self._restart(error)
            # A question of which nothing was answered yet is asked again; half an answer is left at that.
            for piece in self._reply(action) if not written else ():
                self._worker.sign()
                self._put(ReplyPiece(action.turn, piece))
        self._put(ReplyDone(action.turn))

    def _reply(self, action: Answer) -> Iterator[str]:
        if self._cancelled(action.turn):
            return iter(())
        model, self._asked = self._running(), action.turn
        return model.reply(
            action.question,
            max_tokens=self._settings.max_tokens,
            cancelled=lambda: self._cancelled(action.turn),
        )

    def _change(self, action: Remember | TakeBack) -> None:
        """Change the newest turn in history; one that never got there needs no change."""
        if action.turn != self._asked or self._model is None:
            return
        try:
            if isinstance(action, Remember):
                self._model.truncate_last_reply(action.heard)
            else:
                self._asked = 0
                self._model.take_back()
        except (LinkError, ProcessError) as error:
            self._restart(error)

    def _use_lora(self, file: str) -> None:
        try:
            if not isinstance(self._model, Adaptable):
                raise EngineError("This language model takes no LoRA while it talks: choose one for MNN.")
            self._model.use_lora(file)
            self._lora = file
        except (LinkError, ProcessError) as error:
            self._restart(error)
        except VisavisError as error:
            self._put(StageFailed("llm", type(error).__name__, str(error)))

    def _restart(self, error: VisavisError) -> None:
        if not self._worker.sign(self._patience.load_s):
            raise error  # to nobody: this thread was given up, and another one restarts the model
        self._drop()
        hung = isinstance(error, ProcessHungError | EngineHungError)
        what = "The language model does not answer" if hung else "The language model's process ended"
        kind = type(error) if hung else ProcessDiedError
        delay_s = self._restarts.take()
        if delay_s is None:
            raise kind(f"{what} again; start the conversation again.") from error
        message = f"{what}; it is being started again and has forgotten the conversation so far."
        self._put(StageFailed("llm", kind.__name__, message))
        self._closing.wait(delay_s)
        self._begin()
