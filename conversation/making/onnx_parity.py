"""The same random inputs through ONNX Runtime and MNN: a program of its own, the figures as JSON on its last line."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from conversation.engines.net import Net

OPEN_SIZE: Final = 16
"""Of an axis that the graph leaves open; one called batch has 1."""


def compare(source: Path, made: Path, shapes: Mapping[str, Sequence[int]]) -> dict[str, dict[str, float]]:
    """Figures by output, see onnx_file.make_onnx."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    inputs = {node.name: _numbers(node, shapes.get(node.name), random) for node in session.get_inputs()}
    names = [node.name for node in session.get_outputs()]
    wanted = dict(zip(names, session.run(names, inputs), strict=True))
    got = Net(made)(**{name: _as_mnn(value) for name, value in inputs.items()})
    return {name: _figures(np.asarray(wanted[name]), got[name]) for name in names}


def _numbers(node: Any, shape: Sequence[int] | None, random: np.random.Generator) -> NDArray[Any]:
    if shape is None:
        shape = [size if isinstance(size, int) else 1 if "batch" in str(size) else OPEN_SIZE for size in node.shape]
    match node.type:
        case "tensor(float)" | "tensor(float16)" | "tensor(double)":
            kind = {"float": np.float32, "float16": np.float16, "double": np.float64}[node.type[7:-1]]
            return random.standard_normal(shape).astype(kind)
        case "tensor(int64)" | "tensor(int32)":
            # Small enough to number a token, a speaker or a position of any model.
            return random.integers(0, 2, shape).astype(node.type[7:-1])
        case "tensor(bool)":
            return np.ones(shape, bool)
    raise ValueError(f"the input {node.name} is a {node.type}, which cannot be made up")


def _as_mnn(value: NDArray[Any]) -> NDArray[Any]:
    return value.astype(np.float32 if value.dtype.kind == "f" else np.int32)


def _figures(wanted: NDArray[Any], got: NDArray[Any]) -> dict[str, float]:
    if wanted.shape != got.shape:
        raise ValueError(f"an output is {wanted.shape} in the source and {got.shape} in MNN")
    a, b = wanted.astype(np.float64).ravel(), got.astype(np.float64).ravel()
    size, error = float(np.sqrt((a**2).mean())), float(np.sqrt(((a - b) ** 2).mean()))
    cosine = float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-30))
    return {
        "rms_error": error / size if size else (0.0 if error == 0 else 1.0),
        "largest": float(np.abs(a - b).max(initial=0)),
        "cosine": cosine,
    }


if __name__ == "__main__":
    orders = json.loads(sys.argv[1])
    try:
        figures = compare(Path(orders["source"]), Path(orders["made"]), orders["shapes"])
    except Exception as error:
        sys.exit(" ".join(f"{type(error).__name__}: {error}".split()))
    print("\n" + json.dumps(figures))
