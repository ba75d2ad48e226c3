"""A lowered network as compute shaders in the context that draws.

The stage owns its shaders, weights, outputs and those inputs that are not given. `outputs` hold the results as soon as
run() returns, for whatever comes later in the same context; they are valid until the next run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import moderngl

from assets.lower import Program
from render.errors import ShaderError, StageError
from render.gl.context import extra, groups, shader_head
from render.nets.buffers import Shape, elements, input_buffers, rows_for
from render.nets.packed import Packed
from render.nets.passes import chain_of
from render.nets.rows import LANES, RowShader, fits

Way = Literal["rows", "shared"]
"""One invocation a row, or a row's work shared out."""
MANY_ROWS: Final = 256
"""From here on there are enough invocations if each takes a row."""
MAX_SCRATCH: Final = 1 << 30
_ACROSS: Final = 32_768
"""Workgroups in one dimension."""


def lowered_stage(
    ctx: moderngl.Context,
    program: Program,
    given: Mapping[str, moderngl.Buffer] = {},
    *,
    rows: int | None = None,
    half: bool = False,
    way: Way | None = None,
) -> LoweredStage:
    """The program as a stage for `rows` rows; `half` keeps weights as float16 on the GPU where a row's work is
    shared out, `way` overrules the choice by the shape. Raises StageError, LoweringError, ShaderError."""
    return LoweredStage(ctx, program, given, rows, half, way)


class LoweredStage:
    """See ModelStage."""

    asynchronous: Final = False
    busy: Final = False

    def __init__(
        self,
        ctx: moderngl.Context,
        program: Program,
        given: Mapping[str, moderngl.Buffer],
        rows: int | None,
        half: bool,
        way: Way | None,
    ) -> None:
        self._ctx = ctx
        rows = _rows(program, given, rows)
        self.shapes: dict[str, Shape] = {p.name: p.at(rows) for p in program.inputs}
        self._given = set(given)
        self.inputs = input_buffers(ctx, self.shapes, given)
        outputs = {port.name: port.at(rows) for port, _ in program.outputs}
        self.outputs = {name: ctx.buffer(reserve=4 * elements(shape)) for name, shape in outputs.items()}
        self.shapes |= outputs
        self.way: Way = way or ("rows" if rows >= MANY_ROWS and fits(program) else "shared")
        packed = Packed(program, half and self.way == "shared")
        self._owned = {"constants": ctx.buffer(packed.constants), "weights": ctx.buffer(packed.weights)}
        self._passes: list[tuple[moderngl.ComputeShader, list[moderngl.Buffer], tuple[int, int, int]]] = []
        self._uniform = False
        if self.way == "rows":
            self._by_rows(RowShader(program, packed), rows)
        else:
            self._by_passes(program, packed, rows)

    def _by_rows(self, shader: RowShader, rows: int) -> None:
        self._uniform = shader.uniform
        buffers = [self._owned["constants"], *self.inputs.values(), *self.outputs.values()]
        if not shader.uniform:
            buffers.append(self._owned["weights"])
        across = min(groups(rows, LANES), _ACROSS)
        self._add(shader.text, buffers, (across, groups(rows, LANES * across), 1), rows)

    def _by_passes(self, program: Program, packed: Packed, rows: int) -> None:
        chain = chain_of(program, packed, many_rows=rows >= MANY_ROWS)
        scratch = max(4 * chain.scratch * rows, 4)
        if scratch > MAX_SCRATCH:
            raise StageError(f"The network would need {scratch >> 20} MiB between its layers: run fewer rows.")
        self._owned |= {"tables": self._ctx.buffer(packed.tables), "scratch": self._ctx.buffer(reserve=scratch)}
        named = dict(self._owned)
        named |= {f"x{i}": buffer for i, buffer in enumerate(self.inputs.values())}
        named |= {f"y{i}": buffer for i, buffer in enumerate(self.outputs.values())}
        for step in chain.passes:
            self._add(step.text, [named[name] for name in step.buffers], step.groups(rows), rows)

    def _add(self, text: str, buffers: list[moderngl.Buffer], size: tuple[int, int, int], rows: int) -> None:
        try:
            shader = self._ctx.compute_shader(shader_head(self._ctx) + text)
        except moderngl.Error as error:
            raise ShaderError(f"The driver does not take a lowered network: {str(error).strip()}") from None
        if "rows" in shader:
            shader["rows"] = rows
        self._passes.append((shader, buffers, size))

    def run(self) -> None:
        """Dispatch all passes; what they wrote is visible to whatever comes after."""
        if self._uniform:
            self._owned["weights"].bind_to_uniform_block(0)
        for shader, buffers, size in self._passes:
            for binding, buffer in enumerate(buffers):
                buffer.bind_to_storage_buffer(binding)
            shader.run(*size)
            self._ctx.memory_barrier()
            if (listener := extra(self._ctx).listener) is not None:
                listener([(buffer, 1) for buffer in buffers])

    def poll(self) -> bool:
        """Never: the results are there when run() returns."""
        return False

    def finish(self) -> None:
        """Wait until the GPU has come past the last run. For measurements."""
        self._ctx.finish()

    def release(self) -> None:
        """Give shaders and owned buffers back."""
        for shader, _, _ in self._passes:
            shader.release()
        own = [buffer for name, buffer in self.inputs.items() if name not in self._given]
        for buffer in [*self._owned.values(), *self.outputs.values(), *own]:
            buffer.release()


def _rows(program: Program, given: Mapping[str, moderngl.Buffer], rows: int | None) -> int:
    if not program.single:
        shared = [port.name for port in program.inputs if port.axis is None]
        return rows_for({port.name: port.at(1) for port in program.inputs}, shared, given, rows)
    others = [p.shape for p in program.inputs if p.name in given and given[p.name].size != 4 * p.width]
    if others or (rows is not None and any(port.shape[:1] != (rows,) for port in program.inputs)):
        raise StageError("A lowered network that mixes its rows was asked for another number of rows than its own.")
    return 1
