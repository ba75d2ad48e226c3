"""What a network does to one row of numbers, as a list of operations over numbered scalars.

Every scalar of a row has a number: first those of the inputs, one after another, then the results of each operation in
order. An operand is an array of such numbers; one below zero, ~k, means constant k. Reshaping, slicing, gathering,
concatenating and broadcasting are nothing but such arrays, so only linear layers and element-wise functions are left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from assets.errors import LoweringError

FORMAT: Final = 1
MAX_SCALARS: Final = 1 << 22
"""Of one row: inputs and all results."""
MAX_OPERATIONS: Final = 4096
_UNARY: Final = (
    "abs neg floor ceil square sqrt rsqrt exp log sin cos tan asin acos atan reciprocal log1p sinh cosh asinh acosh "
    "atanh sign round erf expm1 sigmoid tanh hardswish gelu gelu_tanh silu relu"
)
_BINARY: Final = (
    "add sub mul div min max pow atan2 mod squared_difference prelu greater greater_equal less less_equal equal "
    "not_equal"
)
UNARY: Final = frozenset(_UNARY.split())
WITH_PARAMETERS: Final = {"leaky": 1, "elu": 1, "selu": 2, "clip": 2}
BINARY: Final = frozenset(_BINARY.split())
TERNARY: Final = frozenset({"select"})

Refs = NDArray[np.int32]


def arity(function: str) -> int:
    """How many operands a function of `Map` takes; 0 where there is no such function."""
    if function in UNARY or function in WITH_PARAMETERS:
        return 1
    return 2 if function in BINARY else 3 if function in TERNARY else 0


@dataclass(frozen=True)
class Port:
    """An input or output: its shape for one row, and the axis that grows with the rows (None: one row serves all)."""

    name: str
    shape: tuple[int, ...]
    axis: int | None

    @property
    def width(self) -> int:
        """Scalars of one row."""
        return int(np.prod(self.shape, dtype=np.int64))

    def at(self, rows: int) -> tuple[int, ...]:
        """The tensor's shape for so many rows."""
        return tuple(size * rows if i == self.axis else size for i, size in enumerate(self.shape))


@dataclass(frozen=True, eq=False)
class Linear:
    """The same layer for each of `blocks` parts of the source, side by side: weight (out, in) times it, plus bias
    (out,)."""

    source: Refs
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]

    @property
    def blocks(self) -> int:
        return len(self.source) // int(self.weight.shape[1])

    @property
    def width(self) -> int:
        """Scalars of the result, block after block."""
        return self.blocks * int(self.weight.shape[0])

    @property
    def operands(self) -> tuple[Refs, ...]:
        return (self.source,)


@dataclass(frozen=True, eq=False)
class Map:
    """An element-wise function of operands of one width; `parameters` are its numbers (a slope, bounds)."""

    function: str
    operands: tuple[Refs, ...]
    parameters: tuple[float, ...] = ()

    @property
    def width(self) -> int:
        return len(self.operands[0])


class _Head(msgspec.Struct, frozen=True):
    format: int
    single: bool
    ports: list[tuple[bool, str, list[int], int | None]]
    """Whether it is an output, name, shape, axis."""
    operations: list[tuple[str, list[float]]]
    """Function ("linear" is the layer) and parameters; the arrays of operation i are named i.0, i.1, …"""


@dataclass(frozen=True, eq=False)
class Program:
    """Operations on every row alike, or, if `single`, on one row that is all there is."""

    inputs: tuple[Port, ...]
    constants: NDArray[np.float32]
    operations: tuple[Linear | Map, ...]
    outputs: tuple[tuple[Port, Refs], ...]
    single: bool = False
    first: tuple[int, ...] = field(init=False)
    """Number of the first scalar of every operation, and the number of all scalars last."""

    def __post_init__(self) -> None:
        starts = np.cumsum([sum(p.width for p in self.inputs), *(op.width for op in self.operations)])
        object.__setattr__(self, "first", tuple(int(start) for start in starts))

    def to_bytes(self, *, half: bool = False) -> bytes:
        """One safetensors blob; `half` stores the weights of linear layers as float16."""
        tensors: dict[str, NDArray[Any]] = {"constants": self.constants}
        for i, op in enumerate(self.operations):
            arrays: Sequence[NDArray[Any]] = op.operands
            if isinstance(op, Linear):
                arrays = (op.source, op.weight.astype(np.float16) if half else op.weight, op.bias)
            tensors |= {f"{i}.{k}": np.ascontiguousarray(array) for k, array in enumerate(arrays)}
        tensors |= {f"out.{i}": refs for i, (_, refs) in enumerate(self.outputs)}
        head = _Head(
            format=FORMAT,
            single=self.single,
            ports=[
                (i >= len(self.inputs), p.name, list(p.shape), p.axis)
                for i, p in enumerate([*self.inputs, *(port for port, _ in self.outputs)])
            ],
            operations=[
                ("linear", []) if isinstance(op, Linear) else (op.function, list(op.parameters))
                for op in self.operations
            ],
        )
        return bytes(safetensors.numpy.save(tensors, {"program": msgspec.json.encode(head).decode()}))

    @staticmethod
    def from_bytes(blob: bytes) -> Program:
        """Read what `to_bytes` wrote, all of it checked; raises LoweringError."""
        try:
            length = int.from_bytes(blob[:8], "little")
            head = msgspec.json.decode(
                msgspec.json.decode(blob[8 : 8 + length], type=dict[str, Any])["__metadata__"]["program"], type=_Head
            )
            tensors = safetensors.numpy.load(blob)
        except (SafetensorError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise LoweringError(f"A program for the GPU is damaged ({error}); get the avatar again.") from None
        return _Reader(head, tensors).program()


class _Reader:
    """Builds a program out of checked parts only."""

    def __init__(self, head: _Head, tensors: dict[str, NDArray[Any]]) -> None:
        self._head, self._tensors = head, tensors

    def program(self) -> Program:
        head = self._head
        self._demand(head.format == FORMAT, f"has format {head.format}, not {FORMAT}")
        self._demand(len(head.operations) <= MAX_OPERATIONS, "is too long")
        ports = [self._port(*port[1:]) for port in head.ports]
        inputs = tuple(port for port, (output, *_) in zip(ports, head.ports, strict=True) if not output)
        rows = {
            port.axis is None for port, (output, *_) in zip(ports, head.ports, strict=True) if output or head.single
        }
        self._demand(rows == {head.single}, "has other rows in than out")
        results = [port for port, (output, *_) in zip(ports, head.ports, strict=True) if output]
        self._demand(len({p.name for p in ports}) == len(ports) and bool(inputs and results), "lacks names")
        constants = self._floats("constants", 1)
        known = sum(port.width for port in inputs)
        operations: list[Linear | Map] = []
        for i, (function, parameters) in enumerate(head.operations):
            op = self._operation(i, function, parameters, known, len(constants))
            operations.append(op)
            known += op.width
            self._demand(known <= MAX_SCALARS, "is too wide")
        outputs = tuple((port, self._refs(f"out.{i}", known, len(constants))) for i, port in enumerate(results))
        self._demand(all(port.width == len(refs) for port, refs in outputs), "has an output of another width")
        return Program(inputs, constants, tuple(operations), outputs, head.single)

    def _port(self, name: str, shape: list[int], axis: int | None) -> Port:
        self._demand(len(shape) <= 8 and all(0 < size <= MAX_SCALARS for size in shape), "has an impossible shape")
        self._demand(axis is None or 0 <= axis < len(shape), "has an impossible axis")
        self._demand(axis is None or all(size == 1 for size in shape[:axis]), "has rows that are not together")
        port = Port(name, tuple(shape), axis)
        self._demand(port.width <= MAX_SCALARS, "is too wide")
        return port

    def _operation(self, i: int, function: str, parameters: list[float], known: int, constants: int) -> Linear | Map:
        if function == "linear":
            weight, bias = self._floats(f"{i}.1", 2), self._floats(f"{i}.2", 1)
            source = self._refs(f"{i}.0", known, constants)
            fits = weight.shape[1] > 0 and len(source) % weight.shape[1] == 0 and weight.shape[0] == len(bias) > 0
            self._demand(fits, "has a layer whose sizes do not fit")
            return Linear(source, weight, bias)
        count = arity(function)
        self._demand(count > 0, f"names the unknown function {function}")
        wanted = WITH_PARAMETERS.get(function, 0)
        self._demand(len(parameters) == wanted and bool(np.isfinite(parameters).all()), "has other parameters")
        operands = tuple(self._refs(f"{i}.{k}", known, constants) for k in range(count))
        self._demand(len({len(refs) for refs in operands}) == 1, "has operands of unlike widths")
        return Map(function, operands, tuple(parameters))

    def _refs(self, name: str, known: int, constants: int) -> Refs:
        refs = self._array(name, 1)
        self._demand(refs.dtype == np.int32 and 0 < len(refs) <= MAX_SCALARS, f"has no list {name}")
        self._demand(-constants <= int(refs.min()) and int(refs.max()) < known, "refers to what is not there yet")
        return refs

    def _floats(self, name: str, dimensions: int) -> NDArray[np.float32]:
        array = self._array(name, dimensions)
        self._demand(array.dtype in (np.float32, np.float16), f"has no numbers {name}")
        self._demand(bool(np.isfinite(array).all()), f"has numbers in {name} that are none")
        return np.asarray(array, np.float32)

    def _array(self, name: str, dimensions: int) -> NDArray[Any]:
        self._demand(name in self._tensors, f"lacks {name}")
        array = self._tensors[name]
        self._demand(array.ndim == dimensions, f"has another {name}")
        return array

    def _demand(self, holds: bool, what: str) -> None:
        if not holds:
            raise LoweringError(f"A program for the GPU {what}; get the avatar again.")
