"""A lowered network as one shader in which every invocation computes one row, all of it in registers.

Made for many rows of a narrow network: every sum is written out, so that each scalar has a register and each weight a
fixed place, which all invocations read together. So few weights stay in the GPU's caches: they are always float32.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.lower import Linear, Port, Program
from render.nets.functions import HELPERS, call, number
from render.nets.packed import Packed

MOST_PRODUCTS: Final = 1024
"""Lines of the shader that multiply; with more, drivers compile for seconds and GPUs run out of instruction cache."""
MOST_SCALARS: Final = 1024
UNIFORM_BYTES: Final = 16_384
"""What every GLES 3.1 driver takes as one uniform block."""
LANES: Final = 64


def fits(program: Program) -> bool:
    """Whether the shader of a row stays short enough."""
    products = sum(
        op.blocks * op.weight.shape[1] * -(-op.weight.shape[0] // 4)
        for op in program.operations
        if isinstance(op, Linear)
    )
    wide = program.first[-1] + sum(port.width for port, _ in program.outputs)
    return products <= MOST_PRODUCTS and wide <= 4 * MOST_SCALARS


class RowShader:
    """Its `text` has no version line. It binds constants, inputs and outputs, and the weights either last or, if
    `uniform`, as uniform block 0."""

    def __init__(self, program: Program, packed: Packed) -> None:
        assert not packed.half
        self._program = program
        self._packed = packed
        self.uniform = len(packed.weights) <= UNIFORM_BYTES
        starts = np.cumsum([0, *(port.width for port in program.inputs)])
        self._starts = np.array([*starts[:-1], *program.first[:-1]])
        self._lines: list[str] = []
        self._write()
        self.text = self._head() + "void main() {\n" + "".join(f"    {line}\n" for line in self._lines) + "}\n"

    def _head(self) -> str:
        program, packed = self._program, self._packed
        parts = [f"layout(local_size_x = {LANES}) in;\nuniform uint rows;\n"]
        names = ["vec4 c[]", *(_element(p, f"x{i}") for i, p in enumerate(program.inputs))]
        for binding, name in enumerate(names):
            parts.append(f"layout(std430, binding = {binding}) readonly buffer B{binding} {{ {name}; }};\n")
        for i, (port, _) in enumerate(program.outputs):
            binding = len(names) + i
            parts.append(
                f"layout(std430, binding = {binding}) writeonly buffer B{binding} {{ {_element(port, f'y{i}')}; }};\n"
            )
        binding = len(names) + len(program.outputs)
        if self.uniform:
            parts.append(f"layout(std140, binding = 0) uniform Weights {{ vec4 w[{len(packed.weights) // 16}]; }};\n")
        else:
            parts.append(f"layout(std430, binding = {binding}) readonly buffer Weights {{ vec4 w[]; }};\n")
        return "".join(parts) + HELPERS

    def _write(self) -> None:
        self._lines += [
            f"uint row = gl_GlobalInvocationID.x + gl_GlobalInvocationID.y * gl_NumWorkGroups.x * {LANES}u;",
            "if (row >= rows) return;",
        ]
        for i, port in enumerate(self._program.inputs):
            self._load(i, port)
        for i, op in enumerate(self._program.operations):
            name = len(self._program.inputs) + i
            if isinstance(op, Linear):
                self._linear(i, name, op)
                continue
            for block in range(-(-op.width // 4)):
                operands = [self._block(refs[4 * block : 4 * block + 4]) for refs in op.operands]
                self._lines.append(f"vec4 v{name}_{block} = {call(op, operands)};")
        for i, (port, refs) in enumerate(self._program.outputs):
            self._store(i, port, refs)

    def _load(self, i: int, port: Port) -> None:
        step = "0u" if port.axis is None else "row"
        for block in range(-(-port.width // 4)):
            if port.width % 4 == 0:
                self._lines.append(f"vec4 v{i}_{block} = x{i}[{step} * {port.width // 4}u + {block}u];")
            else:
                parts = [
                    f"x{i}[{step} * {port.width}u + {4 * block + k}u]" if 4 * block + k < port.width else "0.0"
                    for k in range(4)
                ]
                self._lines.append(f"vec4 v{i}_{block} = vec4({', '.join(parts)});")

    def _linear(self, i: int, name: int, op: Linear) -> None:
        outputs, inputs = op.weight.shape
        blocks = -(-outputs // 4)
        whole = outputs % 4 == 0 or op.blocks == 1
        for layer in range(op.blocks):
            source = [self._scalar(int(ref)) for ref in op.source[layer * inputs : (layer + 1) * inputs]]
            for block in range(blocks):
                sum_ = f"v{name}_{layer * blocks + block}" if whole else f"l{name}_{layer}_{block}"
                self._lines.append(f"vec4 {sum_} = c[{self._packed.bias_at[i] // 4 + block}];")
                for k, scalar in enumerate(source):
                    self._lines.append(f"{sum_} += {scalar} * w[{self._packed.weight_block[i] + k * blocks + block}];")
        if not whole:
            # Layers side by side whose widths are no multiple of four: close the gaps.
            places = [f"l{name}_{layer}_{k // 4}.{'xyzw'[k % 4]}" for layer in range(op.blocks) for k in range(outputs)]
            places += ["0.0"] * (-len(places) % 4)
            for block in range(len(places) // 4):
                self._lines.append(f"vec4 v{name}_{block} = vec4({', '.join(places[4 * block : 4 * block + 4])});")

    def _store(self, i: int, port: Port, refs: NDArray[np.int32]) -> None:
        for block in range(-(-port.width // 4)):
            part = refs[4 * block : 4 * block + 4]
            if port.width % 4 == 0:
                self._lines.append(f"y{i}[row * {port.width // 4}u + {block}u] = {self._block(part)};")
            else:
                for k, ref in enumerate(part):
                    self._lines.append(f"y{i}[row * {port.width}u + {4 * block + k}u] = {self._scalar(int(ref))};")

    def _scalar(self, ref: int) -> str:
        if ref < 0:
            return number(float(self._program.constants[~ref]))
        value = int(np.searchsorted(self._starts, ref, "right")) - 1
        at = ref - int(self._starts[value])
        return f"v{value}_{at // 4}.{'xyzw'[at % 4]}"

    def _block(self, refs: NDArray[np.int32]) -> str:
        """Up to four scalars as a vec4; what is missing repeats the last, which harms no function."""
        scalars = [self._scalar(int(ref)) for ref in refs]
        scalars += scalars[-1:] * (4 - len(scalars))
        if len(set(scalars)) == 1:
            return f"vec4({scalars[0]})"
        vectors = {scalar.partition(".")[0] for scalar in scalars}
        if len(vectors) == 1 and refs[0] >= 0:
            swizzle = "".join(scalar.partition(".")[2] for scalar in scalars)
            name = vectors.pop()
            return name if swizzle == "xyzw" else f"{name}.{swizzle}"
        return f"vec4({', '.join(scalars)})"


def _element(port: Port, name: str) -> str:
    return f"{'vec4' if port.width % 4 == 0 else 'float'} {name}[]"
