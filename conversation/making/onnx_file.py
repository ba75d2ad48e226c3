"""An .onnx file → an .mnn file, and how far its numbers are from ONNX Runtime's."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from assets.errors import ConversionError
from assets.progress import Progress

EXTRA: Final = "pip install 'visavis[making]'"
WORST: Final = {4: 0.5, 8: 0.1, 16: 0.02, 32: 0.002}
"""By bits of a weight: of an output's root mean square, so much error still looks like rounding."""


def make_onnx(
    source: Path, out: Path, *, bits: int, block: int, shapes: Mapping[str, Sequence[int]], progress: Progress
) -> dict[str, Any]:
    """Write `out` and return the report: per output `rms_error` (of its root mean square), `largest`, `cosine`.

    `bits` of a weight: 32 (float32), 16 (float16), 8 or 4 (integers, one scale every `block` weights; 0: every row).
    `shapes`: of inputs whose size is open, by name. Both sides get the same random numbers. Raises ConversionError
    where a package is missing, MNN refuses the graph, dies of it, or its numbers are not those of the source; then
    there is no `out`.
    """
    block = block if bits <= 8 else 0
    missing = [name for name in ("onnx", "onnxruntime") if find_spec(name) is None]
    if missing:
        raise ConversionError(f"Converting .onnx needs {' and '.join(missing)}: {EXTRA}.")
    if out.exists():
        raise ConversionError(f"{out} exists already: remove it, or give another --out.")
    import onnx

    from assets.convert.mnn import convert_onnx

    try:
        model = onnx.load(source)
        onnx.checker.check_model(model)
    except Exception as error:  # protobuf, onnx and the file system each raise their own
        raise ConversionError(f"{source} is no sound ONNX model ({error}).") from None
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".visavis-", dir=out.parent) as scratch:
        draft = Path(scratch) / out.name
        with progress.step(f"Converting {source.name}"):
            lstm = any(node.op_type == "LSTM" for node in model.graph.node)
            weight_bits = bits if bits <= 8 else None
            convert_onnx(model, draft, weight_bits=weight_bits, block=block, half=bits == 16, whole_lstm=lstm)
        with progress.step("Comparing with ONNX Runtime"):
            outputs = _compared(source, draft, shapes)
        wrong = [name for name, figures in outputs.items() if not figures["rms_error"] <= WORST[bits]]
        if wrong:
            off = outputs[wrong[0]]["rms_error"]
            raise ConversionError(
                f"MNN computes something else than the source: {wrong[0]} is off by {off:.0%} of its size; "
                "try more --bits, or report this model."
            )
        draft.replace(out)
    return {"file": str(out), "bits": bits, "block": block, "bytes": out.stat().st_size, "outputs": outputs}


def _compared(source: Path, made: Path, shapes: Mapping[str, Sequence[int]]) -> dict[str, dict[str, float]]:
    # In a process of its own: a graph that MNN gets wrong may end the process that runs it.
    orders = json.dumps({"source": str(source), "made": str(made), "shapes": {k: list(v) for k, v in shapes.items()}})
    run = [sys.executable, "-m", "conversation.making.onnx_parity", orders]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise ConversionError(f"The converted model could not be compared with its source ({said}): try --shape.")
    result: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return result
