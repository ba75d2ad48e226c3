"""The `.splat` of antimatter15's viewer: 32 bytes a Gaussian and no header.

Position and standard deviations as floats, display colour and opacity as bytes, rotation w x y z as bytes around 128.
(github.com/antimatter15/splat, convert.py.)
"""

from __future__ import annotations

from typing import Final

import numpy as np

from assets.importers.cloud import Cloud, RefusedError, check_count, constant_harmonic

_ROW: Final = np.dtype([("position", "<f4", 3), ("scale", "<f4", 3), ("colour", "u1", 4), ("rotation", "u1", 4)])


def read_splat(blob: bytes) -> Cloud:
    """The Gaussians of a .splat file; raises RefusedError."""
    count, odd = divmod(len(blob), _ROW.itemsize)
    if odd:
        raise RefusedError(f"its length is no multiple of {_ROW.itemsize} bytes")
    check_count(count)
    rows = np.frombuffer(blob, _ROW)
    colour = rows["colour"].astype(np.float32) / np.float32(255)
    return Cloud(
        positions=rows["position"].astype(np.float32),
        scales=rows["scale"].astype(np.float32),
        rotations=(rows["rotation"].astype(np.float32) - 128) / np.float32(128),
        opacities=colour[:, 3].copy(),
        sh=constant_harmonic(colour[:, :3]),
    )
