"""Arrays as codes and back: whole numbers that are small, and mostly alike in their upper bytes, which deflate likes.

Every code decodes to a finite value, so whatever passed the checks of the parameters is sound. Codes of an array that
was decoded are the codes it came from: packing again changes nothing.

    plain        the array as it is
    integer      unsigned 16- or 32-bit, rows last
    range        value = origin + curve(step (start + code)), the three for every column; in planes of bytes,
                 rows last; curve(x) is x, exp(x) or x |x|
    quaternion   the three components that are not the largest, as (code - h) / (sqrt(2) h), h = 2^(bits - 1) - 1; the
                 largest is positive and makes the length 1
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assets.container.manifest import Coding, Curve

Array = NDArray[Any]
F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]

DTYPES: Final = {"F32": np.float32, "F16": np.float16, "I32": np.int32, "U16": np.uint16}
SUFFIXES: Final = ("", ".mask", ".step", ".start", ".origin", ".largest")
"""Of the stored arrays of one array; the first has its codes."""
_STEPS: Final = (4, 5, 6, 7)
"""Mantissas of a step: so few bits that step times (start + code) is exact in 32 bits."""
_FINEST: Final = 2.0**-21
_FINEST_CURVED: Final = 2.0**-18
"""Of what is farthest from zero: a smaller step would be lost in the rounding to 32 bits."""
_SLACK: Final = 1 / 16
"""Steps by which rounding may have moved the ends of an array that was decoded."""


class Grid(NamedTuple):
    """How a range is divided, where its values alone do not say; arrays have the shape of the columns."""

    step: float | None = None
    """Instead of the finest that fits."""
    origin: Array | float = 0.0
    most: Array | int | None = None
    """The largest code, where a column has fewer than its bits allow."""


def encode(array: Array, coding: Coding, grid: Grid = Grid()) -> dict[str, Array]:  # noqa: B008
    """The stored arrays by suffix ("" is the codes)."""
    if coding.codec == "plain" and coding.kept is None:
        return {"": np.ascontiguousarray(array)}
    stored: dict[str, Array] = {}
    columns = np.moveaxis(array, coding.rows, -1)
    groups = [columns]
    if coding.kept is not None:
        keep: NDArray[np.bool_] = np.asarray(array.any(axis=2))
        stored[".mask"] = np.packbits(keep, axis=1, bitorder="little")
        groups = [columns[k][:, keep[k]] for k in range(len(array))]
    if coding.codec == "range":
        stored |= _ranges(groups, columns.shape[:-1], coding, grid)
    elif coding.codec == "quaternion":
        codes, largest = _to_smallest_three(array.astype(np.float64), coding.bits)
        stored |= {"": planes(codes, coding.bits), ".largest": largest}
    else:
        dtype = DTYPES[coding.dtype] if coding.codec == "plain" else np.uint16 if coding.bits == 16 else np.uint32
        stored[""] = np.ascontiguousarray(np.concatenate(groups, axis=-1).astype(dtype))
    return stored


def _ranges(groups: Sequence[Array], shape: tuple[int, ...], coding: Coding, grid: Grid) -> dict[str, Array]:
    """Codes and parameters of columns (..., rows), whose leading axes together are `shape`."""
    lead = groups[0].shape[:-1]
    width = math.prod(lead)
    columns = [column for group in groups for column in group.reshape(width, -1).astype(np.float64)]
    origins = np.broadcast_to(np.asarray(grid.origin, np.float32), shape)
    most = np.broadcast_to((1 << coding.bits) - 1 if grid.most is None else grid.most, shape)
    coded = [
        _to_range(column - float(origin), coding.curve, int(top), grid.step)
        for column, origin, top in zip(columns, origins.flat, most.flat, strict=True)
    ]
    codes = np.stack([np.concatenate([c for c, _, _ in coded[k::width]]) for k in range(width)])
    return {
        "": planes(codes.reshape(*lead, -1), coding.bits),
        ".step": np.array([step for _, step, _ in coded], np.float32).reshape(shape),
        ".start": np.array([start for _, _, start in coded], np.int32).reshape(shape),
        ".origin": np.array(origins),
    }


def decode(stored: dict[str, Array], coding: Coding) -> Array:
    """The array of these stored arrays, whose dtypes, shapes and parameters were checked."""
    codes, dtype = stored[""], DTYPES[coding.dtype]
    if coding.codec == "plain" and coding.kept is None:
        return codes
    if coding.codec == "quaternion":
        return _from_smallest_three(codes, stored[".largest"], coding.bits)
    out = np.zeros(coding.shape, dtype)
    columns = np.moveaxis(out, coding.rows, -1)
    if coding.kept is not None:
        rows, first = coding.shape[1], 0
        for group, bits in enumerate(stored[".mask"]):
            keep = np.unpackbits(bits, count=rows, bitorder="little").view(np.bool_)
            last = first + int(np.count_nonzero(keep))
            for column in range(coding.shape[2]):
                columns[group, column, keep] = _values(codes, stored, coding, (group, column), (column,), first, last)
            first = last
        return out
    for index in np.ndindex(columns.shape[:-1]):
        columns[index] = _values(codes, stored, coding, index, index, 0, columns.shape[-1])
    return out


def planes(codes: Array, bits: int) -> U8:
    """(ceil(bits / 8), ...) bytes of non-negative codes, the lowest first."""
    return np.stack([(codes >> shift).astype(np.uint8) for shift in range(0, bits, 8)])


def _values(
    codes: Array, stored: dict[str, Array], coding: Coding, at: tuple[int, ...], column: tuple[int, ...], a: int, b: int
) -> Array:
    """Rows a to b of one column, whose parameters are at `at`."""
    rows: tuple[Any, ...] = (*column, slice(a, b))
    if coding.codec != "range":
        return np.asarray(codes[rows])
    x = np.full(b - a, float(stored[".start"][at]))
    for plane, bytes_ in enumerate(codes):
        x += bytes_[rows].astype(np.float64) * 256.0**plane
    return float(stored[".origin"][at]) + bend(x * float(stored[".step"][at]), coding.curve)


def bend(x: F64, curve: Curve) -> F64:
    """From evenly spaced numbers to values."""
    return np.asarray(np.exp(x) if curve == "exp" else x * np.abs(x) if curve == "square" else x)


def straighten(values: F64, curve: Curve) -> F64:
    """The inverse of `bend`."""
    if curve == "exp":
        return np.log(values)
    return np.sign(values) * np.sqrt(np.abs(values)) if curve == "square" else values


def _to_range(values: F64, curve: Curve, most: int, step: float | None) -> tuple[NDArray[np.int64], float, int]:
    """Codes, step and start of one column: the finest step at which all of it fits, on a grid that has zero."""
    if not len(values):
        return np.zeros(0, np.int64), 1.0, 0
    x = straighten(values, curve)
    low, high = float(x.min()), float(x.max())
    step = step or finest_step(low, high, most, _FINEST if curve == "linear" else _FINEST_CURVED)
    start = math.floor(low / step + _SLACK)
    codes = np.rint(x / step).astype(np.int64) - start
    # The ends go outward, so that the decoded array spans as many steps as this one.
    codes[x == high] = math.ceil(high / step - _SLACK) - start
    codes[x == low] = 0
    return np.clip(codes, 0, most), step, start


def finest_step(low: float, high: float, most: int, finest: float) -> float:
    """The smallest step of few bits for which low to high spans at most so many, and which is not below about the share
    `finest` of what is farthest from zero."""
    farthest = max(abs(low), abs(high), 1e-30)
    # A power of two does not follow when decoding moves the end by a hair; the thousandth keeps round numbers off it.
    least = finest * 2.0 ** math.floor(math.log2(farthest * 1.001))
    power = math.floor(math.log2(max((high - low) / most, least))) - 3
    while True:
        for mantissa in _STEPS:
            step = mantissa * 2.0**power
            if step >= least and math.ceil(high / step - _SLACK) - math.floor(low / step + _SLACK) <= most:
                return step
        power += 1


def _to_smallest_three(wxyz: F64, bits: int) -> tuple[NDArray[np.int64], U8]:
    """(3, N) codes and (N,) which component is the largest."""
    half = (1 << (bits - 1)) - 1
    codes, largest = _smallest_three(wxyz, half)
    changed = np.arange(len(wxyz))
    for _ in range(8):  # where two components tie, coding may turn the tie
        again = _from_smallest_three(planes(codes[:, changed], bits), largest[changed], bits).astype(np.float64)
        codes_, largest_ = _smallest_three(again, half)
        moved = (codes_ != codes[:, changed]).any(axis=0) | (largest_ != largest[changed])
        codes[:, changed], largest[changed] = codes_, largest_
        changed = changed[moved]
        if not len(changed):
            break
    return codes, largest


def _smallest_three(wxyz: F64, half: int) -> tuple[NDArray[np.int64], U8]:
    unit = wxyz / np.maximum(np.linalg.norm(wxyz, axis=1, keepdims=True), 1e-30)
    every = np.rint(unit * (math.sqrt(2) * half)).astype(np.int64)
    largest = np.abs(every).argmax(axis=1)
    sign = np.where(np.take_along_axis(unit, largest[:, None], axis=1) < 0, -1, 1)
    others = (np.arange(3) + (np.arange(3) >= largest[:, None])).astype(np.intp)
    codes = np.take_along_axis(every, others, axis=1) * sign + half
    return np.clip(codes, 0, 2 * half).T.copy(), largest.astype(np.uint8)


def _from_smallest_three(codes: U8, largest: U8, bits: int) -> Array:
    """(N, 4) unit quaternions."""
    half = (1 << (bits - 1)) - 1
    whole = sum(plane.astype(np.float64) * 256.0**k for k, plane in enumerate(codes))
    three = (np.asarray(whole).T - half) / (math.sqrt(2) * half)
    square = (three * three).sum(axis=1, keepdims=True)
    # Three components that no unit quaternion has are scaled down to one.
    three /= np.sqrt(np.maximum(square, 1.0))
    out = np.empty((len(three), 4), np.float32)
    others = np.arange(3) + (np.arange(3) >= largest[:, None])
    np.put_along_axis(out, others, three.astype(np.float32), axis=1)
    rest = np.sqrt(np.maximum(1.0 - square, 0.0)).astype(np.float32)
    np.put_along_axis(out, largest[:, None].astype(np.intp), rest, axis=1)
    return out
