"""Undoing ONNX Runtime's dynamic int8 quantisation, and cutting a piece out of a graph.

MNN reads no DynamicQuantizeLinear with MatMulInteger. Each such group computes x · (W - z) s up to the rounding of
x; here it becomes one float32 MatMul with the weight (W - z) s, which is the same without that rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from assets.errors import ConversionError


def dequantised(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy with float32 MatMul for every MatMulInteger; nodes that nothing needs any more are left to `cut`.

    Raises ConversionError where a quantised group looks other than ONNX Runtime writes it.
    """
    graph = model.graph
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    made_by = {name: node for node in graph.node for name in node.output}
    read_by = {name: node for node in graph.node for name in node.input}
    products: dict[str, onnx.NodeProto] = {}
    floats: dict[str, onnx.TensorProto] = {}
    try:
        for node in graph.node:
            if node.op_type == "MatMulInteger":
                rescaled = read_by[read_by[node.output[0]].output[0]]
                weight, scale = node.input[1], _weight_scale(made_by, rescaled, weights)
                name = f"{weight}_float"
                floats[name] = numpy_helper.from_array(_floats(weights, node, scale), name)
                source = made_by[node.input[0]].input[0]
                products[rescaled.output[0]] = helper.make_node("MatMul", [source, name], list(rescaled.output))
    except (KeyError, StopIteration) as error:
        raise ConversionError("The voice's quantised graph is not as expected: fetch it again.") from error
    nodes = [products.get(node.output[0], node) for node in graph.node]
    plain = helper.make_graph(nodes, graph.name, graph.input, graph.output, [*graph.initializer, *floats.values()])
    return helper.make_model(plain, opset_imports=model.opset_import, ir_version=model.ir_version)


def cut(
    model: onnx.ModelProto,
    inputs: Mapping[str, onnx.ValueInfoProto],
    outputs: Mapping[str, onnx.ValueInfoProto],
) -> onnx.ModelProto:
    """The part of a graph that computes `outputs` from `inputs`; keys are names in `model`, values say the new ones,
    which must differ for outputs."""
    names = {name: info.name for name, info in inputs.items()}
    made_by = {name: node for node in model.graph.node for name in node.output if name not in inputs}
    needed: list[onnx.NodeProto] = []
    seen: set[str] = set()
    ahead = list(outputs)
    while ahead:
        node = made_by.get(ahead.pop())
        if node is not None and node.output[0] not in seen:
            seen.add(node.output[0])
            needed.append(node)
            ahead += node.input
    order = {node.output[0]: i for i, node in enumerate(model.graph.node)}
    nodes = []
    for node in sorted(needed, key=lambda node: order[node.output[0]]):
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.input[:] = [names.get(name, name) for name in node.input]
        nodes.append(copy)
    used = {name for node in nodes for name in node.input}
    weights = [tensor for tensor in model.graph.initializer if tensor.name in used]
    for name, info in outputs.items():
        # A Reshape to the same shape: MNN drops an Identity, and the output with it where other nodes read it too.
        shape = np.array([0] * (len(info.type.tensor_type.shape.dim) - 1) + [-1], np.int64)
        weights.append(numpy_helper.from_array(shape, f"{info.name}_shape"))
        nodes.append(helper.make_node("Reshape", [name, f"{info.name}_shape"], [info.name]))
    part = helper.make_graph(nodes, model.graph.name, list(inputs.values()), list(outputs.values()), weights)
    made = helper.make_model(part, opset_imports=model.opset_import, ir_version=model.ir_version)
    onnx.checker.check_model(made)
    return made


def _weight_scale(
    made_by: Mapping[str, onnx.NodeProto],
    rescaled: onnx.NodeProto,
    weights: Mapping[str, NDArray[Any]],
) -> NDArray[np.float32]:
    """ONNX Runtime multiplies the integers by (scale of x) · (scale of W): the latter of the two."""
    both = next(made_by[name] for name in rescaled.input if made_by[name].op_type == "Mul")
    return next(weights[name] for name in both.input if name in weights)


def _floats(weights: Mapping[str, NDArray[Any]], product: onnx.NodeProto, scale: NDArray[Any]) -> NDArray[np.float32]:
    _, weight, _, zero = product.input
    return (weights[weight].astype(np.float32) - weights[zero].astype(np.float32)) * scale.astype(np.float32)
