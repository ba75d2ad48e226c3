"""Reading .mnn files: FlatBuffers of MNN's schema (schema/default/*.fbs of MNN 3.6, fields by their place there).

A table's fields are found by number; what MNN added later has higher numbers, so older and newer files read alike.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from flatbuffers import number_types
from flatbuffers.table import Table
from numpy.typing import NDArray

from assets.errors import LoweringError
from assets.lower.operators import OPERATORS

DAMAGED: Final = (struct.error, IndexError, ValueError, TypeError, OverflowError)
"""What reading out of bounds raises, from struct and from numpy."""


class Fields:
    """A table of the file; each method reads the field of that number."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def integer(self, number: int, default: int = 0) -> int:
        at = self._at(number)
        return int(self._table.Get(number_types.Int32Flags, at)) if at else default

    def byte(self, number: int, default: int = 0) -> int:
        at = self._at(number)
        return int(self._table.Get(number_types.Int8Flags, at)) if at else default

    def real(self, number: int, default: float = 0.0) -> float:
        at = self._at(number)
        return float(self._table.Get(number_types.Float32Flags, at)) if at else default

    def text(self, number: int) -> str:
        at = self._at(number)
        return bytes(self._table.String(at)).decode(errors="replace") if at else ""

    def table(self, number: int) -> Fields | None:
        at = self._at(number)
        return Fields(Table(self._table.Bytes, self._table.Indirect(at))) if at else None

    def integers(self, number: int) -> list[int]:
        return [int(value) for value in self._vector(number, number_types.Int32Flags)]

    def reals(self, number: int) -> NDArray[np.float32]:
        return np.asarray(self._vector(number, number_types.Float32Flags), np.float32)

    def raw(self, number: int) -> bytes:
        return bytes(self._vector(number, number_types.Uint8Flags).tobytes())

    def tables(self, number: int) -> list[Fields]:
        return [Fields(Table(self._table.Bytes, self._table.Indirect(at))) for at in self._places(number)]

    def texts(self, number: int) -> list[str]:
        return [bytes(self._table.String(at)).decode(errors="replace") for at in self._places(number)]

    def _at(self, number: int) -> int:
        offset = self._table.Offset(4 + 2 * number)
        return self._table.Pos + offset if offset else 0

    def _vector(self, number: int, kind: Any) -> NDArray[Any]:
        offset = self._table.Offset(4 + 2 * number)
        if not offset:
            return np.empty(0, np.uint8)
        # GetVectorAsNumpy takes the vector's length from the file and numpy checks it against the file's size.
        return np.asarray(self._table.GetVectorAsNumpy(kind, offset))

    def _places(self, number: int) -> list[int]:
        offset = self._table.Offset(4 + 2 * number)
        if not offset:
            return []
        length, start = self._table.VectorLen(offset), self._table.Vector(offset)
        if start + 4 * length > len(self._table.Bytes):
            raise ValueError("a list is longer than the file")
        return [start + 4 * i for i in range(length)]


@dataclass(frozen=True)
class Node:
    """One operator of the graph: its name in MNN, the tensors it reads and writes, and its parameters."""

    operator: str
    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    main: Fields


@dataclass(frozen=True)
class Net:
    """The graph of a file, in the order in which it runs."""

    nodes: tuple[Node, ...]
    tensors: tuple[str, ...]
    outputs: tuple[str, ...]


def read_net(model: bytes) -> Net:
    """The graph in an .mnn file; raises LoweringError where it is damaged."""
    try:
        data = bytearray(model)
        net = Fields(Table(data, int.from_bytes(data[:4], "little")))
        return Net(tuple(_node(op) for op in net.tables(3)), tuple(net.texts(7)), tuple(net.texts(4)))
    except DAMAGED as error:
        raise LoweringError(f"A model is damaged ({error}); make the .mnn file again.") from None


def _node(op: Fields) -> Node:
    number = op.integer(5)
    return Node(
        operator=OPERATORS.get(number, f"number {number}"),
        name=op.text(3),
        inputs=tuple(op.integers(0)),
        outputs=tuple(op.integers(4)),
        main=op.table(2) or Fields(_EMPTY),
    )


_EMPTY: Final = Table(bytearray(struct.pack("<HHi", 4, 4, 4)), 4)
"""A table without fields: its own list of fields (two lengths), and the way back to it."""
