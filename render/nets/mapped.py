"""GL buffers whose memory the processor sees as well, and fences that tell when the GPU is done with them.

GL 4.4, ARB_buffer_storage, or EXT_buffer_storage on GLES: the mapping is persistent and coherent, so what is written
into it is seen by every GL command that is issued later, and what the GPU wrote is seen after a fence.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_int, c_ssize_t, c_uint, c_uint64, c_void_p

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.gl.context import is_es
from render.gl.raw import gl_function

_TARGET = 0x8F37  # GL_COPY_WRITE_BUFFER
_READ_WRITE_PERSISTENT_COHERENT = 0x1 | 0x2 | 0x40 | 0x80
_SYNC_GPU_COMMANDS_COMPLETE = 0x9117
_FLUSH = 0x1
_DONE = (0x911A, 0x911C)
"""GL_ALREADY_SIGNALED, GL_CONDITION_SATISFIED."""
_SLACK = 256
"""Bytes behind a tensor, where kernels that work in blocks may read or write."""


def can_map(ctx: moderngl.Context) -> bool:
    """Whether the driver keeps buffers mapped while the GPU uses them."""
    if is_es(ctx):
        return "GL_EXT_buffer_storage" in ctx.extensions
    return ctx.version_code >= 440 or "GL_ARB_buffer_storage" in ctx.extensions


class MappedBuffer:
    """A buffer of `size` bytes: `buffer` for the GPU, `floats` (size / 4,) the same memory for the processor.

    Both are valid until `release`; whoever writes one side keeps the other from reading meanwhile.
    """

    def __init__(self, ctx: moderngl.Context, size: int) -> None:
        suffix = "EXT" if is_es(ctx) else ""
        generate = gl_function(ctx, "glGenBuffers", None, c_int, POINTER(c_uint))
        bind = gl_function(ctx, "glBindBuffer", None, c_uint, c_uint)
        storage = gl_function(ctx, f"glBufferStorage{suffix}", None, c_uint, c_ssize_t, c_void_p, c_uint)
        map_range = gl_function(ctx, "glMapBufferRange", c_void_p, c_uint, c_ssize_t, c_ssize_t, c_uint)
        self._delete = gl_function(ctx, "glDeleteBuffers", None, c_int, POINTER(c_uint))
        self._name = c_uint()
        generate(1, byref(self._name))
        bind(_TARGET, self._name)
        storage(_TARGET, size + _SLACK, None, _READ_WRITE_PERSISTENT_COHERENT)
        address = map_range(_TARGET, 0, size + _SLACK, _READ_WRITE_PERSISTENT_COHERENT)
        bind(_TARGET, 0)
        if not address:
            self._delete(1, byref(self._name))
            raise MemoryError("The driver maps no buffer of this size.")
        memory = (ctypes.c_float * (size // 4)).from_address(address)
        self.floats: NDArray[np.float32] = np.ctypeslib.as_array(memory)
        self.buffer = ctx.external_buffer(self._name.value, size)

    @property
    def address(self) -> int:
        """Where `floats` begins."""
        return int(self.floats.ctypes.data)

    def release(self) -> None:
        """Give the memory back; deleting unmaps it."""
        self.buffer.release()
        self._delete(1, byref(self._name))


class Fences:
    """Marks in the stream of GL commands, asked after without waiting."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._make = gl_function(ctx, "glFenceSync", c_void_p, c_uint, c_uint)
        self._wait = gl_function(ctx, "glClientWaitSync", c_uint, c_void_p, c_uint, c_uint64)
        self._delete = gl_function(ctx, "glDeleteSync", None, c_void_p)

    def put(self) -> int:
        """A mark after everything issued so far."""
        return int(self._make(_SYNC_GPU_COMMANDS_COMPLETE, 0))

    def passed(self, fence: int, patience: float = 0.0) -> bool:
        """Whether the GPU has come past it, within `patience` seconds; a passed mark is gone."""
        if self._wait(fence, _FLUSH, round(patience * 1e9)) not in _DONE:
            return False
        self._delete(fence)
        return True

    def drop(self, fence: int) -> None:
        """Forget a mark."""
        self._delete(fence)
