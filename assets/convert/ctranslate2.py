"""Reading the weights of a CTranslate2 model file (`model.bin`, binary version 6)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.errors import ConversionError

VERSION: Final = 6
_DTYPES: Final = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}

Weights = Mapping[str, NDArray[Any]]


def read_weights(data: bytes, expected: str) -> Weights:
    """Every variable of the model by name, aliases included, without a copy of `data`.

    `expected` is the specification's name, "WhisperSpec" say; ConversionError where the file is another or damaged.
    """
    reader = _Reader(data)
    try:
        version, name, _revision = reader.number("I"), reader.text(), reader.number("I")
        if version != VERSION or name != expected:
            raise ConversionError(
                f"This is CTranslate2 {name} version {version}, not {expected} {VERSION}: fetch it again."
            )
        weights = dict(reader.variable() for _ in range(reader.number("I")))
        for _ in range(reader.number("I")):
            alias, target = reader.text(), reader.text()
            weights[alias] = weights[target]
    except (struct.error, KeyError, ValueError, UnicodeDecodeError) as error:
        raise ConversionError("The CTranslate2 model file is damaged: fetch it again.") from error
    return weights


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def number(self, kind: str) -> int:
        (value,) = struct.unpack_from("<" + kind, self._data, self._at)
        self._at += struct.calcsize("<" + kind)
        return int(value)

    def text(self) -> str:
        length = self.number("H")  # counts a closing zero byte
        self._at += length
        if self._at > len(self._data):
            raise ValueError("a name beyond the end")
        return self._data[self._at - length : self._at - 1].decode()

    def variable(self) -> tuple[str, NDArray[Any]]:
        name = self.text()
        shape = [self.number("I") for _ in range(self.number("B"))]
        dtype = np.dtype(_DTYPES[self.number("B")])
        size = self.number("I")
        array = np.frombuffer(self._data, dtype, size // dtype.itemsize, self._at).reshape(shape)
        self._at += size
        return name, array
