"""Arrays of numbers out of .npz files that others wrote: sizes are checked first, and no object is ever made of them.

`numpy.load` takes memory for the shape that an array's header states, whatever the file holds of it.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LARGEST: Final = 1 << 30
"""Bytes of a file, and of its arrays."""
_EXPANSION: Final = 16
"""Bytes of arrays for each byte of the file, from _FREE bytes on: poses and meshes hardly deflate."""
_FREE: Final = 1 << 20
_LONGEST_HEADER: Final = 4096


def read_npz(path: Path, names: Iterable[str]) -> dict[str, NDArray[Any]]:
    """Those arrays of a file that are there, read-only. Raises OSError, and ValueError with the reason where it is
    none, or is damaged."""
    size = path.stat().st_size
    if size > LARGEST:
        raise ValueError(f"it is {size} bytes long, and {LARGEST} is the most")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            wanted = {name: entries[f"{name}.npy"] for name in names if f"{name}.npy" in entries}
            needed = sum(entry.file_size for entry in wanted.values())
            if needed > min(_FREE + _EXPANSION * size, LARGEST):
                raise ValueError(f"its {size} bytes say that they unpack to {needed}")
            return {name: _array(archive, entry, name) for name, entry in wanted.items()}
    except (OSError, ValueError, MemoryError):
        raise
    except Exception as error:  # zipfile and zlib raise a dozen types on damaged data
        raise ValueError(str(error)[:100] or type(error).__name__) from None


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> NDArray[Any]:
    with archive.open(entry) as stream:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            read_header = np.lib.format.read_array_header_1_0
        elif version == (2, 0):
            read_header = np.lib.format.read_array_header_2_0
        else:
            raise ValueError(f"its array {name} is of version {version[0]}.{version[1]}")
        try:
            shape, in_columns, dtype = read_header(stream, max_header_size=_LONGEST_HEADER)
        except ValueError:
            raise ValueError(f"its array {name} has a damaged header") from None
        if dtype.kind not in "fiub":
            raise ValueError(f"its array {name} holds no plain numbers")
        if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != entry.file_size - stream.tell():
            raise ValueError(f"its array {name} is not as large as it says")
        flat = np.frombuffer(stream.read(), dtype)  # to its end, where its checksum is compared
    return flat.reshape(shape, order="F" if in_columns else "C")
