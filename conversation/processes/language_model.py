"""The language model in a process of its own, because MNN holds the GIL while it computes: tokens out, cancel in.

`RemoteLanguageModel` is the LanguageModel that the conversation process uses; `run_llm_process` is the other end. One
call runs at a time; calls are numbered, so that what still comes of an abandoned one is passed over. A cancel takes
effect between two tokens (or chunks of a prompt) and says what the caller got to see, which is what history keeps.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, Protocol

import assets.errors
import conversation.errors
from assets.errors import VisavisError
from conversation.engines.base import Cancelled, LanguageModel, LanguageModelStats, never
from conversation.errors import EngineError, LinkClosedError, ProcessDiedError, ProcessHungError, ProcessStartError
from conversation.history.dialogue import Turn
from conversation.link.events import Stop
from conversation.link.pipe import Pipe, connection_pair
from conversation.processes.language_messages import (
    Begin,
    Cancel,
    Done,
    Failed,
    FromModel,
    Loaded,
    Piece,
    Reply,
    Resume,
    TakeBack,
    ToModel,
    Truncate,
    UseLora,
    Weigh,
    Weighed,
)
from conversation.processes.supervision import Clock
from conversation.settings import EngineSpec

_SPAWN: Final = multiprocessing.get_context("spawn")
_LOOK_S: Final = 0.01
"""Between two looks at `cancelled` while nothing comes."""
_STOP_S: Final = 1.0
"""So long the process has to end by itself; then it is killed."""


class SettlingModel(LanguageModel, Protocol):
    """A LanguageModel that has work to do between turns."""

    def settle(self, *, cancelled: Cancelled = never) -> None:
        """Do now what the next turn would have to wait for."""
        ...

    def use_lora(self, file: str) -> None:
        """See Adaptable."""
        ...


def run_llm_process(connection: Connection, engine: EngineSpec) -> None:
    """Main of the process; ends at Stop, or when the other end is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the app decides
    pipe: Pipe[FromModel, ToModel] = Pipe(connection, ToModel)
    with contextlib.suppress(LinkClosedError):
        try:
            model: SettlingModel = engine.load()
        except Exception as error:
            pipe.send(_failure(0, error))
            return
        pipe.send(Loaded())
        ModelServer(pipe, model).run()


class ModelServer:
    """Does what comes through the pipe, one after the other."""

    def __init__(self, pipe: Pipe[FromModel, ToModel], model: SettlingModel) -> None:
        self._pipe = pipe
        self._model = model
        self._waiting: deque[ToModel] = deque()
        self._cancel = Cancel(0, "")
        self._stopping = False
        self._replied = (0, "")
        """Number and text of the last reply."""

    def run(self) -> None:
        """Serve until Stop; raises LinkClosedError when the other end is gone."""
        while not self._stopping:
            match self._next():
                case Begin() | Reply() | Weigh() | UseLora() as message:
                    self._call(message)
                case Truncate(heard_text):
                    self._model.truncate_last_reply(heard_text)
                case TakeBack():
                    self._replied = 0, ""
                    self._model.take_back()
                case Resume(turns):
                    self._model.resume([Turn(*turn) for turn in turns])
                case Cancel() as message:
                    self._keep_seen(message)
                case Stop():
                    return

    def _next(self) -> ToModel:
        if self._waiting:
            return self._waiting.popleft()
        if not self._pipe.poll():
            self._model.settle(cancelled=self._pipe.poll)
        return self._pipe.receive()

    def _call(self, message: Begin | Reply | Weigh | UseLora) -> None:
        call = message.call
        try:
            if isinstance(message, Begin):
                self._model.begin(message.system, cancelled=lambda: self._is_cancelled(call))
            elif isinstance(message, Weigh):
                likely = self._model.weigh(message.text, cancelled=lambda: self._is_cancelled(call))
                self._pipe.send(Weighed(call, likely))
            elif isinstance(message, UseLora):
                self._model.use_lora(message.file)
            else:
                self._reply(message)
        except LinkClosedError:
            raise
        except Exception as error:  # whatever a model's library raises ends the call, not the process
            self._pipe.send(_failure(call, error))
        else:
            self._pipe.send(Done(call, self._model.stats))

    def _reply(self, message: Reply) -> None:
        text = ""
        pieces = self._model.reply(
            message.user_text, max_tokens=message.max_tokens, cancelled=lambda: self._is_cancelled(message.call)
        )
        for piece in pieces:
            text += piece
            self._pipe.send(Piece(message.call, piece))
        self._replied = message.call, text
        self._keep_seen(self._cancel)

    def _keep_seen(self, cancel: Cancel) -> None:
        """Pieces may have been on their way when the reader turned away: nobody saw them."""
        call, text = self._replied
        if cancel.call == call and cancel.seen != text:
            self._model.truncate_last_reply(cancel.seen)

    def _is_cancelled(self, call: int) -> bool:
        while self._pipe.poll():
            message = self._pipe.receive()
            if isinstance(message, Cancel):
                self._cancel = message
            else:
                self._stopping |= isinstance(message, Stop)
                self._waiting.append(message)
        return self._stopping or self._cancel.call == call


class RemoteLanguageModel:
    """A LanguageModel that runs in another process, which this object starts and ends.

    `engine` names a SettlingModel as `module:callable`; it is called with `model_dir` and `options`, and its errors are
    raised here. Every method raises ProcessDiedError once the process is gone. One that says nothing for `patience_s`
    while it is asked, or does not load in `load_s`, is ended: ProcessHungError.
    """

    def __init__(
        self,
        model_dir: Path,
        *,
        engine: str = "conversation.engines.llm.smollm2:SmolLM2",
        patience_s: float = 60.0,
        load_s: float = 300.0,
        clock: Clock = time.monotonic,
        **options: Any,
    ) -> None:
        self.patience_s = patience_s
        self._clock = clock
        ours, theirs = connection_pair()
        self._pipe: Pipe[ToModel, FromModel] = Pipe(ours, FromModel)
        spec = EngineSpec(engine, options={"model_dir": model_dir, **options})
        self._process = _SPAWN.Process(target=run_llm_process, args=(theirs, spec), name="visavis-llm", daemon=True)
        try:
            self._process.start()
        except (OSError, RuntimeError) as error:
            ours.close()
            raise ProcessStartError(f"The language model could not be started ({error}); free some memory.") from None
        finally:
            theirs.close()
        self._calls = 0
        self._likely: float | None = None
        self._stats = LanguageModelStats()
        try:
            if not self._pipe.poll(load_s):
                raise self._hung(load_s)
            self._receive()
        except ProcessDiedError:
            self.close()
            # MNN looks at nothing that it reads.
            raise EngineError(
                f"MNN could not load the language model in {model_dir} (exit code {self._process.exitcode}): its files "
                "are damaged, made for another MNN, or too large for this machine's memory."
            ) from None
        except VisavisError:
            self.close()
            raise

    @property
    def stats(self) -> LanguageModelStats:
        """Work done up to the last finished call."""
        return self._stats

    @property
    def process_id(self) -> int:
        """Of the model's process."""
        return self._process.pid or 0

    def begin(self, system: str, *, cancelled: Cancelled = never) -> None:
        """See LanguageModel."""
        self._calls += 1
        self._send(Begin(self._calls, system))
        for _ in self._pieces(self._calls, cancelled):
            pass

    def reply(self, user_text: str, *, max_tokens: int, cancelled: Cancelled = never) -> Iterator[str]:
        """See LanguageModel. The model begins to write at once, whether or not anybody reads yet."""
        self._calls += 1
        self._send(Reply(self._calls, user_text, max_tokens))
        return self._pieces(self._calls, cancelled)

    def weigh(self, text: str, *, cancelled: Cancelled = never) -> float | None:
        """See LanguageModel."""
        self._calls += 1
        self._likely = None
        self._send(Weigh(self._calls, text))
        for _ in self._pieces(self._calls, cancelled):
            pass
        return self._likely

    def truncate_last_reply(self, heard_text: str) -> None:
        """See LanguageModel."""
        self._send(Truncate(heard_text))

    def take_back(self) -> None:
        """See LanguageModel."""
        self._send(TakeBack())

    def resume(self, turns: Sequence[Turn]) -> None:
        """See LanguageModel."""
        self._send(Resume(tuple((turn.question, turn.heard) for turn in turns)))

    def use_lora(self, file: str) -> None:
        """See Adaptable."""
        self._calls += 1
        self._send(UseLora(self._calls, file))
        for _ in self._pieces(self._calls, never):
            pass

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(LinkClosedError):
            self._pipe.send(Stop())
        self._process.join(_STOP_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._pipe.close()

    def _pieces(self, call: int, cancelled: Cancelled) -> Iterator[str]:
        seen, over, since = "", False, self._clock()
        try:
            while not cancelled():
                if not self._pipe.poll(_LOOK_S):
                    if self._clock() - since >= self.patience_s:
                        raise self._hung(self.patience_s)
                    continue
                message, since = self._receive(), self._clock()
                match message:
                    case Piece(number, text) if number == call:
                        seen += text
                        yield text
                        since = self._clock()  # whoever reads may have taken its time
                    case Weighed(number, likely) if number == call:
                        self._likely = likely
                    case Done(number, stats) if number == call:
                        self._stats, over = stats, True
                        return
        except VisavisError:
            over = True
            raise
        finally:
            if not over:
                with contextlib.suppress(ProcessDiedError):  # the next call says so
                    self._send(Cancel(call, seen))

    def _receive(self) -> FromModel:
        try:
            message = self._pipe.receive()
        except LinkClosedError:
            raise self._died() from None
        if isinstance(message, Failed) and message.call == self._calls:
            raise _rebuilt(message)
        return message

    def _send(self, message: ToModel) -> None:
        try:
            self._pipe.send(message)
        except LinkClosedError:
            raise self._died() from None

    def _hung(self, seconds: float) -> ProcessHungError:
        self._process.kill()
        self._process.join()
        return ProcessHungError(f"The language model did not answer for {seconds:.0f} s: ask again.")

    def _died(self) -> ProcessDiedError:
        self._process.join(_STOP_S)
        return ProcessDiedError(
            f"The process of the language model has ended (exit code {self._process.exitcode}): ask again."
        )


def _failure(call: int, error: Exception) -> Failed:
    if isinstance(error, VisavisError):
        return Failed(call, type(error).__name__, str(error))
    message = f"The language model failed ({type(error).__name__}: {error}); ask again."
    return Failed(call, EngineError.__name__, message)


def _rebuilt(failed: Failed) -> VisavisError:
    for module in (conversation.errors, assets.errors):
        kind = getattr(module, failed.error, None)
        if isinstance(kind, type) and issubclass(kind, VisavisError):
            return kind(failed.message)
    return EngineError(failed.message)
