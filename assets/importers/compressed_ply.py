"""The compressed `.ply` of PlayCanvas and SuperSplat: 16 bytes a Gaussian, over the ranges of chunks of 256.

Element "chunk" holds the ranges; "vertex" packs position and log scale as 11, 10 and 11 bits, the rotation as the
index of its largest part and 3 x 10 bits of the others (w x y z), colour and opacity as 4 x 8; "sh", where it is there,
holds a byte a coefficient, named as in the plain .ply.
(PlayCanvas engine, gsplat-compressed-data.js; splat-transform, decompress-ply.ts.)
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.importers.cloud import F32, Cloud, RefusedError, check_count, constant_harmonic, degree_of, joined
from assets.importers.ply import Table

_CHUNK: Final = 256
_PACKED: Final = ("packed_position", "packed_rotation", "packed_scale", "packed_color")

U32 = NDArray[np.uint32]


def is_compressed(tables: dict[str, Table]) -> bool:
    """Whether a PLY file's tables are of this kind."""
    return "chunk" in tables and "packed_position" in (tables["vertex"].dtype.names or () if "vertex" in tables else ())


def read_compressed(tables: dict[str, Table]) -> Cloud:
    """The Gaussians of the tables; raises RefusedError."""
    chunks, rows = tables["chunk"], tables["vertex"]
    count = len(rows)
    check_count(count)
    missing = [name for name in _PACKED if name not in (rows.dtype.names or ())]
    ranges = [f"{end}_{part}" for end in ("min", "max") for part in ("x", "y", "z", "scale_x", "scale_y", "scale_z")]
    missing += [name for name in ranges if name not in (chunks.dtype.names or ())]
    if missing:
        raise RefusedError(f"it is compressed without {', '.join(missing)}")
    if len(chunks) < -(-count // _CHUNK):
        raise RefusedError(f"it has {len(chunks)} chunks for {count} Gaussians")
    chunk = np.arange(count) // _CHUNK
    packed = {name: rows[name].astype(np.uint32) for name in _PACKED}
    colour = np.stack([_bits(packed["packed_color"], shift, 8) for shift in (24, 16, 8, 0)], axis=1)
    has_colours = all(f"{end}_{part}" in (chunks.dtype.names or ()) for end in ("min", "max") for part in "rgb")
    with np.errstate(over="ignore", invalid="ignore"):
        return Cloud(
            positions=_between(chunks, chunk, ("x", "y", "z"), _three(packed["packed_position"])),
            scales=np.exp(_between(chunks, chunk, ("scale_x", "scale_y", "scale_z"), _three(packed["packed_scale"]))),
            rotations=_quaternions(packed["packed_rotation"]),
            opacities=colour[:, 3].copy(),
            sh=joined(
                constant_harmonic(_between(chunks, chunk, "rgb", colour[:, :3]) if has_colours else colour[:, :3]),
                _harmonics(tables.get("sh"), count),
            ),
        )


def _bits(words: U32, shift: int, bits: int) -> F32:
    """A part of each word, 0 to 1."""
    most = (1 << bits) - 1
    return ((words >> np.uint32(shift)) & np.uint32(most)).astype(np.float32) / np.float32(most)


def _three(words: U32) -> F32:
    """(N, 3) of 11, 10 and 11 bits, 0 to 1."""
    return np.stack([_bits(words, 21, 11), _bits(words, 11, 10), _bits(words, 0, 11)], axis=1)


def _between(chunks: Table, chunk: NDArray[np.intp], parts: tuple[str, ...] | str, share: F32) -> F32:
    """(N, 3) at this share of the ranges of the Gaussians' chunks."""
    result = np.empty_like(share)
    for index, part in enumerate(parts):
        low, high = (chunks[f"{end}_{part}"].astype(np.float32)[chunk] for end in ("min", "max"))
        result[:, index] = low + (high - low) * share[:, index]
    return result


def _quaternions(words: U32) -> F32:
    """(N, 4) w, x, y, z; the largest part is what the others leave of a unit length."""
    small = np.stack([_bits(words, shift, 10) for shift in (20, 10, 0)], axis=1)
    small = (small - np.float32(0.5)) * np.float32(2**0.5)
    largest = words >> np.uint32(30)
    result = np.empty((len(words), 4), np.float32)
    left = np.sqrt(np.maximum(1 - np.square(small).sum(axis=1), 0))
    for index in range(4):
        mine = largest == index
        others = [part for part in range(4) if part != index]
        result[np.ix_(mine, others)] = small[mine]
        result[mine, index] = left[mine]
    return result


def _harmonics(table: Table | None, count: int) -> NDArray[Any]:
    """(N, k, 3); a byte stands for the middle of its step between -4 and 4, the first and the last for the ends."""
    if table is None:
        return np.empty((count, 0, 3), np.float32)
    names = table.dtype.names or ()
    if len(table) != count or len(names) % 3 or any(f"f_rest_{k}" not in names for k in range(len(names))):
        raise RefusedError("its harmonics do not fit its Gaussians")
    degree_of(len(names) // 3)
    steps = (np.arange(256, dtype=np.float32) + 0.5) / 256
    steps[[0, 255]] = 0, 1
    values = (steps - np.float32(0.5)) * 8
    rest = np.stack([values[table[f"f_rest_{k}"].astype(np.uint8)] for k in range(len(names))], axis=1)
    return rest.reshape(count, 3, len(names) // 3).transpose(0, 2, 1)
