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


def convert_onnx(model: onnx.ModelProto, out: Path, *, weight_bits: int | None = None, half: bool = False) -> None:
    """Write `model` as the .mnn file `out`.

    `weight_bits=8` stores weights as int8 with one scale and zero point a row, `half` as float16; neither: float32.
    Raises ConversionError where MNN refuses the graph.
    """
    options = ["--weightQuantBits", str(weight_bits)] if weight_bits else []
    options += ["--fp16"] if half else []
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


if __name__ == "__main__":
    import _tools

    _tools.mnnconvert(["mnnconvert", *sys.argv[1:]])
