"""Graphs written by hand, run by ONNX Runtime, against numpy."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from scipy.special import erf, softmax

from assets.convert.graph import Graph

RNG = np.random.default_rng(0)


def run(graph: Graph, **inputs: np.ndarray) -> list[np.ndarray]:
    return onnxruntime.InferenceSession(graph.model().SerializeToString()).run(None, inputs)


def floats(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape).astype(np.float32)


def test_layer_norm() -> None:
    g, x, gain, bias = Graph("g"), floats(1, 3, 8), floats(8), floats(8)
    g.output(g.layer_norm(g.input("x", [1, 3, 8]), gain, bias), "y", [1, 3, 8])
    expected = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5) * gain + bias
    assert run(g, x=x)[0] == pytest.approx(expected, abs=1e-5)


def test_gelu_is_the_exact_one() -> None:
    g, x = Graph("g"), floats(1, 50)
    g.output(g.gelu(g.input("x", [1, 50])), "y", [1, 50])
    assert run(g, x=x)[0] == pytest.approx(x / 2 * (1 + erf(x / np.sqrt(2))), abs=1e-6)


def test_attention_with_a_mask() -> None:
    g = Graph("g")
    query, keys, values = floats(1, 2, 3, 4), floats(1, 2, 5, 4), floats(1, 2, 5, 4)
    mask = np.where(RNG.random((1, 1, 3, 5)) < 0.4, -1e4, 0).astype(np.float32)
    names = [g.input(name, [1, 2, f"{name}_rows", 4]) for name in ("q", "k", "v")]
    g.output(g.attention(*names, g.input("m", [1, 1, "q_rows", "k_rows"])), "y", [1, 2, "q_rows", 4])
    expected = softmax(query @ keys.swapaxes(2, 3) + mask, axis=-1) @ values
    assert run(g, q=query, k=keys, v=values, m=mask)[0] == pytest.approx(expected, abs=1e-5)
