"""Graphs as ONNX Runtime quantises and fuses them, made plain, against what they compute there; recurrence in MNN."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from assets.convert.dequantise import cut
from assets.convert.mnn import convert_onnx
from assets.convert.plain import plain
from assets.errors import ConversionError
from conversation.engines.net import Net

RNG = np.random.default_rng(0)


def floats(*shape: int) -> np.ndarray:
    return RNG.uniform(-1, 1, shape).astype(np.float32)


def value(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def graph(nodes: list[onnx.NodeProto], source: list[int | str], sink: list[int | str], **weights: np.ndarray):
    tensors = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    made = helper.make_graph(nodes, "g", [value("x", *source)], [value("y", *sink)], tensors)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(made, opset_imports=opsets, ir_version=8)


def quantised(model: onnx.ModelProto, folder: Path, kind: QuantType) -> onnx.ModelProto:
    onnx.save(model, folder / "float.onnx")
    quantize_dynamic(folder / "float.onnx", folder / "int8.onnx", weight_type=kind)
    return onnx.load(folder / "int8.onnx")


def run(model: onnx.ModelProto, x: np.ndarray) -> np.ndarray:
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": x})[0]


def standard(model: onnx.ModelProto, source: list[int | str], sink: list[int | str]) -> onnx.ModelProto:
    """Made plain and cut, so that only standard operators are left."""
    made = cut(plain(model), {"x": value("x", *source)}, {"y": value("plain", *sink)})
    assert not {node.domain for node in made.graph.node} - {""}
    assert not [node for node in made.graph.node if "Integer" in node.op_type or "Quantize" in node.op_type]
    return made


def lstm(direction: str, inputs: int, hidden: int) -> onnx.ModelProto:
    ways = 2 if direction == "bidirectional" else 1
    weights = {
        "W": floats(ways, 4 * hidden, inputs),
        "R": floats(ways, 4 * hidden, hidden),
        "B": floats(ways, 8 * hidden),
    }
    state = np.zeros((ways, 1, hidden), np.float32)
    node = helper.make_node("LSTM", ["x", *weights, "", "h0", "c0"], ["y"], direction=direction, hidden_size=hidden)
    return graph([node], ["L", 1, inputs], ["L", ways, 1, hidden], **weights, h0=state, c0=state)


def test_a_product_is_that_of_the_integers_without_their_rounding(tmp_path: Path) -> None:
    model = graph([helper.make_node("MatMul", ["x", "w"], ["y"])], ["n", 24], ["n", 8], w=floats(24, 8))
    small, x = quantised(model, tmp_path, QuantType.QInt8), floats(5, 24)
    ours = run(standard(small, ["n", 24], ["n", 8]), x)
    assert np.abs(ours - run(small, x)).max() < 0.03
    assert np.abs(ours - run(model, x)).max() < 0.05


def test_a_convolution_keeps_its_bias(tmp_path: Path) -> None:
    node = helper.make_node("Conv", ["x", "w", "b"], ["y"], pads=[1, 1], kernel_shape=[3])
    bias = np.array([5, -7, 0.25, 0], np.float32)
    model = graph([node], [1, 6, "n"], [1, 4, "n"], w=floats(4, 6, 3), b=bias)
    small, x = quantised(model, tmp_path, QuantType.QUInt8), floats(1, 6, 30)
    ours = run(standard(small, [1, 6, "n"], [1, 4, "n"]), x)
    assert np.abs(ours - run(small, x)).max() < 0.05
    assert ours.mean(axis=2)[0] == pytest.approx(run(model, x).mean(axis=2)[0], abs=0.1)


def test_fused_operators_become_those_they_were_made_of() -> None:
    nodes = [
        helper.make_node("FastGelu", ["x", "b"], ["gelu"], domain="com.microsoft"),
        helper.make_node(
            "SkipLayerNormalization", ["gelu", "x", "gain", "shift"], ["y"], domain="com.microsoft", epsilon=1e-3
        ),
    ]
    model = graph(nodes, [1, "n", 8], [1, "n", 8], b=floats(8), gain=floats(8), shift=floats(8))
    x = 3 * floats(1, 4, 8)
    assert np.abs(run(standard(model, [1, "n", 8], [1, "n", 8]), x) - run(model, x)).max() < 2e-3


def test_a_recurrent_layer_in_both_directions_is_the_same_in_mnn(tmp_path: Path) -> None:
    model = lstm("bidirectional", 24, 16)
    small = quantised(model, tmp_path, QuantType.QInt8)
    assert "DynamicQuantizeLSTM" in {node.op_type for node in small.graph.node}
    made = standard(small, ["L", 1, 24], ["L", 2, 1, 16])
    convert_onnx(made, tmp_path / "lstm.mnn", whole_lstm=True)
    net = Net(tmp_path / "lstm.mnn")
    for length in (5, 1, 17, 2):  # other lengths before must leave nothing behind
        x = floats(length, 1, 24)
        assert np.abs(net(x=x)["plain"].ravel() - run(made, x).ravel()).max() < 1e-5
        assert np.abs(run(made, x) - run(small, x)).max() < 0.05


def test_a_graph_of_another_shape_is_refused(tmp_path: Path) -> None:
    model = graph([helper.make_node("MatMul", ["x", "w"], ["y"])], ["n", 24], ["n", 8], w=floats(24, 8))
    small = quantised(model, tmp_path, QuantType.QInt8)
    for node in small.graph.node:
        if node.op_type == "Cast":
            node.op_type = "Identity"
            del node.attribute[:]
    with pytest.raises(ConversionError, match="not as expected"):
        plain(small)
