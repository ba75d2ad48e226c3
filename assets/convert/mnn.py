"""ONNX → .mnn, by MNN's own converter in a process of its own.

The extension module `_tools` is called directly: the `mnnconvert` command and `MNN.tools.mnnconvert` install a package
and contact a telemetry service when they are imported. The process of its own keeps the converter's messages off the
user's screen and lets its memory go when it ends. That it ends well proves nothing about the numbers: each model has
a parity test against its source.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import onnx

from assets.errors import ConversionError


def convert_onnx(
    model: onnx.ModelProto,
    out: Path,
    *,
    weight_bits: int | None = None,
    block: int = 0,
    half: bool = False,
    whole_lstm: bool = False,
) -> None:
    """Write `model` as the .mnn file `out`.

    `weight_bits` 2 to 8 stores weights as integers, with a scale and zero point for every row or, where `block` is
    given, for so many weights of it; `half` stores them as float16; neither: float32.
    `whole_lstm` keeps an LSTM one operator: unrolled, as MNN does by itself, a bidirectional one is wrong or crashes.
    Raises ConversionError where MNN refuses the graph.
    """
    options = ["--weightQuantBits", str(weight_bits)] if weight_bits else []
    options += ["--weightQuantBlock", str(block)] if weight_bits and block else []
    options += ["--fp16"] if half else []
    options += ["--useOriginRNNImpl"] if whole_lstm else []
    with tempfile.TemporaryDirectory(prefix=".onnx-", dir=out.parent) as scratch:
        source = Path(scratch) / "model.onnx"
        onnx.save(model, source)
        arguments = ["-f", "ONNX", "--modelFile", str(source), "--MNNModel", str(out), "--bizCode", "visavis", *options]
        done = subprocess.run(
            [sys.executable, "-m", "assets.convert.mnn", *arguments], capture_output=True, text=True, check=False
        )
    if done.returncode or "Converted Success" not in done.stdout or not out.is_file():
        said = " ".join((done.stdout + done.stderr).split())[-300:]
        raise ConversionError(f"MNN could not convert {out.name}: please report this (the converter said: {said}).")
    out.write_bytes(_settled(out.read_bytes()))


def to_mnn(model: onnx.ModelProto, *, half: bool = False) -> bytes:
    """The bytes of the .mnn file of `model`; options and errors as `convert_onnx`."""
    with tempfile.TemporaryDirectory(prefix="visavis-") as scratch:
        out = Path(scratch) / "network.mnn"
        convert_onnx(model, out, half=half)
        return out.read_bytes()


def _settled(model: bytes) -> bytes:
    """The file with its random UUID made of its other bytes, so that the same network gives the same file."""
    found = re.search(rb"\x24\0\0\0([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\0", model)
    if found is None:
        return model
    start, stop = found.span(1)
    rest = hashlib.sha256(model[:start] + model[stop:]).digest()
    return model[:start] + str(uuid.UUID(bytes=rest[:16])).encode() + model[stop:]


if __name__ == "__main__":
    import _tools

    _tools.mnnconvert(["mnnconvert", *sys.argv[1:]])
