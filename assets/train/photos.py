"""The capture's pictures on the device, kept there as far as they fit."""

from __future__ import annotations

from typing import Final, NamedTuple

import torch
from torch import Tensor

from assets.train.capture import Capture, Pair

MOST_BYTES: Final = 2 << 30


class Picture(NamedTuple):
    """`capture.Photo` as tensors."""

    light: Tensor
    cover: Tensor
    counts: Tensor


class Photos:
    """Reads each picture once, or again where all of them are too large to keep."""

    def __init__(self, capture: Capture, device: torch.device) -> None:
        self._capture, self._device = capture, device
        self._kept: dict[Pair, Picture] = {}
        self._bytes = 0

    def get(self, pair: Pair) -> Picture:
        """One picture. Raises CaptureError."""
        if pair in self._kept:
            return self._kept[pair]
        photo = self._capture.photo(pair)
        arrays = (photo.light, photo.cover, photo.counts)
        picture = Picture(*(torch.as_tensor(array, device=self._device) for array in arrays))
        size = sum(array.nbytes for array in arrays)
        if self._bytes + size <= MOST_BYTES:
            self._kept[pair] = picture
            self._bytes += size
        return picture
