"""Large networks whose shapes depend on computed numbers, run by MNN's Module in a process of their own.

A Module holds the GIL while it runs, a second and more where it makes a sentence's sound: in the conversation's process
nothing else would go on meanwhile. `ModuleProcess` starts the process and calls its networks by name;
`run_module_process` is the other end. One call runs at a time. A process that died, or was killed because it hung, is
started anew by the next call.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from assets.errors import VisavisError
from conversation.errors import EngineError, LinkClosedError, ProcessDiedError, ProcessHungError, ProcessStartError
from conversation.link.events import Message, Stop
from conversation.link.pipe import Pipe, connection_pair

_SPAWN: Final = multiprocessing.get_context("spawn")
_STOP_S: Final = 2.0
"""So long the process has to end by itself; then it is killed."""
PATIENCE_S: Final = 60.0
"""So long it may say nothing: more than any sentence takes."""


class Network(msgspec.Struct, frozen=True):
    """An .mnn file and the names of what it takes and gives."""

    path: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class _Tensor(msgspec.Struct, frozen=True):
    shape: tuple[int, ...]
    data: bytes
    whole: bool

    @classmethod
    def of(cls, value: NDArray[Any]) -> _Tensor:
        whole = bool(np.issubdtype(value.dtype, np.integer))
        return cls(value.shape, value.astype(np.int32 if whole else np.float32).tobytes(), whole)

    @property
    def array(self) -> NDArray[Any]:
        return np.frombuffer(self.data, np.int32 if self.whole else np.float32).reshape(self.shape)


class _Load(Message, frozen=True):
    networks: dict[str, Network]
    threads: int


class _Run(Message, frozen=True):
    network: str
    inputs: dict[str, _Tensor]


class _Made(Message, frozen=True):
    outputs: dict[str, _Tensor]


class _Wrong(Message, frozen=True):
    """What was asked could not be done, in one sentence."""

    message: str


_Asked = _Load | _Run | Stop
_Answer = _Made | _Wrong


def run_module_process(connection: Connection) -> None:
    """Main of the process; ends at Stop, or when the other end is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the app decides
    from conversation.engines.module import ModuleNet  # MNN is wanted here alone

    pipe: Pipe[_Answer, _Asked] = Pipe(connection, _Asked)
    nets: dict[str, ModuleNet] = {}
    with contextlib.suppress(LinkClosedError):
        while not isinstance(asked := pipe.receive(), Stop):
            made: dict[str, NDArray[Any]] = {}
            try:
                if isinstance(asked, _Load):
                    for name, net in asked.networks.items():
                        path = Path(net.path)
                        nets[name] = ModuleNet(path, net.inputs, net.outputs, threads=asked.threads, low_memory=True)
                else:
                    inputs = {name: tensor.array for name, tensor in asked.inputs.items()}
                    made = nets[asked.network](**inputs)
            except VisavisError as error:
                pipe.send(_Wrong(str(error)))
            else:
                pipe.send(_Made({name: _Tensor.of(value) for name, value in made.items()}))


class ModuleProcess:
    """`networks` by the names that `run` takes; they are loaded here and now, each error is an EngineError."""

    def __init__(self, networks: Mapping[str, Network], *, threads: int = 1, patience_s: float = PATIENCE_S) -> None:
        self._load = _Load(dict(networks), threads)
        self._patience_s = patience_s
        self._running: tuple[multiprocessing.process.BaseProcess, Pipe[_Asked, _Answer]] | None = None
        self._start()

    @property
    def process_id(self) -> int:
        """Of the networks' process; 0 while there is none."""
        return (self._running[0].pid or 0) if self._running else 0

    def run(self, network: str, **inputs: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Outputs by name for inputs by name, integers as int32."""
        if self._running is None:
            self._start()
        return self._ask(_Run(network, {name: _Tensor.of(value) for name, value in inputs.items()}))

    def close(self) -> None:
        """End the process."""
        if self._running is None:
            return
        process, pipe = self._running
        self._running = None
        with contextlib.suppress(LinkClosedError):
            pipe.send(Stop())
        process.join(_STOP_S)
        if process.is_alive():
            process.kill()
            process.join()
        pipe.close()

    def _start(self) -> None:
        ours, theirs = connection_pair()
        process = _SPAWN.Process(target=run_module_process, args=(theirs,), name="visavis-tts", daemon=True)
        try:
            process.start()
        except (OSError, RuntimeError) as error:
            ours.close()
            raise ProcessStartError(f"The voice's process could not be started ({error}); free some memory.") from None
        finally:
            theirs.close()
        self._running = process, Pipe(ours, _Answer)
        try:
            self._ask(self._load)
        except VisavisError:
            self.close()
            raise

    def _ask(self, asked: _Load | _Run) -> dict[str, NDArray[Any]]:
        assert self._running is not None
        process, pipe = self._running
        try:
            pipe.send(asked)
            if not pipe.poll(self._patience_s):
                process.kill()
                self.close()
                raise ProcessHungError(
                    f"The voice's process said nothing for {self._patience_s:.0f} s; it is started again for more."
                )
            answer = pipe.receive()
        except LinkClosedError:
            self.close()
            raise ProcessDiedError(
                f"The voice's process ended (exit code {process.exitcode}); it is started again with the next words."
            ) from None
        if isinstance(answer, _Wrong):
            raise EngineError(answer.message)
        return {name: tensor.array for name, tensor in answer.outputs.items()}
