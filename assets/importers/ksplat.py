"""The `.ksplat` of mkkellogg's viewer, version 0.1: sections of Gaussians in buckets, in three depths of compression.

A header of 4,096 bytes, one of 1,024 a section, then each section: the sizes of its buckets that are not full, the
centres of all, and its rows: position, deviations, rotation w x y z, display colour and opacity, harmonics band by
band, in each all of red, then of green, then of blue. Positions are floats (level 0) or 16 bits within a bucket;
harmonics floats, halves (1) or bytes (2). (GaussianSplats3D, SplatBuffer.js; splat-transform, read-ksplat.ts.)
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.importers.cloud import Cloud, RefusedError, check_count, constant_harmonic, joined

_HEADER: Final = 4096
_SECTION: Final = 1024
_MOST_SECTIONS: Final = 1 << 16
_BANDS: Final = (3, 5, 7)


@dataclass(frozen=True)
class _Section:
    count: int
    room: int
    full: int
    """Gaussians in a full bucket."""
    buckets: int
    side: float
    """Of a bucket's block."""
    stored: int
    """Bytes a bucket's centre takes."""
    steps: int
    full_buckets: int
    partial_buckets: int
    degree: int


def read_ksplat(blob: bytes) -> Cloud:
    """The Gaussians of a .ksplat file; raises RefusedError."""
    if len(blob) < _HEADER:
        raise RefusedError("it ends within its header")
    major, minor, _, sections, _, _, count, level = struct.unpack_from("<BBHIIIIH", blob)
    low, high = (value or end for value, end in zip(struct.unpack_from("<ff", blob, 36), (-1.5, 1.5), strict=True))
    if (major, minor) != (0, 1) or level > 2 or sections > _MOST_SECTIONS:
        raise RefusedError(f"it is no .ksplat of version 0.1 (it says {major}.{minor}, level {level})")
    check_count(count)
    if _HEADER + sections * _SECTION > len(blob):
        raise RefusedError(f"it ends before its {sections} sections")
    at = _HEADER + sections * _SECTION
    clouds = []
    for index in range(sections):
        section = _section(blob, _HEADER + index * _SECTION)
        cloud, at = _rows(blob, at, section, level, (low, high))
        clouds.append(cloud)
    if sum(len(cloud) for cloud in clouds) != count:
        raise RefusedError(f"its sections do not hold the {count} Gaussians that its header says")
    terms = max(cloud.sh.shape[1] for cloud in clouds)
    padded = [np.pad(cloud.sh, ((0, 0), (0, terms - cloud.sh.shape[1]), (0, 0))) for cloud in clouds]
    return Cloud(
        positions=np.concatenate([cloud.positions for cloud in clouds]),
        scales=np.concatenate([cloud.scales for cloud in clouds]),
        rotations=np.concatenate([cloud.rotations for cloud in clouds]),
        opacities=np.concatenate([cloud.opacities for cloud in clouds]),
        sh=np.concatenate(padded),
    )


def _section(blob: bytes, at: int) -> _Section:
    count, room, full, buckets, side, stored, _, steps, _, whole, partial, degree = struct.unpack_from(
        "<IIIIfHHIIIIH", blob, at
    )
    if degree >= len(_BANDS) + 1 or count > room or whole + partial > buckets:
        raise RefusedError("the header of one of its sections contradicts itself")
    return _Section(count, room, full, buckets, side, stored, steps or 32767, whole, partial, degree)


def _rows(blob: bytes, at: int, section: _Section, level: int, ends: tuple[float, float]) -> tuple[Cloud, int]:
    """A section's Gaussians, and where the next section begins."""
    number = "<f4" if level == 0 else "<f2"
    terms = 3 * sum(_BANDS[: section.degree])
    row = np.dtype(
        [
            ("position", "<f4" if level == 0 else "<u2", 3),
            ("scale", number, 3),
            ("rotation", number, 4),
            ("colour", "u1", 4),
            ("harmonics", ("<f4", "<f2", "u1")[level], terms),
        ]
    )
    centres_at = at + 4 * section.partial_buckets
    rows_at = centres_at + section.stored * section.buckets
    end = rows_at + row.itemsize * section.room
    if end > len(blob):
        raise RefusedError("it ends within a section")
    rows = np.frombuffer(blob, row, section.count, rows_at) if section.count else np.empty(0, row)
    positions = rows["position"].astype(np.float32)
    if level:
        if section.stored < 12:
            raise RefusedError("its buckets have no centres")
        strides = np.ndarray((section.buckets, 3), "<f4", blob, centres_at, (section.stored, 4))
        positions -= np.float32(section.steps)
        positions *= np.float32(section.side / 2 / section.steps)
        positions += strides[_buckets(blob, at, section)]
    rest = rows["harmonics"].astype(np.float32)
    if level == 2:
        rest = ends[0] + rest * np.float32((ends[1] - ends[0]) / 255)
    colour = rows["colour"].astype(np.float32) / np.float32(255)
    cloud = Cloud(
        positions=positions,
        scales=rows["scale"].astype(np.float32),
        rotations=rows["rotation"].astype(np.float32),
        opacities=colour[:, 3].copy(),
        sh=joined(constant_harmonic(colour[:, :3]), _by_coefficient(rest)),
    )
    return cloud, end


def _buckets(blob: bytes, at: int, section: _Section) -> NDArray[np.intp]:
    """(count,) the bucket of each Gaussian: first the full ones, then the others."""
    partial = np.frombuffer(blob, "<u4", section.partial_buckets, at) if section.partial_buckets else np.empty(0, "<u4")
    sizes = np.concatenate([np.full(section.full_buckets, section.full, np.int64), partial.astype(np.int64)])
    ends = np.cumsum(sizes)
    if not len(ends) or ends[-1] < section.count:
        raise RefusedError("its buckets do not hold its Gaussians")
    return np.searchsorted(ends, np.arange(section.count), side="right")


def _by_coefficient(values: NDArray[Any]) -> NDArray[Any]:
    """(N, k, 3) of bands of (N, 3 (2 degree + 1))."""
    bands, at = [np.empty((len(values), 0, 3), np.float32)], 0
    for size in _BANDS:
        if at < values.shape[1]:
            bands.append(values[:, at : at + 3 * size].reshape(-1, 3, size).transpose(0, 2, 1))
            at += 3 * size
    return np.concatenate(bands, axis=1)
