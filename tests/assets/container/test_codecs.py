"""Codes against the formulas of docs/container.md, written out again here."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.spatial.transform import Rotation

from assets.container.codecs import Grid, decode, encode, finest_step
from assets.container.manifest import Coding


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_t(3, shape).astype(np.float32)


@pytest.mark.parametrize("curve", ["linear", "exp", "square"])
@pytest.mark.parametrize("bits", [3, 8, 11, 16, 20])
def test_a_range_is_what_the_formula_says(curve: str, bits: int) -> None:
    values = np.abs(numbers(40, 2, 3)) + 0.01 if curve == "exp" else numbers(40, 2, 3)
    coding = Coding(values.shape, "F32", "range", bits, curve)
    stored = encode(values, coding)
    assert stored[""].dtype == np.uint8 and stored[""].shape == (-(-bits // 8), 2, 3, 40)
    decoded = decode(stored, coding)
    for row, a, b in np.ndindex(values.shape):
        code = sum(int(plane[a, b, row]) << (8 * k) for k, plane in enumerate(stored[""]))
        assert code < 1 << bits
        x = float(stored[".step"][a, b]) * (int(stored[".start"][a, b]) + code)
        wanted = {"linear": x, "exp": math.exp(x), "square": x * abs(x)}[curve] + float(stored[".origin"][a, b])
        assert decoded[row, a, b] == np.float32(wanted)
    inverse = {"linear": lambda v: v, "exp": np.log, "square": lambda v: np.sign(v) * np.sqrt(np.abs(v))}[curve]
    off = np.abs(inverse(decoded.astype(np.float64)) - inverse(values.astype(np.float64))) / stored[".step"]
    straight = inverse(values.astype(np.float64))
    needed = np.maximum(1.26 * np.ptp(straight, axis=0) / ((1 << bits) - 2), 2.0**-18 * np.abs(straight).max(axis=0))
    assert np.quantile(off, 0.95) <= 0.501 and off.max() < 1.001, "only the ends are rounded outward"
    assert (stored[".step"] <= needed).all(), "no step is coarser than it must be"


@settings(max_examples=100, deadline=None)
@given(
    values=arrays.arrays(np.float32, (9, 3), elements=st.floats(-1e4, 1e4, width=32)),
    bits=st.integers(2, 20),
    curve=st.sampled_from(["linear", "square"]),
)
def test_a_decoded_range_is_coded_as_before(values: np.ndarray, bits: int, curve: str) -> None:
    coding = Coding(values.shape, "F32", "range", bits, curve)
    decoded = decode(encode(values, coding), coding)
    again = decode(encode(decoded, coding), coding)
    np.testing.assert_array_equal(again, decoded)


def test_nothing_stays_nothing() -> None:
    """Zero is a code, so that what does not move keeps still."""
    values = numbers(500, 3) * 1e-3
    values[::7] = 0
    for curve in ("linear", "square"):
        coding = Coding(values.shape, "F32", "range", 8, curve)
        assert not decode(encode(values, coding), coding)[::7].any()


def test_a_range_may_have_an_origin_and_fewer_codes_in_some_columns() -> None:
    values = np.abs(numbers(300, 2)) - 1.5
    coding = Coding(values.shape, "F32", "range", 10, "square")
    stored = encode(values, coding, Grid(origin=np.array([-1.5, 0.0]), most=np.array([1023, 15])))
    assert stored[""][1, 1].max() == 0 and stored[""][0, 1].max() <= 15
    assert np.abs(decode(stored, coding)[:, 0] - values[:, 0]).max() < 0.02


@pytest.mark.parametrize("codec", ["plain", "range"])
def test_rows_of_zeros_are_skipped(codec: str) -> None:
    values = numbers(4, 70, 3).astype(np.float16)
    keep = np.random.default_rng(1).random((4, 70)) < 0.3
    keep[2] = False
    values[~keep] = 0
    coding = Coding(values.shape, "F16", codec, 8 if codec == "range" else 0, "square", rows=1, kept=int(keep.sum()))
    stored = encode(values, coding)
    assert stored[".mask"].shape == (4, 9) and stored[""].shape[-1] == keep.sum()
    assert [bool(stored[".mask"][1, k // 8] >> (k % 8) & 1) for k in range(70)] == keep[1].tolist()
    decoded = decode(stored, coding)
    assert decoded.dtype == np.float16 and not decoded[~keep].any()
    if codec == "plain":
        np.testing.assert_array_equal(decoded, values)
    else:
        assert np.abs(decoded.astype(float) - values).max() < 0.12 * np.abs(values).max()


@pytest.mark.parametrize("bits", [8, 11, 16])
def test_rotations_come_back_within_a_step(bits: int) -> None:
    xyzw = Rotation.random(4000, random_state=0).as_quat()
    ties = np.array(
        [[0, 0, 0, 1], [1, 0, 0, 0], [0.5, 0.5, 0.5, 0.5], [0.5, -0.5, 0.5, -0.5], [0, 0, 1, 1], [0, 1, -1, 0]]
    )
    xyzw = np.concatenate([xyzw, ties / np.linalg.norm(ties, axis=1, keepdims=True)])
    wxyz = xyzw[:, [3, 0, 1, 2]].astype(np.float32)
    coding = Coding(wxyz.shape, "F32", "quaternion", bits)
    stored = encode(wxyz, coding)
    decoded = decode(stored, coding)
    np.testing.assert_allclose(np.linalg.norm(decoded, axis=1), 1, atol=1e-6)
    turn = Rotation.from_quat(decoded[:, [1, 2, 3, 0]]) * Rotation.from_quat(xyzw).inv()
    assert turn.magnitude().max() < 2 * math.sqrt(3) / (math.sqrt(2) * ((1 << (bits - 1)) - 1))
    np.testing.assert_array_equal(decode(encode(decoded, coding), coding), decoded)
    half = (1 << (bits - 1)) - 1
    codes = sum(plane.astype(int) << (8 * k) for k, plane in enumerate(stored[""]))
    for n in range(0, len(wxyz), 97):
        others = [k for k in range(4) if k != stored[".largest"][n]]
        np.testing.assert_allclose((codes[:, n] - half) / (math.sqrt(2) * half), decoded[n, others], atol=1e-6)
        assert decoded[n, stored[".largest"][n]] >= 0


def test_any_bytes_are_some_rotation() -> None:
    rng = np.random.default_rng(0)
    stored = {"": rng.integers(0, 256, (2, 3, 500), np.uint8), ".largest": rng.integers(0, 4, 500, np.uint8)}
    decoded = decode(stored, Coding((500, 4), "F32", "quaternion", 16))
    np.testing.assert_allclose(np.linalg.norm(decoded, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(("low", "high", "most"), [(0, 0, 255), (-1, 1, 255), (1e-9, 1e-8, 7), (99, 100, 1 << 20)])
def test_the_finest_step_is_fine(low: float, high: float, most: int) -> None:
    step = finest_step(low, high, most, 2.0**-21)
    assert (high - low) / step <= most and step >= 2.0**-22 * high
    mantissa, _ = math.frexp(step)
    assert mantissa * 8 == int(mantissa * 8), "three bits and a power of two"
