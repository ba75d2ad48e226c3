"""Pictures on surfaces: decoded with a limit, in linear light, and blurred to any size of footprint."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.importers.cloud import F32, RefusedError
from assets.pictures import read_picture

F64 = NDArray[np.float64]

_WIDEST: Final = 2048
"""Texels kept each way: a whole avatar has fewer Gaussians than a picture of this size has texels."""
REPEAT, CLAMP, MIRROR = 10497, 33071, 33648
"""glTF's ways to go on beyond the edge."""


@dataclass(frozen=True)
class Texture:
    """A pyramid of means: level k is 2^k times coarser."""

    levels: tuple[F32, ...]
    """(H, W, 4) each: linear colour times alpha, alpha."""
    contrast: tuple[F32, ...]
    """(H, W) each: the step from texel to texel in display values, and of alpha where that counts."""
    wrap: tuple[int, int] = (REPEAT, REPEAT)

    @property
    def size(self) -> F64:
        """(2,) width and height in texels."""
        height, width = self.levels[0].shape[:2]
        return np.array([width, height], np.float64)

    def at(self, uv: F64, footprint: F64) -> F64:
        """(N, 4) linear colour and alpha at (N, 2), v downwards, averaged over `footprint` (N,) texels each way."""
        value = self._between(self.levels, uv, footprint)
        return np.concatenate([value[:, :3] / np.maximum(value[:, 3:], 1e-6), value[:, 3:]], axis=1)

    def contrast_at(self, uv: F64, footprint: F64) -> F64:
        """(N,) the step between neighbouring footprints around (N, 2)."""
        return self._between(tuple(level[..., None] for level in self.contrast), uv, footprint)[:, 0]

    def _between(self, levels: tuple[F32, ...], uv: F64, footprint: F64) -> F64:
        level = np.clip(np.log2(np.maximum(footprint, 1e-9)), 0, len(levels) - 1)
        result = np.zeros((len(uv), levels[0].shape[2]))
        for k, picture in enumerate(levels):
            share = np.maximum(1 - np.abs(level - k), 0)
            some = np.flatnonzero(share)
            if len(some):
                result[some] += share[some, None] * self._bilinear(picture, uv[some])
        return result

    def _bilinear(self, picture: F32, uv: F64) -> F64:
        height, width = picture.shape[:2]
        x, y = uv[:, 0] * width - 0.5, uv[:, 1] * height - 0.5
        column, row = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
        x, y = x - column, y - row
        result = np.zeros((len(uv), picture.shape[2]))
        for i, share_x in enumerate((1 - x, x)):
            for j, share_y in enumerate((1 - y, y)):
                texel = picture[_wrapped(row + j, height, self.wrap[1]), _wrapped(column + i, width, self.wrap[0])]
                result += (share_x * share_y)[:, None] * texel
        return result


def read_texture(data: bytes | memoryview, *, alpha: bool, cutoff: float | None, wrap: tuple[int, int]) -> Texture:
    """The picture of a file as a texture; raises RefusedError.

    alpha: whether its transparency counts; cutoff: what is as opaque as that is opaque, all else is not there.
    """
    try:
        coloured = read_picture(io.BytesIO(data), "RGBA")
    except ValueError as error:
        raise RefusedError(f"a picture in it cannot be read: {error}") from None
    shrink = -(-max(coloured.size) // _WIDEST)
    if shrink > 1:
        coloured = coloured.reduce(shrink)
    display = np.asarray(coloured)
    opacity = display[..., 3].astype(np.float32) / 255 if alpha else np.ones(display.shape[:2], np.float32)
    if cutoff is not None:
        opacity = (opacity >= cutoff).astype(np.float32)
    base = np.concatenate([_LINEAR[display[..., :3]] * opacity[..., None], opacity[..., None]], axis=2)
    levels = [np.asarray(base, np.float32)]
    while min(levels[-1].shape[:2]) > 1:
        levels.append(_halved(levels[-1]))
    return Texture(tuple(levels), tuple(_contrast(level) for level in levels), wrap)


def linear(display: NDArray[np.floating]) -> F32:
    """Linear light of sRGB values from 0 to 1 (IEC 61966-2-1)."""
    display = np.asarray(display, np.float64)
    return np.where(display <= 0.04045, display / 12.92, ((display + 0.055) / 1.055) ** 2.4).astype(np.float32)


_LINEAR: Final = linear(np.arange(256) / 255)


def _halved(picture: F32) -> F32:
    height, width = (side - side % 2 for side in picture.shape[:2])
    even = picture[:height, :width]
    total = even[0::2, 0::2] + even[1::2, 0::2] + even[0::2, 1::2] + even[1::2, 1::2]
    return np.asarray(total / 4, np.float32)


def _contrast(level: F32) -> F32:
    shown = np.sqrt(np.clip(level, 0, 1))  # near enough to display values
    total = np.zeros(level.shape[:2], np.float32)
    for axis in (0, 1):
        step = np.abs(np.diff(shown, axis=axis)).max(axis=2)
        if not step.size:
            continue
        padding = [(0, 0), (0, 0)]
        padding[axis] = (0, 1)
        before = np.pad(step, padding)
        padding[axis] = (1, 0)
        total = np.maximum(total, np.maximum(before, np.pad(step, padding)))
    return total


def _wrapped(index: NDArray[np.int64], size: int, how: int) -> NDArray[np.int64]:
    if how == CLAMP:
        return np.clip(index, 0, size - 1)
    if how == MIRROR:
        folded = index % (2 * size)
        return np.minimum(folded, 2 * size - 1 - folded)
    return index % size
