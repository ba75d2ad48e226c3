"""Numbers of a glTF file: strided, sparse and quantised, checked against the file before anything is allocated."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.importers.cloud import F32, RefusedError
from assets.importers.gltf import Accessor, Gltf, pick

I64 = NDArray[np.int64]

_TYPES: Final = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS: Final = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
_MOST_BYTES: Final = 1 << 28
_BYTES_A_BYTE: Final = 64
"""A file may ask for so many bytes of numbers for each of its own, or for _MOST_BYTES if that is less than it has
anyway: parts without data (all zero but for a few) would let a small file ask for any number."""


class Accessors:
    """The accessors of one file, each decoded once."""

    def __init__(self, gltf: Gltf) -> None:
        self._gltf = gltf
        self._left = max(min(_BYTES_A_BYTE * gltf.size, _MOST_BYTES), 4 * gltf.size)
        self._floats: dict[int, F32] = {}

    def floats(self, index: int, *types: str) -> F32:
        """(count, width) of an accessor of one of these types, normalised where it says so; raises RefusedError."""
        accessor = self._accessor(index, types)
        if index not in self._floats:
            values = self._values(accessor, 4)
            result = values.astype(np.float32)
            if accessor.normalized and values.dtype.kind in "iu":
                result /= np.float32(np.iinfo(values.dtype).max)
                np.maximum(result, -1, out=result)
            if not np.isfinite(result).all():
                raise RefusedError(f"its accessor {index} holds a value that is not a number")
            self._floats[index] = result
        return self._floats[index]

    def whole(self, index: int, *types: str) -> I64:
        """(count, width) of an accessor of unsigned integers; raises RefusedError."""
        accessor = self._accessor(index, types)
        if accessor.component_type not in (5121, 5123, 5125):
            raise RefusedError(f"its accessor {index} should hold whole numbers")
        return self._values(accessor, 8).astype(np.int64)

    def count(self, index: int) -> int:
        """Elements of an accessor."""
        return pick(self._gltf.document.accessors, index, "accessor").count

    def _accessor(self, index: int, types: tuple[str, ...]) -> Accessor:
        accessor = pick(self._gltf.document.accessors, index, "accessor")
        if accessor.type not in types or accessor.component_type not in _TYPES:
            raise RefusedError(f"its accessor {index} is not {' or '.join(types)} of numbers")
        if not accessor.count:
            raise RefusedError(f"its accessor {index} is empty")
        return accessor

    def _values(self, accessor: Accessor, size: int) -> NDArray[Any]:
        width, dtype = _WIDTHS[accessor.type], np.dtype(_TYPES[accessor.component_type])
        needed = accessor.count * width * (size + dtype.itemsize)
        if needed > self._left:
            raise RefusedError(f"it asks for {accessor.count} elements where it has data for fewer")
        self._left -= needed
        if accessor.buffer_view is None:
            values = np.zeros((accessor.count, width), dtype)
        else:
            stride = pick(self._gltf.document.buffer_views, accessor.buffer_view, "buffer view").byte_stride
            values = self._strided(accessor.buffer_view, accessor.byte_offset, accessor.count, width, dtype, stride)
        return values if accessor.sparse is None else self._replaced(accessor, values.copy())

    def _replaced(self, accessor: Accessor, values: NDArray[Any]) -> NDArray[Any]:
        sparse = accessor.sparse
        if sparse is None or not sparse.count:
            return values
        if sparse.indices.component_type not in (5121, 5123, 5125) or sparse.count > accessor.count:
            raise RefusedError("it holds a sparse accessor that does not fit itself")
        kind = np.dtype(_TYPES[sparse.indices.component_type])
        where = self._strided(sparse.indices.buffer_view, sparse.indices.byte_offset, sparse.count, 1, kind, 0)[:, 0]
        if where.max() >= accessor.count:
            raise RefusedError("it holds a sparse accessor that points outside itself")
        source = sparse.values
        values[where] = self._strided(
            source.buffer_view, source.byte_offset, sparse.count, values.shape[1], values.dtype, 0
        )
        return values

    def _strided(
        self, view: int, offset: int, count: int, width: int, dtype: np.dtype[Any], stride: int
    ) -> NDArray[Any]:
        data = self._gltf.view(view)
        element = width * dtype.itemsize
        stride = stride or element
        if stride < element or offset + stride * (count - 1) + element > len(data):
            raise RefusedError(f"it asks for {count} elements of buffer view {view}, which holds fewer")
        return np.ndarray((count, width), dtype, data, offset, (stride, dtype.itemsize))
