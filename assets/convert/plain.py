"""ONNX Runtime's own operators → those of the standard, and recurrent layers as MNN reads them.

Models quantised for ONNX Runtime multiply integers and scale the products back (`dequantise` says how). Here each
such group is one MatMul, Conv or LSTM on float32 weights (W - z) s, which is the same without the rounding of x.

An LSTM loses its initial states: MNN crashes over states that are given, takes zeros where none are, and computes
"bidirectional" right but "reverse" wrong; `convert_onnx` must be told to keep it whole (`whole_lstm`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from assets.errors import ConversionError

_ROOT_2_OVER_PI: Final = 0.7978845608


class _Source:
    """A graph and who makes and reads each of its values."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.weights = {tensor.name: tensor for tensor in graph.initializer}
        self.made_by = {name: node for node in graph.node for name in node.output}
        self.read_by = {name: node for node in graph.node for name in node.input}

    def weight(self, name: str) -> NDArray[Any]:
        array: NDArray[Any] = numpy_helper.to_array(self.weights[name])
        return array

    def after(self, node: onnx.NodeProto, kind: str) -> onnx.NodeProto:
        """The node that reads `node`'s result, which must be of this kind."""
        follower = self.read_by[node.output[0]]
        if follower.op_type != kind:
            raise KeyError(kind)
        return follower


class _Rewriting:
    """Nodes that take the place of others, and the weights that they need."""

    def __init__(self, source: _Source) -> None:
        self.source = source
        self.instead: dict[str, list[onnx.NodeProto]] = {}
        """By the first output of the node replaced."""
        self.weights: dict[str, onnx.TensorProto] = {}
        self._used = 0

    def floats(self, name: str, values: NDArray[Any]) -> str:
        name = f"{name}_float"
        if name not in self.weights:
            self.weights[name] = numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name)
        return name

    def chain(self, first: str, steps: list[tuple[str, str | float]], output: str) -> Iterator[onnx.NodeProto]:
        """Nodes `kind(value, operand)` one after the other, the last of which makes `output`; "" is no operand."""
        value = first
        for number, (kind, operand) in enumerate(steps, 1):
            if number == len(steps):
                made = output
            else:
                self._used += 1
                made = f"plain_{self._used}"
            if isinstance(operand, float):
                operand = self.floats(f"constant_{operand}", np.array(operand))
            yield helper.make_node(kind, [value, operand] if operand else [value], [made])
            value = made


def plain(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy with standard operators on float32 weights alone; nodes that nothing needs any more are left to `cut`.

    Raises ConversionError where a quantised group looks other than ONNX Runtime writes it.
    """
    source = _Source(model.graph)
    made = _Rewriting(source)
    try:
        for node in model.graph.node:
            rewrite = _RULES.get(node.op_type)
            if rewrite is not None:
                rewrite(made, node)
    except (KeyError, ValueError, IndexError) as error:
        raise ConversionError("A quantised graph is not as expected: fetch its package again.") from error
    nodes = [new for node in model.graph.node for new in made.instead.get(node.output[0], [node])]
    weights = [*model.graph.initializer, *made.weights.values()]
    graph = helper.make_graph(nodes, model.graph.name, model.graph.input, model.graph.output, weights)
    standard = [opset for opset in model.opset_import if opset.domain == ""]
    return helper.make_model(graph, opset_imports=standard, ir_version=model.ir_version)


def _product(made: _Rewriting, node: onnx.NodeProto) -> None:
    """MatMulInteger or ConvInteger (x, W, zero of x, zero of W) → [Add bias] → Cast → Mul by both scales."""
    source = made.source
    following = source.read_by[node.output[0]]
    bias: list[str] = []
    if following.op_type == "Add":
        bias = [_bias(source, next(name for name in following.input if name != node.output[0]))]
        following = source.after(following, "Cast")
    elif following.op_type != "Cast":
        raise KeyError(following.op_type)
    rescaled = source.after(following, "Mul")
    scales = next(source.made_by[name] for name in rescaled.input if source.made_by[name].op_type == "Mul")
    scale = source.weight(next(name for name in scales.input if name in source.weights)).astype(np.float32)
    weight = source.weight(node.input[1]).astype(np.float32) - source.weight(node.input[3]).astype(np.float32)
    quantised = source.made_by[node.input[0]]
    if quantised.op_type != "DynamicQuantizeLinear":
        raise KeyError(quantised.op_type)
    inputs = [quantised.input[0], made.floats(node.input[1], weight * scale), *bias]
    kind = "MatMul" if node.op_type == "MatMulInteger" else "Conv"
    new = helper.make_node(kind, inputs, list(rescaled.output), name=node.name)
    new.attribute.extend(node.attribute)
    made.instead[rescaled.output[0]] = [new]


def _bias(source: _Source, name: str) -> str:
    """The bias in float32, behind the nodes that bring it to the integers' scale."""
    while (node := source.made_by[name]).op_type != "Div":
        name = node.input[0]
    return str(node.input[0])


def _lstm(made: _Rewriting, node: onnx.NodeProto) -> None:
    weights = [
        made.floats(node.input[at], _directions(made.source, node, at, first).transpose(0, 2, 1))
        for at, first in ((1, 8), (2, 10))
    ]
    new = helper.make_node("LSTM", [node.input[0], *weights, node.input[3]], [node.output[0]], name=node.name)
    new.attribute.extend(one for one in node.attribute if one.name in ("direction", "hidden_size"))
    made.instead[node.output[0]] = [new]


def _directions(source: _Source, node: onnx.NodeProto, weight: int, scale: int) -> NDArray[np.float32]:
    """(directions, in, 4 · hidden) with one scale and zero a direction."""
    scales, zeros = (source.weight(node.input[at]).astype(np.float32)[:, None, None] for at in (scale, scale + 1))
    floats: NDArray[np.float32] = (source.weight(node.input[weight]).astype(np.float32) - zeros) * scales
    return floats


def _gelu(made: _Rewriting, node: onnx.NodeProto) -> None:
    """FastGelu(x, bias): y/2 · (1 + tanh(√(2/π) (y + 0.044715 y³))), y = x + bias."""
    out = node.output[0]
    biased, inner = f"{out}_biased", f"{out}_inner"
    nodes = [helper.make_node("Add", list(node.input), [biased])]
    nodes += made.chain(
        biased, [("Mul", biased), ("Mul", 0.044715), ("Add", 1.0), ("Mul", biased), ("Mul", _ROOT_2_OVER_PI)], inner
    )
    nodes += made.chain(inner, [("Tanh", ""), ("Add", 1.0), ("Mul", biased), ("Mul", 0.5)], out)
    made.instead[out] = nodes


def _skip_norm(made: _Rewriting, node: onnx.NodeProto) -> None:
    """SkipLayerNormalization(x, skip, gain, bias)."""
    total = f"{node.output[0]}_sum"
    epsilon = next(one.f for one in node.attribute if one.name == "epsilon")
    norm = helper.make_node("LayerNormalization", [total, *node.input[2:4]], [node.output[0]], axis=-1, epsilon=epsilon)
    made.instead[node.output[0]] = [helper.make_node("Add", list(node.input[:2]), [total]), norm]


def _looked_up(made: _Rewriting, node: onnx.NodeProto) -> None:
    """DequantizeLinear of rows gathered from a table → rows of the table in float32."""
    gather = made.source.made_by[node.input[0]]
    if gather.op_type != "Gather" or gather.input[0] not in made.source.weights:
        return
    table, scale, zero = (made.source.weight(name).astype(np.float32) for name in (gather.input[0], *node.input[1:]))
    rows = made.floats(gather.input[0], (table - zero) * scale)
    new = helper.make_node("Gather", [rows, gather.input[1]], list(node.output), name=node.name)
    new.attribute.extend(gather.attribute)
    made.instead[node.output[0]] = [new]


_RULES: Final = {
    "MatMulInteger": _product,
    "ConvInteger": _product,
    "DynamicQuantizeLSTM": _lstm,
    "FastGelu": _gelu,
    "SkipLayerNormalization": _skip_norm,
    "DequantizeLinear": _looked_up,
}
