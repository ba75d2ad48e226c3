"""The `.ply` of 3D Gaussian Splatting (Kerbl et al. 2023) and of whoever writes the same properties.

x y z; f_dc_0..2; f_rest_0.. with all coefficients of red first, then of green, then of blue; opacity before the
sigmoid; scale_0..2 as natural logarithms; rot_0..3 = w x y z. Surfels (2D Gaussian Splatting) lack scale_2.
The format of the file itself: Turk, "The PLY polygon file format", 1994.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.importers.cloud import Cloud, RefusedError, check_count, degree_of, joined, sigmoid

_LONGEST_HEADER: Final = 1 << 16
_TYPES: Final = {
    "char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4", "float": "f4",
    "double": "f8", "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4", "uint32": "u4",
    "float32": "f4", "float64": "f8",
}  # fmt: skip
_ORDERS: Final = {"binary_little_endian": "<", "binary_big_endian": ">", "ascii": "="}

Table = NDArray[Any]
"""(count,) structured: one field a property."""


@dataclass(frozen=True)
class _Element:
    name: str
    count: int
    properties: list[tuple[str, str]]
    has_list: bool


def is_ply(blob: bytes) -> bool:
    """Whether a file starts as a PLY file does."""
    return blob[:4] in (b"ply\n", b"ply\r")


def read_elements(blob: bytes) -> dict[str, Table]:
    """The tables of a PLY file by the name of their element, up to the first with lists; raises RefusedError."""
    layout, elements, offset = _header(blob)
    tables: dict[str, Table] = {}
    for element in elements:
        if element.has_list:
            break
        try:
            dtype = np.dtype([(name, _ORDERS[layout] + kind) for name, kind in element.properties])
        except ValueError:
            raise RefusedError(f"its element {element.name!r} names a property twice") from None
        if layout == "ascii":
            tables[element.name], offset = _ascii_table(blob, offset, element, dtype)
            continue
        size = element.count * dtype.itemsize
        if size > len(blob) - offset:
            raise RefusedError(f"it ends before the {element.count} rows of its element {element.name!r}")
        tables[element.name] = np.frombuffer(blob, dtype, element.count, offset) if size else np.empty(0, dtype)
        offset += size
    return tables


def read_gaussians(tables: dict[str, Table]) -> Cloud:
    """The Gaussians of a PLY file's "vertex" element; raises RefusedError."""
    rows = tables.get("vertex")
    names = (rows.dtype.names or ()) if rows is not None else ()
    needed = ("x", "y", "z", "f_dc_0", "f_dc_1", "f_dc_2", "opacity", "scale_0", "scale_1")
    missing = [name for name in (*needed, *(f"rot_{k}" for k in range(4))) if name not in names]
    if rows is None or missing:
        raise RefusedError(f"its points are no Gaussians (they lack {', '.join(missing)})")
    check_count(len(rows))
    rest = sorted((name for name in names if name.startswith("f_rest_")), key=lambda name: (len(name), name))
    if len(rest) % 3 or rest != [f"f_rest_{k}" for k in range(len(rest))]:
        raise RefusedError("its harmonics are not numbered as three colours")
    degree_of(len(rest) // 3)
    with np.errstate(over="ignore", invalid="ignore"):
        logs = _columns(rows, [name for name in ("scale_0", "scale_1", "scale_2") if name in names])
        scales = np.zeros((len(rows), 3), np.float32)
        scales[:, : logs.shape[1]] = np.exp(logs)
        return Cloud(
            positions=_columns(rows, ["x", "y", "z"]),
            scales=scales,
            rotations=_columns(rows, [f"rot_{k}" for k in range(4)]),
            opacities=sigmoid(rows["opacity"]),
            sh=joined(
                _columns(rows, ["f_dc_0", "f_dc_1", "f_dc_2"])[:, None],
                _columns(rows, rest).reshape(len(rows), 3, len(rest) // 3).transpose(0, 2, 1),
            ),
        )


def _columns(rows: Table, names: list[str]) -> NDArray[np.float32]:
    """(N, len(names)) of these properties."""
    table = np.empty((len(rows), len(names)), np.float32)
    for index, name in enumerate(names):
        table[:, index] = rows[name]
    return table


def _header(blob: bytes) -> tuple[str, list[_Element], int]:
    """The format, the elements, and where their rows begin."""
    end = blob.find(b"end_header", 0, _LONGEST_HEADER)
    newline = blob.find(b"\n", end, end + 16)
    if end < 0 or newline < 0:
        raise RefusedError("its header has no end")
    layout = ""
    elements: list[_Element] = []
    for line in blob[:end].decode("latin-1").splitlines():
        match line.split():
            case ["format", kind, _]:
                layout = kind
            case ["element", name, number]:
                count = int(number) if number.isascii() and number.isdigit() and len(number) < 12 else -1
                if count < 0 or any(name == element.name for element in elements):
                    raise RefusedError(f"its header's line {line.strip()!r} makes no sense")
                elements.append(_Element(name, count, [], False))
            case ["property", "list", *_] if elements:
                last = elements[-1]
                elements[-1] = _Element(last.name, last.count, last.properties, True)
            case ["property", kind, name] if elements and kind in _TYPES:
                elements[-1].properties.append((name, _TYPES[kind]))
            case ["property", *_]:
                raise RefusedError(f"its header's line {line.strip()!r} makes no sense")
    if layout not in _ORDERS:
        raise RefusedError(f"its format is {layout or 'not stated'}, not one of {', '.join(_ORDERS)}")
    return layout, elements, newline + 1


def _ascii_table(blob: bytes, offset: int, element: _Element, dtype: np.dtype[Any]) -> tuple[Table, int]:
    """One row a line; the table, and where the next begins."""
    # A value and what parts it from the next take two bytes at least.
    if 2 * element.count * max(len(element.properties), 1) > len(blob) - offset + 1:
        raise RefusedError(f"it ends before the {element.count} rows of its element {element.name!r}")
    start = offset
    for _ in range(element.count):
        end = blob.find(b"\n", offset)
        offset = len(blob) if end < 0 else end + 1
    try:
        values = np.array(blob[start:offset].split(), np.float64)
    except ValueError:
        raise RefusedError(f"its element {element.name!r} holds what is no number") from None
    if values.size != element.count * len(element.properties):
        raise RefusedError(f"its element {element.name!r} has not {element.count} whole rows")
    table = np.empty(element.count, dtype)
    columns = values.reshape(element.count, len(element.properties))
    with np.errstate(over="ignore", invalid="ignore"):
        for index, (name, _kind) in enumerate(element.properties):
            table[name] = columns[:, index]
    return table, offset
