"""What MNN's operators do, as moves of scalars, linear layers and functions: one rule an operator."""

from __future__ import annotations

from typing import Final

import numpy as np

from assets.lower.flat import Fields, Node
from assets.lower.moves import MOVES
from assets.lower.program import BINARY
from assets.lower.trace import RefusalError, Rule, Tensor, Trace

_UNARY: Final = (
    "abs neg floor ceil square sqrt rsqrt exp log sin cos tan asin acos atan reciprocal log1p - acosh sinh asinh atanh "
    "sign round cosh erf - - expm1 sigmoid tanh hardswish gelu_tanh gelu silu"
)
"""In the order of MNN's UnaryOpOperation; its GELU is the one by tanh, its GELU_STANDARD the one by erf."""
_BINARY: Final = (
    "add sub mul div max min pow div min max greater greater_equal less floordiv squared_difference equal less_equal "
    "mod - remainder atan2 - not_equal"
)
"""In the order of MNN's BinaryOpOperation."""
_FOLDED: Final = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "min": np.minimum, "max": np.maximum,
    "floordiv": np.floor_divide, "mod": np.mod, "remainder": np.fmod, "equal": np.equal, "greater": np.greater,
    "less": np.less, "not_equal": np.not_equal,
}  # fmt: skip
_HALF: Final = 3
"""How IDSTQuan.type calls weights stored as float16."""
_RELU_AFTER: Final = 1
_FLOATS: Final = 1
_INTEGERS: Final = 3
"""DT_FLOAT and DT_INT32."""


def _const(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    blob = node.main
    kind = blob.integer(2, 1)
    if kind == _FLOATS:
        return [Tensor(blob.reals(7).reshape(blob.integers(0)))]
    if kind == _INTEGERS:
        return [Tensor(np.array(blob.integers(5), np.int64).reshape(blob.integers(0)))]
    raise RefusalError(f"constants of type {kind}")


def _unary(function: str) -> Rule:
    return lambda node, inputs, trace: [trace.map(function, inputs[0])]


def _unary_op(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    number = node.main.integer(0)
    function = dict(enumerate(_UNARY.split())).get(number, "-")
    if function == "-":
        raise RefusalError(f"its function number {number}")
    return [trace.map(function, inputs[0])]


def _binary_op(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    number = node.main.integer(0)
    function = dict(enumerate(_BINARY.split())).get(number, "-")
    a, b = inputs
    if not a.live and not b.live and function in _FOLDED:
        return [Tensor(_FOLDED[function](a.array, b.array))]
    if function not in BINARY:
        raise RefusalError(f"its function number {number}")
    result = trace.map(function, a, b)
    return [trace.map("relu", result) if node.main.integer(2) == _RELU_AFTER else result]


def _eltwise(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    functions = ("mul", "add", "max", "sub")
    if node.main.reals(1).size or not 0 <= node.main.byte(0) < len(functions):
        raise RefusalError("coefficients")
    result = inputs[0]
    for other in inputs[1:]:
        result = trace.map(functions[node.main.byte(0)], result, other)
    return [result]


def _select(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    return [trace.map("select", *inputs)]


def _relu(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    slope = node.main.real(0)
    return [trace.map("leaky", inputs[0], parameters=(slope,)) if slope else trace.map("relu", inputs[0])]


def _clip(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    return [trace.map("clip", inputs[0], parameters=(node.main.real(0), node.main.real(1, 6.0)))]


def _elu(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    return [trace.map("elu", inputs[0], parameters=(node.main.real(0),))]


def _selu(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    return [trace.map("selu", inputs[0], parameters=(node.main.real(0), node.main.real(1)))]


def _channels(tensor: Tensor, values: np.ndarray) -> Tensor:
    """Known values, one a channel (axis 1), or one for all."""
    if len(values) == 1:
        return Tensor(values)
    if tensor.array.ndim < 2 or tensor.array.shape[1] != len(values) or tensor.axis == 1:
        raise RefusalError("channels that are not on the second axis")
    return Tensor(values.reshape(-1, *[1] * (tensor.array.ndim - 2)))


def _prelu(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    return [trace.map("prelu", inputs[0], _channels(inputs[0], node.main.reals(1)))]


def _scaled(trace: Trace, tensor: Tensor, scale: np.ndarray, bias: np.ndarray) -> Tensor:
    result = trace.map("mul", tensor, _channels(tensor, scale))
    return trace.map("add", result, _channels(tensor, bias)) if bias.any() else result


def _scale(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    return [_scaled(trace, inputs[0], node.main.reals(1), node.main.reals(2))]


def _weights(holder: Fields, weight: int, quantised: int, shape: tuple[int, int]) -> np.ndarray:
    packed = holder.table(quantised)
    if packed is None:
        values = holder.reals(weight)
    elif packed.integer(2) == _HALF:
        values = np.frombuffer(packed.raw(0), np.float16).astype(np.float32)
    else:
        raise RefusalError("weights quantised to fewer than 16 bits")
    if values.size != shape[0] * shape[1]:
        raise RefusalError("weights that are not in the file, or of another size")
    return values.reshape(shape)


def _convolution(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    common = node.main.table(0)
    if common is None or len(inputs) != 1 or not inputs[0].live:
        raise RefusalError("weights that are computed")
    if (common.integer(2, 1), common.integer(3, 1)) != (1, 1):
        raise RefusalError(f"a {common.integer(2, 1)}×{common.integer(3, 1)} kernel")
    if (common.integer(4, 1), common.integer(5, 1)) != (1, 1):
        raise RefusalError("strides")
    if any([common.integer(0), common.integer(1), *common.integers(14), *common.integers(15)]):
        raise RefusalError("padding")
    data, outputs, group = inputs[0], common.integer(10), common.integer(9, 1)
    if data.array.ndim < 2 or data.axis == 1:
        raise RefusalError("channels that are not on the second axis")
    channels, bias = data.array.shape[1], node.main.reals(2)
    if group == 1 and node.operator == "Convolution":
        weight = _weights(node.main, 1, 3, (outputs, channels))
        axis = None if data.axis is None else data.axis - (data.axis > 1)
        rows = trace.linear(Tensor(np.moveaxis(data.array, 1, -1), True, axis), weight, bias)
        result = Tensor(np.moveaxis(rows.array, -1, 1), True, data.axis)
    elif group in (channels, 1) and outputs == channels and node.operator == "ConvolutionDepthwise":
        result = _scaled(trace, data, _weights(node.main, 1, 3, (channels, 1))[:, 0], bias)
    else:
        raise RefusalError(f"{group} groups")
    if common.byte(12):
        result = trace.map("relu", result)
    if common.byte(13):
        result = trace.map("clip", result, parameters=(0.0, 6.0))
    return [result]


def _inner_product(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    data, axis = inputs[0], node.main.integer(5)
    if node.main.byte(6) or data.axis not in (None, 0) or axis != 1:
        raise RefusalError("a layout of its own")
    flat = Tensor(data.array.reshape(data.array.shape[0], -1), True, data.axis)
    weight = _weights(node.main, 3, 7, (node.main.integer(0), flat.array.shape[1]))
    return [trace.linear(flat, weight, node.main.reals(4))]


def _matmul(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    left, right = inputs[:2]
    first = 1 if node.operator == "MatMul" else 0
    turned_left, turned_right = node.main.byte(first), node.main.byte(first + 1)
    if right.live:
        raise RefusalError("a product of two computed tensors")
    if not left.live or turned_left or right.array.ndim != 2:
        raise RefusalError("a product that is no linear layer")
    weight = right.array if turned_right else right.array.T
    result = trace.linear(left, np.ascontiguousarray(weight))
    return [trace.map("add", result, inputs[2]) if len(inputs) > 2 else result]


def _mean(trace: Trace, tensor: Tensor) -> Tensor:
    width = tensor.array.shape[-1]
    return trace.linear(tensor, np.full((1, width), 1.0 / width, np.float32))


def _layer_norm(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    data, gamma, beta = inputs[0], node.main.reals(2), node.main.reals(3)
    if node.main.integers(0) not in ([-1], [data.array.ndim - 1]) or node.main.integer(4, 1) != 1 or len(inputs) > 1:
        raise RefusalError("other axes than the last")
    centred = data if node.main.byte(6) else trace.map("sub", data, _mean(trace, data))
    variance = _mean(trace, trace.map("square", centred))
    spread = trace.map("rsqrt", trace.map("add", variance, Tensor(np.array([node.main.real(1)], np.float32))))
    result = trace.map("mul", centred, spread)
    if gamma.size:
        result = trace.map("mul", result, Tensor(gamma))
    return [trace.map("add", result, Tensor(beta)) if beta.size else result]


def _reduction(node: Node, inputs: list[Tensor], trace: Trace) -> list[Tensor]:
    data, kind = inputs[0], node.main.byte(0)
    if kind not in (0, 3):
        raise RefusalError("neither a sum nor a mean")
    given = inputs[1].array.ravel().tolist() if len(inputs) > 1 and not inputs[1].live else node.main.integers(1)
    rank = data.array.ndim
    axes = sorted({int(axis) % rank for axis in given} or set(range(rank)))
    if data.axis in axes:
        raise RefusalError("it mixes rows")
    kept = [i for i in range(rank) if i not in axes]
    count = int(np.prod([data.array.shape[i] for i in axes]))
    refs = trace.refs(data).transpose(*kept, *axes).reshape(*(data.array.shape[i] for i in kept), count)
    weight = np.full((1, count), 1.0 / count if kind == 3 else 1.0, np.float32)
    axis = None if data.axis is None else kept.index(data.axis)
    result = trace.linear(Tensor(refs, True, axis), weight)
    if node.main.byte(3):
        shape = [1 if i in axes else data.array.shape[i] for i in range(rank)]
        return [Tensor(result.array.reshape(shape), True, data.axis)]
    return [Tensor(result.array[..., 0], True, axis)]


RULES: Final[dict[str, Rule]] = {
    **MOVES,
    "Const": _const, "TrainableParam": _const, "UnaryOp": _unary_op, "BinaryOp": _binary_op, "Eltwise": _eltwise,
    "Select": _select, "ReLU": _relu, "ReLU6": _clip, "ELU": _elu, "Selu": _selu, "PReLU": _prelu, "Scale": _scale,
    "Sigmoid": _unary("sigmoid"), "TanH": _unary("tanh"), "AbsVal": _unary("abs"), "Exp": _unary("exp"),
    "Convolution": _convolution, "ConvolutionDepthwise": _convolution, "InnerProduct": _inner_product,
    "MatMul": _matmul, "BatchMatMul": _matmul, "LayerNorm": _layer_norm, "Reduction": _reduction,
}  # fmt: skip
