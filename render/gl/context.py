"""The GL context, and compute shaders loaded by name.

Shaders are written in the part of GLSL that GL 4.3 and GLES 3.1 share and carry no `#version`: it is put in front
here, with the numbers that the caller defines. `#include "name.glsl"` brings in another file of the same folder.
"""

from __future__ import annotations

import gc
import re
import struct
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Literal, TypeVar

import moderngl

from render.errors import ContextError, ShaderError
from render.gl.egl import Egl
from render.gl.es import current_es_context

_EGL: dict[str, Any] = {"backend": "egl"}  # moderngl's stubs call every further setting a dict

_DESKTOP = "#version 430\n"
_ES = "#version 310 es\n" + "".join(f"precision highp {t};\n" for t in ("float", "int", "image2D", "sampler2D"))
_INCLUDE = re.compile(r'^#include "(\w+\.glsl)"$', re.MULTILINE)
_STORAGE = re.compile(r"layout\(std430, binding = (\d+)\)\s+(readonly|writeonly)?\s*buffer")

Api = Literal["gl", "gles"]
Listener = Callable[[Sequence[tuple[moderngl.Buffer, int]]], None]
"""Is told of every dispatch by the buffers bound for it, with a 1 beside each that is read or written and a 2 where
both."""
T = TypeVar("T")
Value = int | float | tuple[float, ...] | tuple[tuple[float, ...], ...]


@dataclass
class Extra:
    """What goes with a context, in its `extra`."""

    listener: Listener | None = None
    """While a bench listens."""
    shared: dict[Hashable, Any] = field(default_factory=dict)
    """Made once, for as long as the context is there."""


def extra(ctx: moderngl.Context) -> Extra:
    """Of this context."""
    if not isinstance(ctx.extra, Extra):
        ctx.extra = Extra()
    found: Extra = ctx.extra
    return found


def shared(ctx: moderngl.Context, key: Hashable, make: Callable[[], T]) -> T:
    """What was made in this context for `key`, made now where it was not. Programs are the same for every avatar, and
    some drivers take a frame's time to make one."""
    known = extra(ctx).shared
    if key not in known:
        known[key] = make()
    made: T = known[key]
    return made


def standalone_context(api: Api = "gl") -> moderngl.Context:
    """A context of its own, without a window: EGL, on the GPU or on Mesa's software one; GL 4.3 or GLES 3.1, or newer.
    Raises ContextError."""
    if api == "gles":
        egl = Egl()
        made = egl.create_es(3, 1)
        try:
            return current_es_context(egl, owned=True)
        except ContextError:
            egl.destroy(made)
            raise
    try:
        return moderngl.create_context(require=430, standalone=True, **_EGL)
    except Exception as error:  # the backend raises bare Exception, ImportError and ValueError
        raise ContextError(
            f"There is no OpenGL 4.3 through EGL on this machine ({error}); install libegl1 and libgl1-mesa-dri."
        ) from None


def is_es(ctx: moderngl.Context) -> bool:
    """Whether this is GLES, of which no version is numbered as high as the oldest GL that will do."""
    return bool(ctx.version_code < 430)


def is_software(ctx: moderngl.Context) -> bool:
    """Whether the processor draws, not a GPU."""
    return any(name in ctx.info["GL_RENDERER"].lower() for name in ("llvmpipe", "softpipe", "swiftshader"))


def serial_chunks(ctx: moderngl.Context) -> int:
    """Into how many chunks to cut work that each invocation does in order (binning): enough to keep the
    threads of a software GPU busy, or to hide the memory latency of a real one."""
    return 64 if is_software(ctx) else 512


@contextmanager
def nothing_stays(ctx: moderngl.Context) -> Iterator[None]:
    """Gives back to the GPU, at the end, what was made inside and is held by nobody then, whatever the context does
    with such objects otherwise."""
    mode, ctx.gc_mode = ctx.gc_mode, "auto"
    try:
        yield
    finally:
        gc.collect()
        ctx.gc_mode = mode


@contextmanager
def later(ctx: moderngl.Context) -> Iterator[None]:
    """What nobody holds any more inside waits for `give_back`, whatever the context does with such objects
    otherwise."""
    mode, ctx.gc_mode = ctx.gc_mode, "context_gc"
    try:
        yield
    finally:
        ctx.gc_mode = mode


def give_back(ctx: moderngl.Context, most: int | None = None) -> None:
    """Gives back to the GPU what nobody holds any more, in a context of gc_mode "context_gc" or by `later`, so many
    objects at `most`; call it where the context is current. `Context.gc` fails at objects that were released before
    they were dropped."""
    while ctx.objects and most != 0:
        dropped, most = ctx.objects.popleft(), None if most is None else most - 1
        if hasattr(dropped, "release"):
            dropped.release()


def shader_source(ctx: moderngl.Context, name: str, defines: dict[str, int]) -> str:
    """The whole text of `shaders/NAME.glsl` for this context."""
    return (
        shader_head(ctx) + "".join(f"#define {key} {value}\n" for key, value in defines.items()) + _text(f"{name}.glsl")
    )


def shader_head(ctx: moderngl.Context) -> str:
    """What stands before every shader: its version and, in GLES, precisions."""
    return _ES if is_es(ctx) else _DESKTOP


def _text(file: str) -> str:
    text = resources.files("render.shaders").joinpath(file).read_text()
    return _INCLUDE.sub(lambda match: _text(match[1]), text)


class Uniforms:
    """Of one program: told to it only where they change."""

    def __init__(self, program: moderngl.Program | moderngl.ComputeShader) -> None:
        self._members: dict[str, Any] = {key: program[key] for key in program}
        self._values: dict[str, Value] = {}

    def set(self, **values: Value) -> None:
        """What these are from now on."""
        known = self._values
        for key, value in values.items():
            if known.get(key) != value:
                self._members[key].value = value
                known[key] = value


class _Compute:
    """A compute shader that was compiled."""

    def __init__(self, ctx: moderngl.Context, name: str, defines: dict[str, int]) -> None:
        source = shader_source(ctx, name, defines)
        self.passes = {int(binding): 1 if access else 2 for binding, access in _STORAGE.findall(source)}
        try:
            self.shader = ctx.compute_shader(source)
        except moderngl.Error as error:
            raise ShaderError(f"The driver does not take the shader {name}: {str(error).strip()}") from None
        self.uniforms = Uniforms(self.shader)


class Kernel:
    """One compute shader; its storage buffers are bound in the order in which they are handed over. Kernels of one
    name and the same numbers share one program."""

    def __init__(self, ctx: moderngl.Context, name: str, **defines: int) -> None:
        self._ctx, self._extra = ctx, extra(ctx)
        key = name, *sorted(defines.items())
        self._compute = shared(ctx, key, lambda: _Compute(ctx, name, defines))

    def __call__(self, groups: tuple[int, ...] | int, buffers: Sequence[moderngl.Buffer], **uniforms: Value) -> None:
        """Dispatch `groups` workgroups (x, y, z); what they wrote is visible to whatever comes after."""
        self._prepare(buffers, uniforms)
        self._compute.shader.run(*(groups if isinstance(groups, tuple) else (groups,)))
        self._done(buffers)

    def indirect(
        self, groups: tuple[moderngl.Buffer, int], buffers: Sequence[moderngl.Buffer], **uniforms: Value
    ) -> None:
        """Dispatch as many workgroups as the GPU wrote: three words of a buffer, from an offset in bytes."""
        self._prepare(buffers, uniforms)
        self._compute.shader.run_indirect(*groups)
        # Whoever counts what is moved may wait for the GPU.
        idle = self._extra.listener is not None and 0 in struct.unpack("3I", groups[0].read(12, offset=groups[1]))
        self._done([] if idle else buffers)

    def _prepare(self, buffers: Sequence[moderngl.Buffer], uniforms: dict[str, Value]) -> None:
        for binding, buffer in enumerate(buffers):
            buffer.bind_to_storage_buffer(binding)
        if uniforms:
            self._compute.uniforms.set(**uniforms)

    def _done(self, buffers: Sequence[moderngl.Buffer]) -> None:
        self._ctx.memory_barrier()
        if self._extra.listener is not None:
            passes = self._compute.passes
            self._extra.listener([(buffer, passes.get(binding, 0)) for binding, buffer in enumerate(buffers)])


def groups(invocations: int, size: int) -> int:
    """Workgroups of `size` that hold at least this many invocations."""
    return -(-invocations // size)
