"""A pass in which every invocation computes four results of one wide operation."""

from __future__ import annotations

from assets.lower import Linear, Map
from render.nets.chain import LANES, Chain, Pass, Refs, head, run_of
from render.nets.functions import call, number
from render.nets.packed import padded

_LONGEST_LOOP = 32_768
"""Some drivers end a loop after 65,535 turns (llvmpipe)."""


class WideWriter:
    """Writes passes into the chain; what an operation reads must lie in scratch, inputs are brought there."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def operation(self, i: int, readers: dict[int, set[int]], done: set[int]) -> tuple[int, set[int]]:
        """The pass of operation `i` and of the functions after it that read nothing else of its width; returns the
        next operation and the outputs that were written."""
        chain, operations = self._chain, self._chain.program.operations
        stop = i + 1
        while stop < len(operations) and self._follows(stop, readers):
            stop += 1
        self._bring([refs for op in operations[i:stop] for refs in op.operands])
        op = operations[i]
        if isinstance(op, Linear):
            lines, tasks = self._linear(i, op), op.blocks * padded(op.weight.shape[0]) // 4
        else:
            lines, tasks = self._map(op, None), -(-op.width // 4)
        for k in range(i + 1, stop):
            later = operations[k]
            assert isinstance(later, Map)
            lines += self._map(later, chain.value(k - 1))
        value = chain.value(stop - 1)
        written = [o for o, (_, refs) in enumerate(chain.program.outputs) if o not in done and self._is(refs, value)]
        others = any(
            value in chain.values([refs]) for o, (_, refs) in enumerate(chain.program.outputs) if o not in written
        )
        if others or readers.get(value):
            place = chain.keep(value)
            lines.append(_guarded(f"g[({place}u + i + K) * rows + row] = v[K];"))
        for o in written:
            lines.append(_guarded(f"y{o}[row * {op.width}u + i + K] = v[K];"))
        self._add(lines, tasks, written)
        return stop, set(written)

    def output(self, o: int) -> None:
        """The pass that writes an output out of what lies in scratch."""
        port, refs = self._chain.program.outputs[o]
        self._bring([refs])
        lines = [_four_of(port.width), f"v = {self._four(refs, None)};"]
        lines.append(_guarded(f"y{o}[row * {port.width}u + i + K] = v[K];"))
        self._add(lines, -(-port.width // 4), [o])

    def _follows(self, i: int, readers: dict[int, set[int]]) -> bool:
        """Whether operation `i` reads its predecessor, which nothing else does, place by place."""
        chain, op = self._chain, self._chain.program.operations[i]
        before = chain.value(i - 1)
        if not isinstance(op, Map) or op.width != chain.widths[before] or readers.get(before) != {i}:
            return False
        if any(before in chain.values([refs]) for _, refs in chain.program.outputs):
            return False
        return all(self._is(refs, before) or before not in chain.values([refs]) for refs in op.operands)

    def _is(self, refs: Refs, value: int) -> bool:
        first, width = int(self._chain.starts[value]), self._chain.widths[value]
        return len(refs) == width and int(refs[0]) == first and (width == 1 or run_of(refs) == "run")

    def _bring(self, operands: list[Refs]) -> None:
        """Bring inputs into scratch."""
        chain = self._chain
        for value in sorted(chain.values(operands)):
            if value < len(chain.program.inputs) and value not in chain.place:
                port, place = chain.program.inputs[value], chain.keep(value)
                source = f"x{value}[i + K]" if port.axis is None else f"x{value}[row * {port.width}u + i + K]"
                lines = [_four_of(port.width), _guarded(f"g[({place}u + i + K) * rows + row] = {source};")]
                self._add(lines, -(-port.width // 4), [], f"x{value}")

    def _operand(self, refs: Refs, index: str) -> str:
        """An expression for scalar `index` of an operand."""
        places = self._chain.places(refs, self._chain.place)
        how, first = run_of(places), int(places[0])
        if how == "one":
            return number(float(self._chain.program.constants[~first])) if first < 0 else f"g[{first}u * rows + row]"
        if how == "run":
            return f"c[{~first}u + {index}]" if first < 0 else f"g[({first}u + {index}) * rows + row]"
        return f"pick(tab[{self._chain.packed.table(places)}u + {index}], row)"

    def _four(self, refs: Refs, before: int | None) -> str:
        if before is not None and self._is(refs, before):
            return "v"
        if run_of(refs) == "one":
            return f"vec4({self._operand(refs, 'i')})"
        expression = self._operand(refs, "INDEX")
        return f"vec4({', '.join(expression.replace('INDEX', f'min(i + {k}u, {len(refs) - 1}u)') for k in range(4))})"

    def _map(self, op: Map, before: int | None) -> list[str]:
        lines = [] if before is not None else [_four_of(op.width)]
        names = [f"a{k}" for k in range(len(op.operands))]
        read = " ".join(
            f"vec4 {name} = {self._four(refs, before)};" for name, refs in zip(names, op.operands, strict=True)
        )
        return [*lines, f"{{ {read} v = {call(op, names)}; }}"]

    def _linear(self, i: int, op: Linear) -> list[str]:
        outputs, inputs = op.weight.shape
        blocks, packed = padded(outputs) // 4, self._chain.packed
        bias = ", ".join(f"c[{packed.bias_at[i] + k}u + 4u * j]" for k in range(4))
        source = self._operand(op.source, f"(layer * {inputs}u + k)")
        product = f"v += {source} * weight({packed.weight_block[i]}u + k * {blocks}u + j);"
        return [
            f"uint layer = t / {blocks}u; uint j = t % {blocks}u; uint i = layer * {outputs}u + 4u * j;",
            f"uint n = min({outputs}u - 4u * j, 4u); vec4 v = vec4({bias});",
            f"for (uint first = 0u; first < {inputs}u; first += {_LONGEST_LOOP}u)",
            f"    for (uint k = first; k < min(first + {_LONGEST_LOOP}u, {inputs}u); ++k) {product}",
        ]

    def _add(self, lines: list[str], tasks: int, outputs: list[int], source: str | None = None) -> None:
        chain = self._chain
        buffers = ["constants", "weights", "tables", "scratch", *([source] if source else [])]
        buffers += [f"y{o}" for o in outputs]
        text = (
            head(chain, buffers)
            + "float pick(int t, uint row) { return t < 0 ? c[~t] : g[uint(t) * rows + row]; }\n"
            + "void main() {\n    uint t = gl_GlobalInvocationID.x;\n"
            + "    uint row = gl_WorkGroupID.y + gl_WorkGroupID.z * gl_NumWorkGroups.y;\n"
            + f"    if (t >= {tasks}u || row >= rows) return;\n"
            + "".join(f"    {line}\n" for line in lines)
            + "}\n"
        )
        across = -(-tasks // LANES)
        chain.passes.append(Pass(text, tuple(buffers), lambda rows: _rows(across, rows)))


def _four_of(width: int) -> str:
    return f"uint i = 4u * t; uint n = min({width}u - i, 4u); vec4 v;"


def _guarded(statement: str) -> str:
    return " ".join(f"if ({k}u < n) {statement.replace('K', f'{k}u')}" for k in range(4))


def _rows(across: int, rows: int) -> tuple[int, int, int]:
    down = min(rows, 32_768)
    return across, down, -(-rows // down)
