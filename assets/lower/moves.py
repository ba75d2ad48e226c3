"""MNN's operators that only move numbers about, and those that compute shapes; they act on known numbers and on
numbers of scalars alike, and never across rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.lower.flat import Node
from assets.lower.program import MAX_SCALARS
from assets.lower.trace import ANY_ROWS, RefusalError, Rule, Tensor, Trace

Array = NDArray[Any]
_LAYOUTS: Final = (0, 2)
"""NCHW and NC4HW4: the same tensor to whoever counts its axes."""
_INTEGERS: Final = (3, 4, 5, 6, 9, 17)
_FLOATS: Final = (1, 2, 19)


def _known(tensor: Tensor) -> list[int]:
    if tensor.live:
        raise RefusalError("a shape or index that is computed from the input")
    return [int(value) for value in np.ravel(tensor.array)]


def _identity(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    return [inputs[0]]


def _convert(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    if node.main.byte(0) not in _LAYOUTS or node.main.byte(1) not in _LAYOUTS:
        raise RefusalError("channels last")
    return [inputs[0]]


def _cast(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    tensor, target = inputs[0], node.main.integer(1)
    if target in _FLOATS:
        return [tensor if tensor.live else Tensor(tensor.array.astype(np.float32))]
    if tensor.live or target not in _INTEGERS:
        raise RefusalError("whole numbers computed from the input")
    return [Tensor(tensor.array.astype(np.int64))]


def _shape(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    return [Tensor(np.array(trace.shape(inputs[0]), np.int64))]


def _rank(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    return [Tensor(np.array(inputs[0].array.ndim, np.int64))]


def _reshaped(tensor: Tensor, trace: Trace, dims: Sequence[int]) -> Tensor:
    before = trace.shape(tensor)
    size = int(np.prod(before, dtype=object))
    dims = [before[i] if n == 0 and i < len(before) else n for i, n in enumerate(dims)]
    if -1 in dims:
        known = int(np.prod([n for n in dims if n != -1], dtype=object))
        dims[dims.index(-1)] = size // known if known > 0 else -1
    if any(n < 1 for n in dims) or int(np.prod(dims, dtype=object)) != size:
        raise RefusalError("another number of numbers than before, or rows that are mixed")
    if tensor.axis is None:
        return Tensor(tensor.array.reshape(dims), tensor.live)
    axis = next((i for i, n in enumerate(dims) if n != 1), 0)
    if dims[axis] % ANY_ROWS or any(n != 1 for n in tensor.array.shape[: tensor.axis]):
        raise RefusalError("it mixes rows")
    dims[axis] //= ANY_ROWS
    return Tensor(tensor.array.reshape(dims), tensor.live, axis)


def _reshape(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    if node.main.byte(1) not in _LAYOUTS:
        raise RefusalError("channels last")
    dims = _known(inputs[1]) if len(inputs) > 1 else node.main.integers(0)
    return [_reshaped(inputs[0], trace, dims)]


def _flatten(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    before, axis = trace.shape(inputs[0]), node.main.integer(0)
    if node.main.integer(1) not in (0, -1):
        raise RefusalError("only some of the axes")
    axis += len(before) if axis < 0 else 0
    sizes = [int(np.prod(part, dtype=object)) for part in (before[:axis], before[axis:])]
    return [_reshaped(inputs[0], trace, sizes)]


def _axes(node: Node, inputs: list[Tensor]) -> list[int]:
    return _known(inputs[1]) if len(inputs) > 1 else node.main.integers(0)


def _squeeze(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    shape = trace.shape(inputs[0])
    axes = {axis % len(shape) for axis in _axes(node, inputs)} if shape else set()
    axes = axes or {i for i, n in enumerate(shape) if n == 1}
    if any(shape[i] != 1 for i in axes):
        raise RefusalError("an axis that is longer than one")
    return [
        _moved(inputs[0], np.squeeze(inputs[0].array, tuple(axes)), lambda axis: axis - sum(i < axis for i in axes))
    ]


def _unsqueeze(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    axes = _axes(node, inputs)
    rank = inputs[0].array.ndim + len(axes)
    places = sorted(axis % rank for axis in axes)
    others = [i for i in range(rank) if i not in places]
    return [_moved(inputs[0], np.expand_dims(inputs[0].array, tuple(places)), lambda axis: others[axis])]


def _expand_dims(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    axis = (_known(inputs[1])[0] if len(inputs) > 1 else node.main.integer(2)) % (inputs[0].array.ndim + 1)
    return [_moved(inputs[0], np.expand_dims(inputs[0].array, axis), lambda old: old + (old >= axis))]


def _permute(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    order = _known(inputs[1]) if len(inputs) > 1 else node.main.integers(0)
    return [_moved(inputs[0], inputs[0].array.transpose(order), order.index)]


def _moved(tensor: Tensor, array: Array, axis: Callable[[int], int]) -> Tensor:
    return Tensor(array, tensor.live, None if tensor.axis is None else axis(tensor.axis))


def _apart(tensor: Tensor, axis: int) -> int:
    """`axis` counted from the front, which must not be that of the rows."""
    axis %= max(tensor.array.ndim, 1)
    if axis == tensor.axis:
        raise RefusalError("it mixes rows")
    return axis


def _joined(tensors: list[Tensor], trace: Trace, join: Callable[[list[Array]], Array]) -> Array:
    return join([trace.refs(t) for t in tensors] if any(t.live for t in tensors) else [t.array for t in tensors])


def _concat(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    inputs = [tensor for tensor in inputs if tensor.array.size]
    axis = node.main.integer(0) % max(inputs[0].array.ndim, 1)
    rows = {t.axis for t in inputs if t.axis is not None}
    if len(rows) > 1 or axis in rows:
        raise RefusalError("it mixes rows")
    if rows and any(t.axis is None and t.array.shape[min(rows)] != 1 for t in inputs):
        raise RefusalError("it mixes rows")
    array = _joined(inputs, trace, lambda arrays: np.concatenate(arrays, axis))
    return [Tensor(array, any(t.live for t in inputs), rows.pop() if rows else None)]


def _pack(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    axis = node.main.integer(1) % (inputs[0].array.ndim + 1)
    rows = {t.axis for t in inputs}
    if len(rows) > 1:
        raise RefusalError("it mixes rows")
    old = rows.pop()
    array = _joined(inputs, trace, lambda arrays: np.stack(arrays, axis))
    return [Tensor(array, any(t.live for t in inputs), None if old is None else old + (old >= axis))]


def _taken(tensor: Tensor, axis: int, start: int, stop: int, step: int = 1) -> Tensor:
    """A slice as numpy's, with the rows' axis left whole or refused."""
    if axis == tensor.axis:
        whole = start == 0 and step == 1 and stop >= tensor.array.shape[axis] * ANY_ROWS
        if not whole:
            raise RefusalError("it takes some of the rows")
        return tensor
    index = [slice(None)] * tensor.array.ndim
    index[axis] = slice(start, stop if step > 0 or stop >= 0 else None, step)
    return Tensor(tensor.array[tuple(index)], tensor.live, tensor.axis)


def _slice_tf(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    result, shape = inputs[0], trace.shape(inputs[0])
    for axis, (start, size) in enumerate(zip(_known(inputs[1]), _known(inputs[2]), strict=True)):
        result = _taken(result, axis, start, shape[axis] if size == -1 else start + size)
    return [result]


def _strided_slice(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    data, shape = inputs[0], trace.shape(inputs[0])
    starts, stops = _known(inputs[1]), _known(inputs[2])
    if any(node.main.integer(number) for number in range(2, 7)):
        raise RefusalError("masks")
    if node.main.integer(7):
        axes = _known(inputs[3]) if len(inputs) > 3 else list(range(len(starts)))
        steps = _known(inputs[4]) if len(inputs) > 4 else [1] * len(starts)
    else:
        axes, steps = list(range(len(starts))), _known(inputs[3])
    for axis, start, stop, step in zip(axes, starts, stops, steps, strict=True):
        axis %= len(shape)
        begin, end, _ = slice(start, stop, step).indices(shape[axis])
        data = _taken(data, axis, begin, end, step)
    return [data]


def _slice(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    data, parts = inputs[0], len(node.outputs)
    axis = _apart(data, node.main.integer(0))
    length, points = data.array.shape[axis], node.main.integers(1)
    if len(inputs) > 1:
        cuts = np.cumsum(_known(inputs[1])).tolist()
    elif not points or (node.main.byte(2) != 0 and len(points) == 1):
        if length % parts:
            raise RefusalError("unlike parts")
        cuts = [length // parts * (i + 1) for i in range(parts)]
    else:
        cuts = [*points, length] if node.main.byte(2) == 0 else np.cumsum(points).tolist()
    return [_taken(data, axis, a, b) for a, b in zip([0, *cuts[:-1]], cuts, strict=True)]


def _gather(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    data, indices = inputs[0], inputs[1]
    axis = _apart(data, _known(inputs[2])[0] if len(inputs) > 2 else 0)
    _known(indices)
    chosen = indices.array.astype(np.int64)
    if chosen.size and not -data.array.shape[axis] <= chosen.min() <= chosen.max() < data.array.shape[axis]:
        raise RefusalError("an index outside its tensor")
    move = chosen.ndim - 1
    return [_moved(data, np.take(data.array, chosen, axis), lambda old: old if old < axis else old + move)]


def _tile(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    counts = _known(inputs[1])
    data = inputs[0]
    if data.axis is not None and counts[data.axis] != 1:
        raise RefusalError("it mixes rows")
    if data.array.size * int(np.prod(counts, dtype=object)) > MAX_SCALARS:
        raise RefusalError("too many numbers in a row")
    return [Tensor(np.tile(data.array, counts), data.live, data.axis)]


def _broadcast_to(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    data, dims = inputs[0], _known(inputs[1])
    rank = max(len(dims), data.array.ndim)
    before = (1,) * (rank - data.array.ndim) + trace.shape(data)
    after = [max(a, b) for a, b in zip([1] * (rank - len(dims)) + dims, before, strict=True)]
    axis = None if data.axis is None else data.axis + rank - data.array.ndim
    if any(n % ANY_ROWS == 0 and i != axis for i, n in enumerate(after)):
        # Numbers that serve all rows stay so: what they meet has the rows.
        after = [n if n % ANY_ROWS else 1 for n in after]
    elif axis is not None:
        after[axis] = data.array.shape[data.axis or 0]
    if int(np.prod(after, dtype=object)) > MAX_SCALARS:
        raise RefusalError("too many numbers in a row")
    return [Tensor(np.broadcast_to(data.array, after), data.live, axis)]


def _padding(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    data, amounts = inputs[0], np.reshape(_known(inputs[1]), (-1, 2))
    if node.main.byte(0) or amounts.min() < 0 or (data.axis is not None and amounts[data.axis].any()):
        raise RefusalError("a padding that is not constant, or of the rows")
    value = inputs[2] if len(inputs) > 2 else Tensor(np.zeros(1, np.float32))
    if (np.array(data.array.shape) + amounts.sum(axis=1)).prod(dtype=object) > MAX_SCALARS:
        raise RefusalError("too many numbers in a row")
    fill = int(trace.refs(value).ravel()[0]) if data.live else value.array.ravel()[0]
    return [Tensor(np.pad(data.array, amounts, constant_values=fill), data.live, data.axis)]


MOVES: Final[dict[str, Rule]] = {
    "Identity": _identity, "Copy": _identity, "Dropout": _identity, "ConvertTensor": _convert, "Cast": _cast,
    "Shape": _shape, "Rank": _rank, "Reshape": _reshape, "Flatten": _flatten, "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze, "ExpandDims": _expand_dims, "Permute": _permute, "Transpose": _permute,
    "Concat": _concat, "Pack": _pack, "SliceTf": _slice_tf, "StridedSlice": _strided_slice, "Slice": _slice,
    "Gather": _gather, "GatherV2": _gather, "Tile": _tile, "BroadcastTo": _broadcast_to, "Padding": _padding,
}  # fmt: skip
