"""The first of two readings: every part is unpacked in small pieces, hashed and checked, and nothing of it is kept.

What passes is an avatar, so the second reading may allocate what its manifest states. Parts that are not arrays are
stored, not deflated: in memory they are as large as in the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from assets.container.archive import CHUNK, Archive
from assets.container.layout import (
    ITEM_BYTES,
    LayoutError,
    Rule,
    Stored,
    StoredDtype,
    check_range,
    check_tensors,
    decoded_bytes,
    stored_arrays,
)
from assets.container.manifest import GAUSSIANS, MESH, PREVIEW, TENSORS, Manifest
from assets.stages import check_stages

MAX_HEADER: Final = 64 << 10
MAX_EXPANSION: Final = 256
"""Bytes in memory for each byte of the file; a writer stores what would expand more."""
FREE_EXPANSION: Final = 1 << 20
"""Bytes in memory that need no explanation."""
DTYPES: Final[dict[StoredDtype, Any]] = {
    "F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "I32": np.dtype("<i4"), "U16": np.dtype("<u2"),
    "U32": np.dtype("<u4"), "U8": np.dtype("u1"),
}  # fmt: skip

Array = NDArray[Any]


class HeaderEntry(msgspec.Struct):
    """An array in the header of a .safetensors part."""

    dtype: str
    shape: list[int]
    data_offsets: tuple[int, int]


def array_files(manifest: Manifest) -> list[str]:
    """The .safetensors parts of an avatar."""
    return [MESH, GAUSSIANS, *([TENSORS] if TENSORS in manifest.parts else [])]


def other_files(manifest: Manifest) -> list[str]:
    """Networks, their programs and the preview."""
    named = [f"{name}.{suffix}" for name in sorted(manifest.models) for suffix in ("mnn", "program")]
    needed = {f"{name}.mnn" for name in manifest.models}
    return [file for file in (*named, PREVIEW) if file in manifest.parts or file in needed]


def check_archive(archive: Archive) -> None:
    """Raise AvatarError where loading the archive would fail, or would take more memory than it is worth."""
    manifest = archive.manifest
    arrays, others = array_files(manifest), other_files(manifest)
    for file in (*arrays, *others):
        archive.check_entry(file)
    check_stages(manifest.stages, manifest.parts[TENSORS].tensors if TENSORS in arrays else (), manifest.models)
    check_expansion(archive, arrays)
    for file in arrays:
        check_arrays(archive, file)
    for file in others:
        check_other(archive, file)


def check_other(archive: Archive, file: str) -> None:
    """Raise AvatarError where a part that is not of arrays is deflated, or has another hash."""
    if not archive.is_stored(file):
        raise archive.damaged(f"{file} is deflated, which only arrays may be")
    archive.check_hash(file)


def check_expansion(archive: Archive, files: list[str]) -> None:
    """Raise AvatarError where the arrays take far more memory than the file explains."""
    needed = sum(decoded_bytes(archive.manifest.parts[f]) + archive.manifest.parts[f].bytes for f in files)
    if needed > FREE_EXPANSION + MAX_EXPANSION * archive.bytes:
        raise archive.damaged(f"its {archive.bytes:,} bytes say that they unpack to {needed:,}")


def check_arrays(archive: Archive, file: str) -> None:
    """Raise AvatarError where a .safetensors part is not what the manifest states, or holds what no avatar does."""
    try:
        check_tensors(archive.manifest, file)
        wanted = stored_arrays(archive.manifest, file)
        digest, size = hashlib.sha256(), archive.manifest.parts[file].bytes
        kept: dict[str, Array] = {}
        with archive.reading(file) as read:

            def hashed(count: int) -> bytes:
                blob = read(count)
                digest.update(blob)
                return blob

            for name, stored in read_header(hashed, size, wanted):
                small = name.endswith((".step", ".start"))
                array = _check_numbers(hashed, name, stored, keep=small)
                if small:
                    kept[name] = array
        archive.compare_hash(file, digest.hexdigest())
        for name, coding in archive.manifest.parts[file].tensors.items():
            if coding.codec == "range":
                check_range(coding, kept[f"{name}.step"], kept[f"{name}.start"])
    except LayoutError as error:
        raise archive.damaged(f"{file} {error}") from None


def read_header(read: Callable[[int], bytes], size: int, wanted: dict[str, Stored]) -> list[tuple[str, Stored]]:
    """The arrays of a .safetensors part of `size` bytes in the order of their bytes; raises LayoutError where they are
    not those that are wanted, one behind the other."""
    length = int.from_bytes(read(8), "little")
    if not 2 <= length <= min(MAX_HEADER, size - 8):
        raise LayoutError(f"says that its header is {length} bytes long")
    try:
        header = msgspec.json.decode(read(length), type=dict[str, HeaderEntry])
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise LayoutError(f"has a header that cannot be read ({error})") from None
    if header.keys() != wanted.keys():
        raise LayoutError(f"holds other arrays than its manifest states ({', '.join(sorted(header)[:12])[:160]})")
    order = sorted(header, key=lambda name: header[name].data_offsets)
    end = 0
    for name in order:
        entry, stored = header[name], wanted[name]
        if entry.dtype != stored.dtype or tuple(entry.shape) != stored.shape:
            raise LayoutError(
                f"holds {name} as {entry.dtype} {entry.shape}, not as {stored.dtype} {list(stored.shape)}"
            )
        if entry.data_offsets != (end, end + stored.bytes):
            raise LayoutError(f"has {name} at another place than behind the array before it")
        end += stored.bytes
    if 8 + length + end != size:
        raise LayoutError(f"holds {size} bytes, not the {8 + length + end} of its arrays")
    return [(name, wanted[name]) for name in order]


def _check_numbers(read: Callable[[int], bytes], name: str, stored: Stored, *, keep: bool) -> Array:
    """Read an array in pieces and raise LayoutError where its numbers break the rule; all of it, where it is kept."""
    dtype, left, ones, place = DTYPES[stored.dtype], stored.bytes, 0, 0
    pieces: list[Array] = []
    while left:
        piece = np.frombuffer(read(min(left, CHUNK)), dtype)
        left -= piece.nbytes
        if stored.rule.bits is not None:
            ones += _ones(piece, place, stored.rule, name)
        elif not (_fits(piece, place, stored.rule) and _tail_fits(piece, place, stored)):
            raise LayoutError(f"has a number in {name} that is not one of those it may have")
        place += len(piece)
        if keep:
            pieces.append(piece)
    if stored.rule.bits is not None and ones != stored.rule.bits:
        raise LayoutError(f"keeps {ones} rows in {name}, not {stored.rule.bits}")
    return np.concatenate(pieces).reshape(stored.shape) if pieces else np.empty(stored.shape, dtype)


def _fits(numbers: Array, place: int, rule: Rule) -> bool:
    """Whether numbers from index `place` on are as they have to be."""
    if rule.finite and not np.isfinite(numbers).all():
        return False
    if rule.below_place and (numbers >= place + np.arange(len(numbers))).any():
        return False
    return bool(numbers.min() >= rule.low and numbers.max() <= rule.high)


def _tail_fits(numbers: Array, place: int, stored: Stored) -> bool:
    """Whether those numbers from index `place` on that belong to the tail are small enough."""
    first = stored.bytes // ITEM_BYTES[stored.dtype] - stored.rule.tail
    return bool(numbers[max(first - place, 0) :].max(initial=0) <= stored.rule.tail_high)


def _ones(piece: Array, place: int, rule: Rule, name: str) -> int:
    """How many bits are set from byte `place` on; those that fill up a row are not."""
    row = -(-rule.row_bits // 8)
    ends = piece[(row - 1 - place) % row :: row]
    if (ends >> (rule.row_bits - 8 * (row - 1))).any():
        raise LayoutError(f"keeps rows in {name} that are beyond the last")
    return int(np.bitwise_count(piece).sum(dtype=np.int64))
