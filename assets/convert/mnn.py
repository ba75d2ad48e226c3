"""ONNX → .mnn, by MNN's own converter in a process of its own.

The extension module `_tools` is called directly: the `mnnconvert` command and `MNN.tools.mnnconvert` install a package
and contact a telemetry service when they are imported. The process of its own keeps the converter's messages off the
user's screen and lets its memory go when it ends. That it ends well proves nothing about the numbers: each model has
a parity test against its source.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import onnx

from assets.errors import ConversionError
from assets.mnn_file import settled


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
    out.write_bytes(settled(out.read_bytes()))


def to_mnn(model: onnx.ModelProto, *, half: bool = False) -> bytes:
    """The bytes of the .mnn file of `model`; options and errors as `convert_onnx`."""
    with tempfile.TemporaryDirectory(prefix="visavis-") as scratch:
        out = Path(scratch) / "network.mnn"
        convert_onnx(model, out, half=half)
        return out.read_bytes()


if __name__ == "__main__":
    import _tools

    _tools.mnnconvert(["mnnconvert", *sys.argv[1:]])
