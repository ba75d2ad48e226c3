"""Weights, constants and tables of a lowered network, as the GPU's buffers hold them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assets.lower import Linear, Program


def padded(count: int) -> int:
    """Up to the next multiple of four."""
    return -(-count // 4) * 4


class Packed:
    """Where every layer finds its numbers.

    `weights`: for layer after layer and input after input, the weights of all outputs in blocks of four, so that
    neighbouring invocations read neighbouring blocks; float32, or float16 if `half`. `constants`: float32, the
    program's own and then every layer's bias, each padded to four. `tables`: int32, numbers of scalars that lie in no
    order; they are added while the shaders are written.
    """

    def __init__(self, program: Program, half: bool) -> None:
        self.half = half
        blocks: list[NDArray[np.float32]] = []
        biases = [np.pad(program.constants, (0, padded(len(program.constants)) - len(program.constants)))]
        self.weight_block: dict[int, int] = {}
        """By operation: the first block of four weights."""
        self.bias_at: dict[int, int] = {}
        """By operation: the first number of its bias in `constants`."""
        block, at = 0, len(biases[0])
        for i, op in enumerate(program.operations):
            if isinstance(op, Linear):
                outputs, inputs = op.weight.shape
                self.weight_block[i], self.bias_at[i] = block, at
                blocks.append(np.pad(op.weight.T, ((0, 0), (0, padded(outputs) - outputs))).ravel())
                biases.append(np.pad(op.bias, (0, padded(outputs) - outputs)))
                block += inputs * padded(outputs) // 4
                at += padded(outputs)
        self.blocks, self._at = block, at
        dtype = np.float16 if half else np.float32
        flat = np.concatenate(blocks) if blocks else np.zeros(4, np.float32)
        self.weights = flat.astype(dtype).tobytes()
        self.constants = np.concatenate([*biases, np.zeros(4, np.float32)]).astype(np.float32).tobytes()
        self._tables: list[NDArray[np.int32]] = []
        self._table_at = 0

    def table(self, numbers: NDArray[np.int32]) -> int:
        """Put a table away; returns where it begins."""
        self._tables.append(np.ascontiguousarray(numbers, np.int32))
        self._table_at += len(numbers)
        return self._table_at - len(numbers)

    @property
    def tables(self) -> bytes:
        return np.concatenate([*self._tables, np.zeros(1, np.int32)]).tobytes()
