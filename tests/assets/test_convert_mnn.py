"""The way through MNN's converter: a small graph against numpy, and a refusal in one sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from assets.convert.graph import Graph
from assets.convert.mnn import convert_onnx
from assets.errors import ConversionError
from conversation.engines.net import Net


def linear() -> tuple[onnx.ModelProto, np.ndarray]:
    weight = np.random.default_rng(0).standard_normal((16, 32)).astype(np.float32)
    g = Graph("linear")
    g.output(g.linear(g.input("x", [1, "n", 32]), weight), "y", [1, "n", 16])
    return g.model(), weight


@pytest.mark.parametrize(("bits", "half", "error"), [(None, False, 1e-5), (None, True, 1e-2), (8, False, 1e-1)])
def test_storage_of_weights_costs_what_it_should(tmp_path: Path, bits: int | None, half: bool, error: float) -> None:
    model, weight = linear()
    convert_onnx(model, tmp_path / "linear.mnn", weight_bits=bits, half=half)
    x = np.random.default_rng(1).standard_normal((1, 5, 32)).astype(np.float32)
    y = Net(tmp_path / "linear.mnn")(x=x)["y"]
    assert np.abs(y - x @ weight.T).max() < error


def test_a_graph_that_mnn_cannot_read_is_one_sentence(tmp_path: Path) -> None:
    node = helper.make_node("NoSuchOperator", ["x"], ["y"], domain="nobody")
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy")
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("nobody", 1)]
    model = helper.make_model(helper.make_graph([node], "odd", [x], [y]), opset_imports=opsets)
    with pytest.raises(ConversionError, match=r"MNN could not convert odd\.mnn"):
        convert_onnx(model, tmp_path / "odd.mnn")
    assert not (tmp_path / "odd.mnn").exists()
