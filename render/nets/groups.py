"""A pass in which a workgroup keeps some rows in shared memory and shares their narrow operations out."""

from __future__ import annotations

from collections.abc import Sequence

from assets.lower import Linear, Map
from render.nets.chain import LANES, SHARED_BYTES, Chain, Pass, Refs, head, run_of
from render.nets.functions import call, number
from render.nets.packed import padded

_ROWS_AT_ONCE = 8
"""Quadruples of rows in a workgroup, at most; with 32 results each of its 64 invocations then has one task."""


class GroupWriter:
    """Writes one pass: the operations `span`, then the outputs; the values `kept` go to scratch as well.

    A place in shared memory holds one scalar of four rows (a vec4), or of one row where there are few.
    """

    def __init__(self, chain: Chain, span: range, outputs: Sequence[int], kept: set[int]) -> None:
        self._chain, self._span, self._outputs, self._kept = chain, span, outputs, kept
        operations = [chain.program.operations[i] for i in span]
        results = {chain.value(i) for i in span}
        wanted = chain.values([refs for op in operations for refs in op.operands])
        wanted |= chain.values([chain.program.outputs[o][1] for o in outputs])
        self._loaded = sorted(wanted - results)
        self._slots, size = self._allocated()
        quads = _ROWS_AT_ONCE
        while quads and size * quads * 16 > SHARED_BYTES:
            quads //= 2
        if not chain.many_rows:
            quads = 0
        self._quads, self._size = quads, size
        self.fits = quads > 0 or size * 4 <= SHARED_BYTES

    def made(self) -> Pass:
        """The pass."""
        lines: list[str] = []
        for value in self._loaded:
            lines += self._load(value)
        for i in self._span:
            lines.append("memoryBarrierShared(); barrier();")
            op = self._chain.program.operations[i]
            lines += self._linear(i, op) if isinstance(op, Linear) else self._map(i, op)
        lines.append("memoryBarrierShared(); barrier();")
        for value in sorted(self._kept):
            place = self._chain.keep(value)
            source = f"s[({self._slots[value]}u + i) * Q + q]"
            lines += self._out(self._chain.widths[value], source, f"g[({place}u + i) * rows + ROW]")
        for o in self._outputs:
            port, refs = self._chain.program.outputs[o]
            lines += self._out(port.width, self._operand(refs, "i"), f"y{o}[ROW * {port.width}u + i]")
        buffers = ["constants", "weights", "tables", "scratch"]
        buffers += [f"x{value}" for value in self._loaded if value < len(self._chain.program.inputs)]
        buffers += [f"y{o}" for o in self._outputs]
        kind, quads = ("vec4", self._quads) if self._quads else ("float", 1)
        per_group = 4 * quads if self._quads else 1
        text = (
            head(self._chain, buffers)
            + f"#define T {kind}\n#define Q {quads}u\nshared T s[{self._size * quads}];\n"
            + "T pick(int t, uint q) { return t < 0 ? T(c[~t]) : s[uint(t) * Q + q]; }\n"
            + "void main() {\n"
            + f"    uint row = (gl_WorkGroupID.x + gl_WorkGroupID.y * gl_NumWorkGroups.x) * {per_group}u;\n"
            + "".join(f"    {line}\n" for line in lines)
            + "}\n"
        )
        return Pass(text, tuple(buffers), lambda rows: _spread(-(-rows // per_group)))

    def _allocated(self) -> tuple[dict[int, int], int]:
        """First place of every value, and how many places there are; a place is free again after its last reader."""
        chain = self._chain
        last: dict[int, int] = {}
        for i in self._span:
            for value in chain.values(chain.program.operations[i].operands):
                last[value] = i
        for value in chain.values([chain.program.outputs[o][1] for o in self._outputs]) | self._kept:
            last[value] = self._span.stop
        slots: dict[int, int] = {}
        size = 0
        for value, i in [*((v, -1) for v in self._loaded), *((chain.value(i), i) for i in self._span)]:
            width = self._places(value)
            busy = sorted((slots[v], slots[v] + self._places(v)) for v in slots if last.get(v, -1) >= i)
            at = 0
            for start, end in busy:
                if at + width <= start:
                    break
                at = max(at, end)
            slots[value] = at
            size = max(size, at + width)
        return slots, size

    def _places(self, value: int) -> int:
        """Layers write whole blocks of four."""
        return padded(self._chain.widths[value])

    def _load(self, value: int) -> list[str]:
        chain, width, slot = self._chain, self._chain.widths[value], self._slots[value]
        if value < len(chain.program.inputs):
            port = chain.program.inputs[value]
            source = f"x{value}[i]" if port.axis is None else f"x{value}[min(ROW, rows - 1u) * {width}u + i]"
        else:
            source = f"g[({chain.place[value]}u + i) * rows + min(ROW, rows - 1u)]"
        rows = [source.replace("ROW", f"(row + 4u * q + {k}u)") for k in range(4)]
        read = f"vec4({', '.join(rows)})" if self._quads else source.replace("ROW", "row")
        return [_tasks(width, f"s[({slot}u + i) * Q + q] = {read};")]

    def _operand(self, refs: Refs, index: str) -> str:
        """An expression for scalar `index` of an operand, in the rows of q."""
        places = self._chain.places(refs, self._slots)
        how, first = run_of(places), int(places[0])
        if how == "one":
            constants = self._chain.program.constants
            return f"T({number(float(constants[~first]))})" if first < 0 else f"s[{first}u * Q + q]"
        if how == "run":
            return f"T(c[{~first}u + {index}])" if first < 0 else f"s[({first}u + {index}) * Q + q]"
        return f"pick(tab[{self._chain.packed.table(places)}u + {index}], q)"

    def _map(self, i: int, op: Map) -> list[str]:
        names = [f"a{k}" for k in range(len(op.operands))]
        read = " ".join(
            f"T {name} = {self._operand(refs, 'i')};" for name, refs in zip(names, op.operands, strict=True)
        )
        slot = self._slots[self._chain.value(i)]
        return [_tasks(op.width, f"{read} s[({slot}u + i) * Q + q] = {call(op, names)};")]

    def _linear(self, i: int, op: Linear) -> list[str]:
        outputs, inputs = op.weight.shape
        blocks = padded(outputs) // 4
        packed, slot = self._chain.packed, self._slots[self._chain.value(i)]
        body = (
            f"uint layer = i / {blocks}u; uint j = i % {blocks}u; uint o = {slot}u + layer * {outputs}u + 4u * j; "
            f"T b0 = T(c[{packed.bias_at[i]}u + 4u * j]); T b1 = T(c[{packed.bias_at[i] + 1}u + 4u * j]); "
            f"T b2 = T(c[{packed.bias_at[i] + 2}u + 4u * j]); T b3 = T(c[{packed.bias_at[i] + 3}u + 4u * j]); "
            f"for (uint k = 0u; k < {inputs}u; ++k) {{ "
            f"T a = {self._operand(op.source, f'(layer * {inputs}u + k)')}; "
            f"vec4 m = weight({packed.weight_block[i]}u + k * {blocks}u + j); "
            "b0 += m.x * a; b1 += m.y * a; b2 += m.z * a; b3 += m.w * a; } "
        )
        for k in range(4):
            guard = f"if (4u * j + {k}u < {outputs}u) " if outputs % 4 and op.blocks > 1 else ""
            body += f"{guard}s[(o + {k}u) * Q + q] = b{k}; "
        return [_tasks(op.blocks * blocks, body)]

    def _out(self, width: int, source: str, target: str) -> list[str]:
        if not self._quads:
            return [_tasks(width, f"{target.replace('ROW', 'row')} = {source};")]
        body = f"vec4 v = {source}; uint r = row + 4u * q; "
        body += " ".join(f"if (r + {k}u < rows) {target.replace('ROW', f'(r + {k}u)')} = v[{k}];" for k in range(4))
        return [_tasks(width, body)]


def _tasks(count: int, body: str) -> str:
    return (
        f"for (uint t = gl_LocalInvocationID.x; t < {count}u * Q; t += {LANES}u) "
        f"{{ uint i = t / Q; uint q = t % Q; {body} }}"
    )


def _spread(groups: int) -> tuple[int, int, int]:
    """So many workgroups in two dimensions, none of which may be longer than 65,535."""
    across = min(groups, 32_768)
    return across, -(-groups // across), 1
