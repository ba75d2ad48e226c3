"""The functions of lowered networks in GLSL, for a float and for the four components of a vec4 alike."""

from __future__ import annotations

from typing import Final

from assets.lower import Map

_HELPERS: Final = """
T f_erf(T x) {
    // Abramowitz & Stegun 7.1.26: off by at most 1.5e-7.
    T a = abs(x);
    T t = 1.0 / (1.0 + 0.3275911 * a);
    T p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    return sign(x) * (1.0 - p * exp(-a * a));
}
T f_tanh(T x) {
    // Some drivers compute it of exponentials, which overflow.
    return tanh(clamp(x, -15.0, 15.0));
}
T f_gelu_tanh(T x) {
    return 0.5 * x * (1.0 + f_tanh(0.79788456 * (x + 0.044715 * x * x * x)));
}
T f_pow(T x, T y) {
    // GLSL leaves powers of negative numbers open; whole exponents have them.
    T odd = abs(mod(y, 2.0));
    return pow(abs(x), y) * (1.0 - 2.0 * (1.0 - step(0.0, x)) * odd);
}
T f_select(T c, T a, T b) {
    return SELECT;
}
"""
HELPERS: Final = "".join(
    _HELPERS.replace("SELECT", select).replace("T ", f"{kind} ").replace("(T ", f"({kind} ")
    for kind, select in (
        ("float", "c != 0.0 ? a : b"),
        ("vec4", "vec4(f_select(c.x, a.x, b.x), f_select(c.y, a.y, b.y), f_select(c.z, a.z, b.z), "
                 "f_select(c.w, a.w, b.w))"),
    )
)  # fmt: skip

_FUNCTIONS: Final = {
    "neg": "-{0}", "square": "{0} * {0}", "rsqrt": "inversesqrt({0})", "reciprocal": "1.0 / {0}",
    "log1p": "log(1.0 + {0})", "asin": "atan({0}, sqrt(1.0 - {0} * {0}))",
    "acos": "atan(sqrt(1.0 - {0} * {0}), {0})", "round": "roundEven({0})", "erf": "f_erf({0})",
    "expm1": "exp({0}) - 1.0",
    "sigmoid": "1.0 / (1.0 + exp(-{0}))", "tanh": "f_tanh({0})",
    "hardswish": "{0} * clamp({0} + 3.0, 0.0, 6.0) / 6.0", "gelu": "0.5 * {0} * (1.0 + f_erf(0.70710678 * {0}))",
    "gelu_tanh": "f_gelu_tanh({0})", "silu": "{0} / (1.0 + exp(-{0}))", "relu": "max({0}, 0.0)",
    "leaky": "max({0}, 0.0) + {p0} * min({0}, 0.0)", "clip": "clamp({0}, {p0}, {p1})",
    "elu": "max({0}, 0.0) + {p0} * (exp(min({0}, 0.0)) - 1.0)",
    "selu": "{p0} * (max({0}, 0.0) + {p1} * (exp(min({0}, 0.0)) - 1.0))",
    "add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "{0} / {1}", "pow": "f_pow({0}, {1})",
    "atan2": "atan({0}, {1})", "squared_difference": "({0} - {1}) * ({0} - {1})",
    "prelu": "max({0}, 0.0) + {1} * min({0}, 0.0)", "greater": "1.0 - step({0}, {1})",
    "greater_equal": "step({1}, {0})", "less": "1.0 - step({1}, {0})", "less_equal": "step({0}, {1})",
    "equal": "step({0}, {1}) * step({1}, {0})", "not_equal": "1.0 - step({0}, {1}) * step({1}, {0})",
    "select": "f_select({0}, {1}, {2})",
}  # fmt: skip
"""The others are built in under the same name."""


def call(op: Map, operands: list[str]) -> str:
    """The expression of a function of operands, each a name or something in brackets, all of one type."""
    parameters = {f"p{i}": number(value) for i, value in enumerate(op.parameters)}
    text = _FUNCTIONS.get(op.function, f"{op.function}({', '.join(f'{{{i}}}' for i in range(len(operands)))})")
    return text.format(*operands, **parameters)


def number(value: float) -> str:
    """A literal that gives back the same float32; of what GLSL cannot write, the nearest."""
    text = f"{min(max(float(value), -3.4e38), 3.4e38):.9g}"
    text = text if any(c in text for c in ".en") else f"{text}.0"
    return f"({text})" if text.startswith("-") else text
