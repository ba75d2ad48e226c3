"""Dynamic int8 quantisation undone: ONNX Runtime quantises a small net, we take it back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from assets.convert.dequantise import cut, dequantised
from assets.convert.graph import Graph

RNG = np.random.default_rng(0)


def run(model: onnx.ModelProto, **inputs: np.ndarray) -> list[np.ndarray]:
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, inputs)


@pytest.fixture
def quantised(tmp_path: Path) -> onnx.ModelProto:
    g = Graph("net")
    hidden = g.op("Relu", g.linear(g.input("x", [1, "n", 32]), RNG.standard_normal((64, 32)), RNG.standard_normal(64)))
    g.output(g.linear(hidden, RNG.standard_normal((8, 64))), "y", [1, "n", 8])
    onnx.save(g.model(), tmp_path / "float.onnx")
    quantize_dynamic(tmp_path / "float.onnx", tmp_path / "int8.onnx", weight_type=QuantType.QInt8)
    return onnx.load(tmp_path / "int8.onnx")


def test_the_weights_are_those_that_int8_stood_for(quantised: onnx.ModelProto) -> None:
    plain = dequantised(quantised)
    x = RNG.standard_normal((1, 20, 32)).astype(np.float32)
    ours, theirs = run(plain, x=x)[0], run(quantised, x=x)[0]
    # What is left is the rounding of activations to 8 bits, which the plain graph is rid of.
    assert np.abs(ours - theirs).max() < 0.02 * np.abs(theirs).max()


def test_a_cut_computes_the_same(quantised: onnx.ModelProto) -> None:
    plain = dequantised(quantised)
    middle = next(node.output[0] for node in plain.graph.node if node.op_type == "Relu")
    front = cut(
        plain,
        {"x": helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, "n", 32])},
        {middle: helper.make_tensor_value_info("hidden", TensorProto.FLOAT, [1, "n", 64])},
    )
    back = cut(
        plain,
        {middle: helper.make_tensor_value_info("hidden", TensorProto.FLOAT, [1, "n", 64])},
        {"y": helper.make_tensor_value_info("result", TensorProto.FLOAT, [1, "n", 8])},
    )
    x = RNG.standard_normal((1, 4, 32)).astype(np.float32)
    assert run(back, hidden=run(front, x=x)[0])[0] == pytest.approx(run(plain, x=x)[0], abs=1e-5)
    assert {node.op_type for node in quantised.graph.node} >= {"DynamicQuantizeLinear", "MatMulInteger"}
    assert {node.op_type for node in [*front.graph.node, *back.graph.node]} == {
        "MatMul",
        "Add",
        "Relu",
        "Reshape",
        "Identity",
    }
