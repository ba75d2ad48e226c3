"""A lowered network as a chain of shaders that share each row's work out among many invocations.

For few rows, or rows too wide for registers. The narrow operations between two wide ones make one pass (groups.py): a
workgroup keeps some rows in shared memory. Each wide operation is a pass of its own (wide.py), an invocation for four
results, with the functions that follow it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from assets.errors import LoweringError
from assets.lower import Program
from render.nets.chain import Chain
from render.nets.groups import GroupWriter
from render.nets.packed import Packed
from render.nets.wide import WideWriter

NARROW: Final = (1024, 256, 64, 0)
"""Up to how many scalars an operation may have to be done in shared memory: the first that fits is taken."""


def chain_of(program: Program, packed: Packed, *, many_rows: bool, narrow: Sequence[int] = NARROW) -> Chain:
    """The passes of a program; `many_rows`: there are enough to give each invocation four. Raises LoweringError."""
    for limit in narrow:
        chain = Chain(program, packed, many_rows)
        if _Builder(chain, limit).build():
            break
    else:
        raise LoweringError("The network is too wide for this GPU's shared memory; run it as a session.")
    return chain


class _Builder:
    """Cuts the operations into passes."""

    def __init__(self, chain: Chain, limit: int) -> None:
        self._chain, program = chain, chain.program
        self._narrow = [max(op.width, *(len(refs) for refs in op.operands)) <= limit for op in program.operations]
        self._short = [port.width <= limit for port, _ in program.outputs]
        self._sources = [chain.values([refs]) for _, refs in program.outputs]
        self._readers: dict[int, set[int]] = {}
        for i, op in enumerate(program.operations):
            for value in chain.values(op.operands):
                self._readers.setdefault(value, set()).add(i)
        self._done: set[int] = set()

    def build(self) -> bool:
        """Fill the chain; False where something does not fit into shared memory."""
        count, i = len(self._narrow), 0
        while i < count:
            stop = i
            while stop < count and self._narrow[stop]:
                stop += 1
            if stop == i:
                i, written = WideWriter(self._chain).operation(i, self._readers, self._done)
                self._done |= written
            elif self._group(range(i, stop)):
                i = stop
            else:
                return False
        for o in range(len(self._sources)):
            if o not in self._done:
                WideWriter(self._chain).output(o)
        return True

    def _group(self, span: range) -> bool:
        chain = self._chain
        end = chain.value(span.stop)
        outputs = [
            o
            for o, sources in enumerate(self._sources)
            if o not in self._done and self._short[o] and all(value < end for value in sources)
        ]
        self._done |= set(outputs)
        waiting = [sources for o, sources in enumerate(self._sources) if o not in self._done]
        kept = {
            value
            for value in map(chain.value, span)
            if any(reader >= span.stop for reader in self._readers.get(value, ()))
            or any(value in sources for sources in waiting)
        }
        writer = GroupWriter(chain, span, outputs, kept)
        if writer.fits:
            chain.passes.append(writer.made())
        return writer.fits
