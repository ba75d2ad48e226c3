"""Small networks with every operator that can be lowered, and what ONNX Runtime makes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from assets.convert.graph import Graph
from assets.convert.mnn import convert_onnx

F32 = NDArray[np.float32]
WIDTH = 12
"""Of every network's input x."""

_UNARY = (
    "Abs Neg Floor Ceil Sqrt Exp Log Sin Cos Tan Asin Acos Atan Reciprocal Sinh Cosh Sign Round Erf Sigmoid Tanh "
    "HardSwish HardSigmoid Softplus Softsign Relu LeakyRelu Elu Selu Identity ThresholdedRelu"
)


def floats(*shape: int, seed: int = 0) -> F32:
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


class Joined(Graph):
    """A graph whose outputs are flattened and joined to one, y, since a shader binds only so many buffers; `names` has
    the name of each of its columns."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.names: list[str] = []
        self._parts: list[str] = []

    def output(self, value: str, name: str, shape: Sequence[int | str]) -> None:
        self.names += [name] * int(np.prod(shape[1:], dtype=int))
        self._parts.append(self.reshape(value, [-1, int(np.prod(shape[1:], dtype=int))]))

    def model(self) -> onnx.ModelProto:
        super().output(self.op("Concat", *self._parts, axis=1), "y", ["n", len(self.names)])
        self._parts = []
        return super().model()


def model_of(graph: Graph, path: Path, *, half: bool = False) -> tuple[bytes, onnx.ModelProto]:
    """The graph as .mnn and as ONNX."""
    model = graph.model()
    convert_onnx(model, path / "model.mnn", half=half)
    return (path / "model.mnn").read_bytes(), model


def reference(model: onnx.ModelProto, **inputs: F32) -> dict[str, F32]:
    """What ONNX Runtime computes."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return dict(zip([o.name for o in session.get_outputs()], session.run(None, inputs), strict=True))


def mlp(inputs: int, hidden: int, layers: int, outputs: int, act: str = "Relu", seed: int = 0) -> Graph:
    """`layers` hidden layers of one width."""
    g = Graph("mlp")
    value, width = g.input("x", ["n", inputs]), inputs
    for layer in range(layers):
        weight = floats(hidden, width, seed=seed + layer) * np.float32(2 / width**0.5)
        value, width = g.op(act, g.linear(value, weight, floats(hidden, seed=seed + 50 + layer))), hidden
    weight = floats(outputs, width, seed=seed + 99) * np.float32(2 / width**0.5)
    g.output(g.linear(value, weight, floats(outputs, seed=seed + 98)), "y", ["n", outputs])
    return g


def _unary() -> Graph:
    g = Joined("unary")
    x = g.input("x", ["n", WIDTH])
    positive = g.op("Add", g.op("Mul", x, g.constant(np.array(0.45))), g.constant(np.array(0.5)))
    for kind in _UNARY.split():
        source = positive if kind in ("Log", "Sqrt", "Asin", "Acos", "Reciprocal") else x
        g.output(g.op(kind, source), kind.lower(), ["n", WIDTH])
    g.output(g.op("Mul", x, g.op("Sigmoid", x)), "silu", ["n", WIDTH])
    g.output(g.op("Pow", positive, g.constant(np.array(1.7))), "power", ["n", WIDTH])
    g.output(g.op("Mul", x, x), "square", ["n", WIDTH])
    g.output(g.gelu(x), "gelu", ["n", WIDTH])
    return g


def _pairs() -> Graph:
    g = Joined("pairs")
    x = g.input("x", ["n", WIDTH])
    row, one = g.constant(floats(WIDTH) + 2), g.constant(np.array(0.3))
    turned = g.op("Sin", x)
    for kind in ("Add", "Sub", "Mul", "Div", "Max", "Min"):
        g.output(g.op(kind, x, row), f"{kind.lower()}_row", ["n", WIDTH])
        g.output(g.op(kind, one, x), f"{kind.lower()}_one", ["n", WIDTH])
        if kind != "Div":
            g.output(g.op(kind, x, turned), f"{kind.lower()}_two", ["n", WIDTH])
    g.output(g.op("PRelu", x, g.constant(floats(WIDTH))), "prelu", ["n", WIDTH])
    g.output(g.op("Clip", x, g.constant(np.array(-0.5)), g.constant(np.array(0.25))), "clip", ["n", WIDTH])
    g.output(g.op("Where", g.op("Greater", x, one), turned, x), "where", ["n", WIDTH])
    g.output(g.op("Relu", g.op("Add", x, turned)), "added_relu", ["n", WIDTH])
    return g


def _moves() -> Graph:
    g = Joined("moves")
    x = g.input("x", ["n", WIDTH])
    ints = lambda *values: g.constant(np.array(values))  # noqa: E731
    g.output(g.op("Gather", x, ints(3, 1, 1, 11), axis=1), "gather", ["n", 4])
    g.output(g.op("Gather", x, ints(-1, 1, 0), axis=1), "gather_back", ["n", 3])
    g.output(g.op("Gather", x, g.constant(np.array(3)), axis=1), "gather_one", ["n"])
    g.output(g.op("Slice", x, ints(1), ints(-2), ints(1), ints(3)), "slice", ["n", 3])
    a, b, c = g.split(x, 3, 1)
    g.output(g.op("Concat", c, g.op("Cos", a), b, axis=1), "concat", ["n", 12])
    cube = g.reshape(x, [0, 3, 4])
    turned = g.op("Transpose", cube, perm=[0, 2, 1])
    g.output(turned, "transpose", ["n", 4, 3])
    g.output(g.op("Flatten", turned, axis=1), "flatten", ["n", 12])
    g.output(g.op("Squeeze", g.op("Sin", g.op("Unsqueeze", x, ints(1))), ints(1)), "squeeze", ["n", 12])
    g.output(g.op("Tile", x, ints(1, 2)), "tile", ["n", 24])
    g.output(g.op("Pad", x, ints(0, 1, 0, 2)), "pad", ["n", 15])
    g.output(g.op("Mul", cube, g.op("Slice", cube, ints(0), ints(1), ints(2))), "broadcast", ["n", 3, 4])
    return g


def _layers() -> Graph:
    g = Joined("layers")
    x = g.input("x", ["n", WIDTH])
    g.output(g.linear(x, floats(5, WIDTH)), "matmul", ["n", 5])
    gemm = g.op("Gemm", x, g.constant(floats(7, WIDTH)), g.constant(floats(7)), transB=1)
    g.output(gemm, "gemm", ["n", 7])
    g.output(g.op("Clip", g.linear(x, floats(6, WIDTH) * 9, floats(6)), g.constant(np.array(0.0)),
                  g.constant(np.array(6.0))), "relu6", ["n", 6])  # fmt: skip
    g.output(
        g.op("Flatten", g.op("MatMul", g.reshape(x, [0, 3, 4]), g.constant(floats(4, 5))), axis=1), "side", ["n", 15]
    )
    picture = g.reshape(x, [0, WIDTH, 1, 1])
    conv = g.op("Relu", g.op("Conv", picture, g.constant(floats(9, WIDTH, 1, 1)), g.constant(floats(9))))
    g.output(g.op("Flatten", conv, axis=1), "conv", ["n", 9])
    spots = g.reshape(x, [0, 4, 3, 1])
    g.output(g.op("Conv", spots, g.constant(floats(6, 4, 1, 1))), "conv_spots", ["n", 6, 3, 1])
    g.output(
        g.op("Flatten", g.op("Conv", picture, g.constant(floats(6, 4, 1, 1)), group=3), axis=1), "groups", ["n", 6]
    )
    depth = g.op("Conv", picture, g.constant(floats(WIDTH, 1, 1, 1)), g.constant(floats(WIDTH)), group=WIDTH)
    g.output(g.op("Flatten", depth, axis=1), "depthwise", ["n", WIDTH])
    norm = g.op("BatchNormalization", picture, *(g.constant(floats(WIDTH) * 0.4 + 1) for _ in range(4)))
    g.output(g.op("Flatten", norm, axis=1), "batchnorm", ["n", WIDTH])
    g.output(g.layer_norm(x, floats(WIDTH), floats(WIDTH)), "layernorm", ["n", WIDTH])
    g.output(g.op("ReduceSum", x, g.constant(np.array([1])), keepdims=1), "sum", ["n", 1])
    g.output(g.op("ReduceMean", x, axes=[1], keepdims=1), "mean", ["n", 1])
    return g


def _deep() -> Graph:
    g = Graph("deep")
    x = g.input("x", ["n", WIDTH])
    first = g.op("Sin", g.linear(x, floats(17, WIDTH), floats(17)))
    skip = g.op("Concat", first, x, axis=1)
    second = g.op("Elu", g.linear(skip, floats(30, 29), floats(30)))
    gate = g.op("Sigmoid", g.linear(second, floats(30, 30), floats(30)))
    g.output(g.linear(g.op("Mul", second, gate), floats(7, 30), floats(7)), "y", ["n", 7])
    return g


def columns(graph: Graph) -> list[str]:
    """What each column of the only output is."""
    return graph.names if isinstance(graph, Joined) else ["y"] * 7


GRAPHS: dict[str, Callable[[], Graph]] = {
    "unary": _unary, "pairs": _pairs, "moves": _moves, "layers": _layers, "deep": _deep,
}  # fmt: skip
