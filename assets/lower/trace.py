"""From a graph to a program: the graph is run once on numbers of scalars instead of on numbers.

The number of rows stays a symbol: a prime so large that no other size of a tensor is a multiple of it. What the graph
computes of shapes is folded; what moves scalars about moves their numbers; only linear layers and functions are left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.lower.flat import Node
from assets.lower.program import MAX_OPERATIONS, MAX_SCALARS, Linear, Map, Port, Program, Refs

ANY_ROWS: Final = 999_999_937
"""The prime that stands for the number of rows."""


@dataclass(frozen=True, eq=False)
class Tensor:
    """Numbers that are known now, or (`live`) the numbers of scalars; of these, `axis` is the one that the rows
    multiply, left out of the array's shape, and None says that they are the same for all rows."""

    array: NDArray[Any]
    live: bool = False
    axis: int | None = None


class Trace:
    """The program under construction; `single`: the tensors as they are make one row, of which there is one."""

    def __init__(self, single: bool) -> None:
        self._single = single
        self._count = 0
        self._inputs: list[Port] = []
        self._constants: list[NDArray[np.float32]] = []
        self._constant_count = 0
        self._known_constants: dict[tuple[bytes, bool], int] = {}
        self._operations: list[Linear | Map] = []

    def input(self, name: str, shape: tuple[int, ...], axis: int | None) -> Tensor:
        """An input whose shape is `shape` for one row."""
        self._inputs.append(Port(name, shape, axis))
        return Tensor(self._next(self._inputs[-1].width).reshape(shape), True, axis)

    def shape(self, tensor: Tensor) -> tuple[int, ...]:
        """As the graph sees it, the symbol for the rows included."""
        return tuple(n * ANY_ROWS if i == tensor.axis else n for i, n in enumerate(tensor.array.shape))

    def refs(self, tensor: Tensor) -> NDArray[np.int64]:
        """Numbers of scalars; known numbers become constants, one contiguous run for each tensor."""
        if tensor.live:
            return np.asarray(tensor.array, np.int64)
        values = np.ascontiguousarray(tensor.array, np.float32)
        if not np.isfinite(values).all():
            raise RefusalError("a constant that is not a finite number")
        key = (values.tobytes(), values.size == 1)
        if key not in self._known_constants:
            self._known_constants[key] = self._constant_count
            self._constants.append(values.ravel())
            self._constant_count += values.size
        first = self._known_constants[key]
        return ~np.arange(first, first + values.size, dtype=np.int64).reshape(values.shape)

    def map(self, function: str, *tensors: Tensor, parameters: tuple[float, ...] = ()) -> Tensor:
        """An element-wise function; the tensors broadcast as numpy's do."""
        axis = self.common_axis(*tensors)
        operands = np.broadcast_arrays(*(self.refs(tensor) for tensor in tensors))
        self._append(Map(function, tuple(_int32(refs.ravel()) for refs in operands), parameters))
        return Tensor(self._next(operands[0].size).reshape(operands[0].shape), True, axis)

    def linear(self, tensor: Tensor, weight: NDArray[np.float32], bias: NDArray[np.float32] | None = None) -> Tensor:
        """weight (out, in) times the last axis, plus bias (out,)."""
        refs = self.refs(tensor)
        if tensor.axis == refs.ndim - 1 or refs.shape[-1] != weight.shape[1]:
            raise RefusalError("a layer over another axis than the features of a row")
        bias = np.zeros(len(weight), np.float32) if bias is None or not len(bias) else bias
        weight, bias = np.ascontiguousarray(weight, np.float32), np.asarray(bias, np.float32)
        if not (np.isfinite(weight).all() and np.isfinite(bias).all() and len(bias) == len(weight)):
            raise RefusalError("weights that are not finite numbers")
        self._append(Linear(_int32(refs.ravel()), weight, bias))
        shape = (*refs.shape[:-1], len(weight))
        return Tensor(self._next(int(np.prod(shape))).reshape(shape), True, tensor.axis)

    def common_axis(self, *tensors: Tensor) -> int | None:
        """Where the rows lie after broadcasting, all the tensors' last axes being one."""
        rank = max(tensor.array.ndim for tensor in tensors)
        axes = {t.axis + rank - t.array.ndim for t in tensors if t.axis is not None}
        if not axes:
            return None
        axis = axes.pop()
        multiples = {t.array.shape[t.axis] for t in tensors if t.axis is not None}
        places = [(t, axis - rank + t.array.ndim) for t in tensors if t.axis is None]
        if axes or len(multiples) > 1 or any(i >= 0 and t.array.shape[i] != 1 for t, i in places):
            raise RefusalError("operands that mix rows")
        return axis

    def program(self, outputs: dict[str, Tensor]) -> Program:
        """What the outputs need, in order, with the scalars numbered anew."""
        ports = []
        for name, tensor in outputs.items():
            if not tensor.live:
                raise RefusalError(f"an output {name} that depends on no input")
            if not self._single and tensor.axis is None:
                raise RefusalError(f"an output {name} that is the same for all rows")
            if tensor.axis is not None and any(n != 1 for n in tensor.array.shape[: tensor.axis]):
                raise RefusalError(f"an output {name} whose rows are not together")
            ports.append((Port(name, tensor.array.shape, tensor.axis), tensor.array.astype(np.int64).ravel()))
        operations, moved = self._needed([refs for _, refs in ports])
        constants = np.concatenate(self._constants) if self._constants else np.zeros(0, np.float32)
        results = tuple((port, _renumbered(refs, moved)) for port, refs in ports)
        return Program(tuple(self._inputs), constants, tuple(operations), results, self._single)

    def _needed(self, results: list[NDArray[np.int64]]) -> tuple[list[Linear | Map], NDArray[np.int64]]:
        width = sum(port.width for port in self._inputs)
        starts = np.cumsum([width, *(op.width for op in self._operations)])
        used = np.zeros(self._count, bool)
        for refs in results:
            used[refs[refs >= 0]] = True
        kept = []
        for i in range(len(self._operations) - 1, -1, -1):
            if used[starts[i] : starts[i + 1]].any():
                kept.append(i)
                for part in self._operations[i].operands:
                    used[part[part >= 0]] = True
        kept.reverse()
        moved = np.arange(self._count, dtype=np.int64)
        for i in kept:
            moved[starts[i] : starts[i + 1]] = np.arange(width, width + self._operations[i].width)
            width += self._operations[i].width
        operations: list[Linear | Map] = []
        for i in kept:
            op = self._operations[i]
            parts = tuple(_renumbered(refs, moved) for refs in op.operands)
            operations.append(
                Linear(parts[0], op.weight, op.bias)
                if isinstance(op, Linear)
                else Map(op.function, parts, op.parameters)
            )
        return operations, moved

    def _append(self, op: Linear | Map) -> None:
        self._operations.append(op)
        if len(self._operations) > MAX_OPERATIONS:
            raise RefusalError("too many operations")

    def _next(self, width: int) -> NDArray[np.int64]:
        self._count += width
        if self._count > MAX_SCALARS:
            raise RefusalError("too many numbers in a row")
        return np.arange(self._count - width, self._count, dtype=np.int64)


Rule = Callable[[Node, list[Tensor], Trace], list[Tensor]]
"""What an operator does; raises RefusalError."""


class RefusalError(Exception):
    """A reason, told by the rule of an operator; becomes a LoweringError that names the operator."""


def _int32(refs: NDArray[np.int64]) -> Refs:
    return np.ascontiguousarray(refs, np.int32)


def _renumbered(refs: NDArray[Any], moved: NDArray[np.int64]) -> Refs:
    return _int32(np.where(refs >= 0, moved[np.maximum(refs, 0)], refs))
