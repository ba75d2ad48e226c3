"""Niantic's `.spz`, versions 1 to 4: all attributes gzipped as one (1 to 3), or each a zstd frame (4).

Positions as 24-bit fixed point (halves in version 1), opacity, colour, log scale and harmonics as bytes, rotations
x y z w as three bytes (1 and 2) or as the index of the largest part and 3 x 10 bits with signs (3 and 4). Axes are
right, up, back, as ours are, unless Adobe's extension says otherwise.
(github.com/nianticlabs/spz: README.md, src/cc/load-spz.cc.)
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import zstandard
from numpy.typing import NDArray

from assets.importers.axes import turned
from assets.importers.cloud import F32, Cloud, RefusedError, check_count, joined

_MAGIC: Final = b"NGSP"
_GZIP: Final = b"\x1f\x8b"
_HEADER: Final = struct.Struct("<4sIIBBBB")
_TABLE: Final = struct.Struct("<I12x")
"""What follows the header in version 4: where the table of streams is."""
_HIGHEST_DEGREE: Final = 4
_HIGHEST_RATIO: Final = 1032
"""What deflate can shrink data to at best; of zstd no more is believed."""
_SMALLEST_WINDOW: Final = 1 << 23
_LONGEST_EXTENSIONS: Final = 1 << 16
_MIP, _EXTENDED = 0x1, 0x2
_COORDINATES: Final = 0xADBE0003
_RIGHT_HANDED: Final = {
    0: (1.0, 1.0, 1.0), 1: (-1.0, -1.0, 1.0), 4: (1.0, 1.0, 1.0), 6: (1.0, -1.0, -1.0), 7: (-1.0, 1.0, -1.0)
}  # fmt: skip
"""Signs from axes that the extension may name (unspecified, LDB, RUB, RDF, LUF) to right, up, back."""

U8 = NDArray[np.uint8]


@dataclass(frozen=True)
class _Header:
    version: int
    count: int
    degree: int
    fraction: int
    flags: int
    streams: int

    def sizes(self) -> list[int]:
        """Bytes of positions, opacities, colours, scales, rotations and harmonics."""
        position = 6 if self.version == 1 else 9
        rotation = 3 if self.version < 3 else 4
        harmonics = 3 * ((self.degree + 1) ** 2 - 1)
        return [self.count * size for size in (position, 1, 3, 3, rotation, harmonics)]


def is_spz(blob: bytes) -> bool:
    """Whether a file starts as one of this format does."""
    return blob[:4] == _MAGIC or blob[:2] == _GZIP


def read_spz(blob: bytes) -> Cloud:
    """The Gaussians of an .spz file; raises RefusedError."""
    header, parts, extensions = _frames(blob) if blob[:4] == _MAGIC else _gzipped(blob)
    positions, opacities, colours, scales, rotations, harmonics = parts
    quaternions = _first_three(rotations) if header.version < 3 else _smallest_three(rotations)
    rest = (harmonics.reshape(header.count, -1, 3).astype(np.float32) - 128) / 128
    cloud = Cloud(
        positions=_positions(positions, header),
        scales=np.exp(scales.reshape(-1, 3).astype(np.float32) / 16 - 10),
        rotations=quaternions,
        opacities=opacities.astype(np.float32) / np.float32(255),
        sh=joined(((colours.reshape(-1, 3).astype(np.float32) / 255 - 0.5) / np.float32(0.15))[:, None], rest),
        mip=bool(header.flags & _MIP),
        y_up=True,
    )
    return turned(cloud, np.diag(_coordinates(extensions)))


def _positions(data: U8, header: _Header) -> F32:
    if header.version == 1:
        return data.view("<f2").reshape(-1, 3).astype(np.float32)
    octets = data.reshape(-1, 3).astype(np.int32)
    fixed = octets[:, 0] | octets[:, 1] << 8 | octets[:, 2] << 16
    fixed -= (fixed & 0x800000) << 1
    return (fixed.reshape(-1, 3) * 0.5**header.fraction).astype(np.float32)


def _first_three(data: U8) -> F32:
    """(N, 4) w, x, y, z; w is never negative."""
    xyz = data.reshape(-1, 3).astype(np.float32) / np.float32(127.5) - 1
    w = np.sqrt(np.maximum(1 - np.square(xyz).sum(axis=1, keepdims=True), 0))
    return np.concatenate([w, xyz], axis=1)


def _smallest_three(data: U8) -> F32:
    """(N, 4) w, x, y, z; the parts are kept in the order x, y, z, w, the last in the lowest bits."""
    words = data.view("<u4")
    largest = words >> np.uint32(30)
    xyzw = np.zeros((len(words), 4), np.float32)
    for index in range(4):
        mine = largest == index
        left = words[mine]
        for part in (part for part in (3, 2, 1, 0) if part != index):
            size = (left & np.uint32(511)).astype(np.float32) * np.float32(0.5**0.5 / 511)
            xyzw[mine, part] = np.where(left & np.uint32(512), -size, size)
            left = left >> np.uint32(10)
        xyzw[mine, index] = np.sqrt(np.maximum(1 - np.square(xyzw[mine]).sum(axis=1), 0))
    return xyzw[:, [3, 0, 1, 2]]


def _header(blob: bytes) -> _Header:
    if len(blob) < _HEADER.size:
        raise RefusedError("it ends within its header")
    magic, version, count, degree, fraction, flags, streams = _HEADER.unpack_from(blob)
    if magic != _MAGIC or not 1 <= version <= 4:
        raise RefusedError(f"it is no .spz of version 1 to 4 (it says {version})")
    check_count(count)
    if degree > _HIGHEST_DEGREE or fraction > 24:
        raise RefusedError(f"its header asks for harmonics of degree {degree} and {fraction} bits of fraction")
    return _Header(version, count, degree, fraction, flags, streams)


def _believe(header: _Header, blob: bytes) -> None:
    if sum(header.sizes()) > _HIGHEST_RATIO * len(blob):
        raise RefusedError(f"it is too short for the {header.count} Gaussians that it says it holds")


def _gzipped(blob: bytes) -> tuple[_Header, list[U8], bytes]:
    """Versions 1 to 3: header, attributes, and the bytes of extensions behind them."""
    stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        header = _header(stream.decompress(blob, _HEADER.size))
        if header.version == 4:
            raise RefusedError("it is of version 4, and yet gzipped as a whole")
        _believe(header, blob)
        size = sum(header.sizes())
        payload = stream.decompress(stream.unconsumed_tail, size) if size else b""
        rest = stream.decompress(stream.unconsumed_tail, _LONGEST_EXTENSIONS)
        rest += b"" if stream.eof else stream.decompress(stream.unconsumed_tail, 1)
    except zlib.error as error:
        raise RefusedError(f"it cannot be unpacked ({error})") from None
    if len(payload) < size or not stream.eof:
        raise RefusedError("it ends early" if len(payload) < size else "it holds more than its header says")
    ends = np.cumsum(header.sizes())[:-1]
    return header, np.split(np.frombuffer(payload, np.uint8), ends), rest if header.flags & _EXTENDED else b""


def _frames(blob: bytes) -> tuple[_Header, list[U8], bytes]:
    """Version 4: header, attributes, and the bytes of extensions between the header and the table of streams."""
    header = _header(blob)
    if header.version != 4 or len(blob) < _HEADER.size + _TABLE.size:
        raise RefusedError(f"it is of version {header.version}, and yet not gzipped")
    _believe(header, blob)
    (table,) = _TABLE.unpack_from(blob, _HEADER.size)
    sizes = [size for size in header.sizes() if size]
    at = table + 16 * header.streams
    if header.streams != len(sizes) or table < _HEADER.size + _TABLE.size or at > len(blob):
        raise RefusedError("its table of streams does not fit its header")
    parts = []
    for index, size in enumerate(sizes):
        packed, unpacked = struct.unpack_from("<QQ", blob, table + 16 * index)
        if unpacked != size or packed > len(blob) - at:
            raise RefusedError("its table of streams does not fit its header")
        parts.append(_frame(memoryview(blob)[at : at + packed], size))
        at += packed
    parts += [np.empty(0, np.uint8)] * (6 - len(parts))
    start = _HEADER.size + _TABLE.size
    return header, parts, blob[start : min(table, start + _LONGEST_EXTENSIONS)] if header.flags & _EXTENDED else b""


def _frame(data: memoryview, size: int) -> U8:
    """`size` bytes of one zstd frame. Read piece by piece, so that memory follows what is really there."""
    window = max(_SMALLEST_WINDOW, 1 << (size - 1).bit_length())
    unpacker = zstandard.ZstdDecompressor(max_window_size=window)
    pieces, left = [], size
    try:
        with unpacker.stream_reader(data) as stream:
            while left and (piece := stream.read(min(left, 1 << 20))):
                pieces.append(piece)
                left -= len(piece)
    except zstandard.ZstdError as error:
        raise RefusedError(f"it cannot be unpacked ({error})") from None
    if left:
        raise RefusedError("it ends early")
    return np.frombuffer(b"".join(pieces), np.uint8)


def _coordinates(extensions: bytes) -> tuple[float, float, float]:
    """Signs from the file's axes to right, up, back, as the extensions (type, length, value) have it."""
    at = 0
    while at + 8 <= len(extensions):
        kind, length = struct.unpack_from("<II", extensions, at)
        if kind == _COORDINATES and length >= 4 and at + 12 <= len(extensions):
            (system,) = struct.unpack_from("<I", extensions, at + 8)
            if system not in _RIGHT_HANDED:
                raise RefusedError(f"its axes (number {system}) are mirrored or on their side")
            return _RIGHT_HANDED[system]
        at += 8 + length
    return 1.0, 1.0, 1.0
