"""A network run by an MNN session beside the frame, its tensors in mapped GL buffers.

Who owns what, and when it is valid:

    inputs     given by other stages, or owned here; the GPU reads them when a run begins, no later
    snapshot   owned here, mapped: what the run in hand reads. The GPU copies the inputs into it and puts a fence behind
               the copy; from the moment poll() has seen the fence pass until the run has ended it is the worker's
    outputs    two owned sets, mapped. The front set is the GPU's, and what `outputs` gives; the back set is the
               worker's during a run. poll() exchanges them when a run has ended

A run begins behind the newest exchange in the stream of commands, so whatever still read the set that is now the back
one is over when the run's fence passes. run() while one is in hand asks for another, of the inputs as they are when it
begins: the newest wins, and none waits in line. Nothing waits for the GPU or for the worker except finish() and
release(). MNN frees the interpreter's lock while it computes.

Where the driver cannot keep buffers mapped, or MNN's tensors are not where tensors.py expects them, each run copies its
inputs and outputs once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.errors import StageError
from render.nets.buffers import Shape, elements, input_buffers
from render.nets.mapped import Fences, MappedBuffer, can_map
from render.nets.tensors import Network
from render.nets.worker import Worker
from render.steps import Steps

F32 = NDArray[np.float32]
PATIENCE: Final = 10.0
"""Seconds that finish() gives the GPU and the network."""


def session_stage(
    ctx: moderngl.Context,
    model: bytes,
    given: Mapping[str, moderngl.Buffer] = {},
    *,
    rows: int | None = None,
    backend: str = "CPU",
    threads: int = 1,
    mapped: bool = True,
    in_step: bool = False,
) -> SessionStage:
    """The .mnn file `model` as a stage. The first axis of a given input is as long as its buffer; that of the others is
    `rows`, or as the model has it. `mapped=False` copies inputs and outputs. `in_step` makes run() wait for its result,
    for pictures and films that nobody waits for. Raises StageError."""
    network = _network(model, given, rows, backend, threads)
    return SessionStage(ctx, network, given, mapped=mapped, in_step=in_step)


def session_in_steps(
    ctx: moderngl.Context,
    model: bytes,
    given: Mapping[str, moderngl.Buffer] = {},
    *,
    rows: int | None = None,
    backend: str = "CPU",
) -> Steps[SessionStage]:
    """The same, made beside a display that goes on. Not on another thread: MNN prints while a model is loaded, and what
    else is printed on this process's standard output meanwhile goes where that goes."""
    network = _network(model, given, rows, backend, 1)
    yield None
    return SessionStage(ctx, network, given)


def _network(
    model: bytes, given: Mapping[str, moderngl.Buffer], rows: int | None, backend: str, threads: int
) -> Network:
    return Network(model, lambda own: _shapes(own, given, rows), backend=backend, threads=threads)


class SessionStage:
    """See ModelStage."""

    def __init__(
        self,
        ctx: moderngl.Context,
        network: Network,
        given: Mapping[str, moderngl.Buffer],
        *,
        mapped: bool = True,
        in_step: bool = False,
    ) -> None:
        """As `session_stage` makes it."""
        self._ctx = ctx
        self.asynchronous = not in_step
        self._network = network
        self.shapes: dict[str, Shape] = self._network.shapes
        self._given = set(given)
        self.inputs = input_buffers(ctx, {name: self.shapes[name] for name in self._network.inputs}, given)
        sides = _MappedSides if mapped and can_map(ctx) else _CopiedSides
        self._snapshot = sides(ctx, {name: self.shapes[name] for name in self._network.inputs})
        results = {name: self.shapes[name] for name in self._network.outputs}
        self._front = sides(ctx, results)
        # In step nobody reads while it is written, and those who were given its outputs keep them.
        self._back = self._front if in_step else sides(ctx, results)
        arrays = {**self._snapshot.arrays, **self._back.arrays}
        self.in_place = sides is _MappedSides and self._network.runs_in_place(arrays)
        """Whether the network reads and writes the mapped buffers themselves."""
        self._fences, self._worker = Fences(ctx), Worker("network")
        self._fence: int | None = None
        self._running = self._wanted = False

    @property
    def outputs(self) -> Mapping[str, moderngl.Buffer]:
        """The newest results; zeros before the first."""
        return self._front.buffers

    def run(self) -> None:
        """Begin a run of the inputs as they are, or, where one is in hand, ask for another after it."""
        self._wanted = True
        if not self._running:
            self._begin()
        if not self.asynchronous:
            self.finish()

    def poll(self) -> bool:
        """Hand over what has ended and begin what was asked for; True where `outputs` are new. Raises StageError where
        the network could not be run."""
        return self._advance(0.0)

    def finish(self) -> None:
        """Wait until everything that was asked for is in `outputs`. For films, tests and measurements."""
        while self._wanted or self._running or self._fence is not None:
            fence = self._fence
            self._advance(PATIENCE)
            if fence is not None and fence == self._fence:
                raise StageError("The GPU does not answer: close other programs and try again.")

    @property
    def busy(self) -> bool:
        """Whether the worker computes."""
        return self._running and not self._worker.idle

    def release(self) -> None:
        """Wait for the run in hand, then give everything back."""
        self._worker.stop()
        if self._fence is not None:
            self._fences.drop(self._fence)
        own = [buffer for name, buffer in self.inputs.items() if name not in self._given]
        for part in dict.fromkeys([self._snapshot, self._front, self._back, *own]):
            part.release()

    def _advance(self, patience: float) -> bool:
        arrived = self._running and self._worker.ended(patience)
        if arrived:
            self._running = False
            self._back.publish()
            self._front, self._back = self._back, self._front
            if self._wanted:
                self._begin()
        if self._fence is not None and self._fences.passed(self._fence, patience):
            self._fence, self._running = None, True
            self._snapshot.fetch()
            arrays = {**self._snapshot.arrays, **self._back.arrays}
            self._worker.start(partial(self._network.run, arrays, in_place=self.in_place))
        return arrived

    def _begin(self) -> None:
        self._wanted = False
        if self._fence is not None:
            self._fences.drop(self._fence)
        self._ctx.memory_barrier()
        for name, buffer in self.inputs.items():
            self._ctx.copy_buffer(self._snapshot.buffers[name], buffer, 4 * elements(self.shapes[name]))
        self._fence = self._fences.put()


class _MappedSides:
    """Tensors that GPU and processor both see."""

    def __init__(self, ctx: moderngl.Context, shapes: Mapping[str, Shape]) -> None:
        self._mapped = {name: MappedBuffer(ctx, 4 * elements(shape)) for name, shape in shapes.items()}
        self.buffers = {name: mapped.buffer for name, mapped in self._mapped.items()}
        self.arrays: dict[str, F32] = {name: mapped.floats for name, mapped in self._mapped.items()}

    def fetch(self) -> None:
        """Nothing to do: what the GPU wrote is there."""

    def publish(self) -> None:
        """Nothing to do: what the processor wrote is there."""

    def release(self) -> None:
        for mapped in self._mapped.values():
            mapped.release()


class _CopiedSides:
    """Tensors that are copied between GPU and processor."""

    def __init__(self, ctx: moderngl.Context, shapes: Mapping[str, Shape]) -> None:
        self.buffers = {name: ctx.buffer(bytes(4 * elements(shape))) for name, shape in shapes.items()}
        self.arrays: dict[str, F32] = {name: np.zeros(elements(shape), np.float32) for name, shape in shapes.items()}

    def fetch(self) -> None:
        """Copy what the GPU wrote, which is done with it."""
        for name, buffer in self.buffers.items():
            buffer.read_into(self.arrays[name])

    def publish(self) -> None:
        """Copy what the processor wrote."""
        for name, buffer in self.buffers.items():
            buffer.write(self.arrays[name])

    def release(self) -> None:
        for buffer in self.buffers.values():
            buffer.release()


def _shapes(own: Mapping[str, Shape], given: Mapping[str, moderngl.Buffer], rows: int | None) -> dict[str, Shape]:
    """Of the inputs, from those that the model has."""
    shapes = {}
    for name, shape in own.items():
        first, row = shape[:1], shape[1:]
        if name in given:
            first = (given[name].size // (4 * max(elements(row), 1)),)
        elif rows is not None:
            first = (rows,)
        shapes[name] = (*first, *row)
    return shapes
