"""Writing an ONNX graph by hand: the few operators that transformers need, weights given as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET: Final = 17
"""The first opset with LayerNormalization, and what MNN 3.6.1 reads well."""

Shape = Sequence[int | str]
_KINDS: Final = {False: TensorProto.FLOAT, True: TensorProto.INT64}


class Graph:
    """A graph under construction; values are called by name, every method returns the name of what it adds."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, shape: Shape, *, integer: bool = False) -> str:
        """A float32 (or int64) input; a string in `shape` names a dimension that may change."""
        self._inputs.append(helper.make_tensor_value_info(name, _KINDS[integer], shape))
        return name

    def output(self, value: str, name: str, shape: Shape, *, integer: bool = False) -> None:
        """Let `value` leave the graph as `name`."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, _KINDS[integer], shape))

    def constant(self, array: NDArray[Any]) -> str:
        """A weight: floating types become float32, integers int64."""
        dtype = np.float32 if np.issubdtype(array.dtype, np.floating) else np.int64
        name = f"w{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(array, dtype), name))
        return name

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Any operator with one output."""
        name = f"v{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], name=f"{kind}_{name}", **attributes))
        return name

    def split(self, value: str, parts: int, axis: int) -> list[str]:
        """`value` cut into equal parts."""
        names = [f"v{len(self._nodes)}_{part}" for part in range(parts)]
        self._nodes.append(helper.make_node("Split", [value], names, name=f"Split_v{len(self._nodes)}", axis=axis))
        return names

    def reshape(self, value: str, shape: Sequence[int]) -> str:
        """As ONNX: 0 keeps a dimension, one -1 takes what is left."""
        return self.op("Reshape", value, self.constant(np.array(shape, np.int64)))

    def linear(self, value: str, weight: NDArray[Any], bias: NDArray[Any] | None = None) -> str:
        """`value @ weight.T + bias` with `weight` (out, in)."""
        product = self.op("MatMul", value, self.constant(weight.T))
        return product if bias is None else self.op("Add", product, self.constant(bias))

    def layer_norm(self, value: str, gain: NDArray[Any], bias: NDArray[Any]) -> str:
        """Over the last axis, epsilon 1e-5."""
        return self.op("LayerNormalization", value, self.constant(gain), self.constant(bias), axis=-1, epsilon=1e-5)

    def gelu(self, value: str) -> str:
        """The exact one: x/2 · (1 + erf(x/√2))."""
        erf = self.op("Erf", self.op("Div", value, self.constant(np.array(np.sqrt(2.0)))))
        gate = self.op("Add", erf, self.constant(np.array(1.0)))
        return self.op("Mul", self.op("Mul", value, gate), self.constant(np.array(0.5)))

    def attention(self, query: str, keys: str, values: str, mask: str | None = None) -> str:
        """softmax(query · keysᵀ + mask) · values; (…, rows, width) each, the query already scaled."""
        axes = [0, 1, 3, 2]
        scores = self.op("MatMul", query, self.op("Transpose", keys, perm=axes))
        if mask is not None:
            scores = self.op("Add", scores, mask)
        return self.op("MatMul", self.op("Softmax", scores, axis=-1), values)

    def model(self) -> onnx.ModelProto:
        """The finished model, checked."""
        graph = helper.make_graph(self._nodes, self._name, self._inputs, self._outputs, self._weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        onnx.checker.check_model(model)
        return model
