"""Reading CTranslate2's file format: a file written by hand after its specification, and damaged ones."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from assets.convert.ctranslate2 import read_weights
from assets.errors import ConversionError


def text(value: str) -> bytes:
    return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"


def variable(name: str, array: np.ndarray, kind: int) -> bytes:
    shape = struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)
    return text(name) + shape + struct.pack("<BI", kind, array.nbytes) + array.tobytes()


HALF = np.arange(6, dtype=np.float16).reshape(2, 3)
FILE = (
    struct.pack("<I", 6)
    + text("WhisperSpec")
    + struct.pack("<II", 3, 2)
    + variable("encoder/weight", HALF, 4)
    + variable("encoder/num_heads", np.array(8, np.int16), 2)
    + struct.pack("<I", 1)
    + text("decoder/weight")
    + text("encoder/weight")
)


def test_variables_and_aliases() -> None:
    weights = read_weights(FILE, "WhisperSpec")
    assert weights["encoder/weight"].dtype == np.float16
    assert weights["encoder/weight"].tolist() == HALF.tolist()
    assert weights["decoder/weight"] is weights["encoder/weight"]
    assert int(weights["encoder/num_heads"]) == 8


@pytest.mark.parametrize("length", [0, 3, 10, 30, 60, len(FILE) - 1])
def test_a_file_cut_short_is_damaged(length: int) -> None:
    with pytest.raises(ConversionError, match="damaged"):
        read_weights(FILE[:length], "WhisperSpec")


def test_another_model_is_named() -> None:
    with pytest.raises(ConversionError, match="WhisperSpec version 6, not TransformerSpec"):
        read_weights(FILE, "TransformerSpec")


def test_an_unknown_type_is_damaged() -> None:
    with pytest.raises(ConversionError, match="damaged"):
        read_weights(FILE.replace(struct.pack("<BI", 4, 12), struct.pack("<BI", 9, 12)), "WhisperSpec")
