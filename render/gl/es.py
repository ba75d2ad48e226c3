"""moderngl on GLES 3.1 and newer.

moderngl asks its context for GL functions by name and calls them as desktop GL has them. In a GLES context it is given
the functions of this file wherever GLES has none of that name, or takes other arguments: the same work in GLES's words.
What cannot be done there is refused by name, where many a driver would give no address and the call end the process.

What stays different: pictures are read with four components, depth is not read at all, and there are no lines for
surfaces. Points always have the size that the program gives them, sRGB framebuffers always encode, cube maps have no
seams.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import CFUNCTYPE, byref, c_char_p, c_double, c_float, c_int32, c_uint8, c_uint32, c_void_p, cast
from functools import partial
from typing import Any, Final

import moderngl

from render.errors import ContextError
from render.gl.egl import Current, Egl

_ALWAYS_ON: Final = (0x8642, 0x884F, 0x8DB9)
"""GL_PROGRAM_POINT_SIZE, GL_TEXTURE_CUBE_MAP_SEAMLESS, GL_FRAMEBUFFER_SRGB: GLES cannot name them."""
_TEXTURE_2D: Final = 0x0DE1
_TEXTURE_BINDING_2D: Final = 0x8069
_TEXTURE_WIDTH: Final = 0x1000
_TEXTURE_HEIGHT: Final = 0x1001
_READ_FRAMEBUFFER: Final = 0x8CA8
_READ_FRAMEBUFFER_BINDING: Final = 0x8CAA
_COLOR_ATTACHMENT0: Final = 0x8CE0
_FLOAT: Final = 0x1406
_VERSION: Final = 0x1F02
_DEPTH_COMPONENT24: Final = 0x81A6
_DEPTH_COMPONENT32F: Final = 0x8CAC
_REFUSED: Final = (
    "glBindFragDataLocation",
    "glPointSize",
    "glPolygonMode",
    "glProvokingVertex",
    "glShaderStorageBlockBinding",
    "glTexImage2DMultisample",
)
_NEEDED: Final = (("storage buffers in a compute shader", 0x90DB, 12), ("invocations in a workgroup", 0x90EB, 256))
"""What GLES 3.1 promises less of (4 and 128) than the stages use; mobile GPUs have more."""

Find = Callable[[str], int]


class EsFunctions:
    """What moderngl takes for a context: the functions of `current`, by name.

    `find` gives the address of a function in the driver, 0 where there is none; `owned` says whether releasing the
    moderngl context ends the EGL context too.
    """

    def __init__(self, egl: Egl, current: Current, find: Find, *, owned: bool) -> None:
        self._egl, self._current, self._find, self._owned = egl, current, find, owned
        # GL calls these for as long as the context lives.
        self._instead = {**{name: _refusal(name) for name in _REFUSED}, **_translations(find)}

    def load_opengl_function(self, name: str) -> int:
        """Where moderngl finds `name`."""
        if name == "glPrimitiveRestartIndex":
            return 0  # moderngl then restarts at the largest index, as GLES always does
        if name in self._instead:
            return cast(self._instead[name], c_void_p).value or 0
        return self._find(name)

    def __enter__(self) -> EsFunctions:
        self._egl.make_current(self._current)
        return self

    def __exit__(self, *error: object) -> None:
        self._egl.make_current(Current(self._current.display, None, None, None))

    def release(self) -> None:
        """End the context, if it is owned."""
        if self._owned:
            self._egl.destroy(self._current)


def current_es_context(egl: Egl | None = None, *, owned: bool = False, find: Find | None = None) -> moderngl.Context:
    """A moderngl context around the GLES context that is current in this thread. Raises ContextError where there is
    none, or where it is older than 3.1 or allows less than the stages need."""
    egl = egl or Egl()
    find = find or egl.address
    current = egl.current()
    get_string = CFUNCTYPE(c_char_p, c_uint32)(find("glGetString"))
    if current.context is None or not get_string(_VERSION).startswith(b"OpenGL ES"):
        raise ContextError("No GLES context is current in this thread; make one current before the renderer starts.")
    get_integer = CFUNCTYPE(None, c_uint32, c_void_p)(find("glGetIntegerv"))

    def limit(name: int) -> int:
        value = c_int32()
        get_integer(name, byref(value))
        return value.value

    version = limit(0x821B), limit(0x821C)
    if version < (3, 1):
        raise ContextError(f"This driver has GLES {version[0]}.{version[1]} and Visavis needs 3.1; update the driver.")
    for what, name, needed in _NEEDED:
        if limit(name) < needed:
            raise ContextError(f"This GLES driver allows {limit(name)} {what}, fewer than {needed}; update the driver.")
    settings: dict[str, Any] = {"context": EsFunctions(egl, current, find, owned=owned)}
    ctx = moderngl.create_context(require=310, **settings)
    _ = ctx.info  # asked for once; moderngl asks for limits that GLES does not name
    while ctx.error != "GL_NO_ERROR":
        pass
    return ctx


def _refusal(name: str) -> Any:
    def refuse() -> None:
        raise ContextError(f"GLES has no {name}; nothing was done.")

    return CFUNCTYPE(None)(refuse)


def _translations(find: Find) -> dict[str, Any]:
    """C functions by the names that desktop GL has for them."""

    def driver(name: str, *arguments: Any) -> Callable[..., None]:
        return CFUNCTYPE(None, *arguments)(find(name))

    clear_depth = driver("glClearDepthf", c_float)
    depth_range = driver("glDepthRangef", c_float, c_float)
    draw_buffers = driver("glDrawBuffers", c_int32, c_void_p)
    enable, disable = driver("glEnable", c_uint32), driver("glDisable", c_uint32)
    color_mask = driver("glColorMask", *[c_uint8] * 4)
    draw_arrays = driver("glDrawArraysIndirect", c_uint32, c_void_p)
    draw_elements = driver("glDrawElementsIndirect", c_uint32, c_uint32, c_void_p)
    picture = [c_uint32, c_int32, c_int32, c_int32, c_int32, c_int32, c_uint32, c_uint32, c_void_p]
    tex_image = driver("glTexImage2D", *picture)
    tex_storage = driver("glTexStorage2D", c_uint32, c_int32, c_uint32, c_int32, c_int32)
    integer = driver("glGetIntegerv", c_uint32, c_void_p)
    level_integer = driver("glGetTexLevelParameteriv", c_uint32, c_int32, c_uint32, c_void_p)
    make_framebuffers = driver("glGenFramebuffers", c_int32, c_void_p)
    delete_framebuffers = driver("glDeleteFramebuffers", c_int32, c_void_p)
    bind_framebuffer = driver("glBindFramebuffer", c_uint32, c_uint32)
    attach = driver("glFramebufferTexture2D", c_uint32, c_uint32, c_uint32, c_uint32, c_int32)
    read_pixels = driver("glReadPixels", *[c_int32] * 4, c_uint32, c_uint32, c_void_p)

    def switch(to: Callable[[int], None], capability: int) -> None:
        if capability not in _ALWAYS_ON:
            to(capability)

    def multi_draw_arrays(mode: int, first: int | None, count: int, stride: int) -> None:
        for command in range(count):
            draw_arrays(mode, (first or 0) + command * stride)

    def multi_draw_elements(mode: int, kind: int, first: int | None, count: int, stride: int) -> None:
        for command in range(count):
            draw_elements(mode, kind, (first or 0) + command * stride)

    def image(
        target: int, level: int, format: int, w: int, h: int, border: int, base: int, kind: int, pixels: int | None
    ) -> None:
        """A texture made without pixels is one to draw or store into; GLES lets a shader store into storage that
        can no longer change alone. Floats make no 24-bit depth there."""
        if format == _DEPTH_COMPONENT24 and kind == _FLOAT:
            format = _DEPTH_COMPONENT32F
        if target == _TEXTURE_2D and level == 0 and pixels is None:
            tex_storage(target, 1, format, w, h)
        else:
            tex_image(target, level, format, w, h, border, base, kind, pixels)

    def read(target: int, level: int, base: int, kind: int, pixels: int) -> None:
        """Through a framebuffer of its own."""
        texture, before, made = c_int32(), c_int32(), c_uint32()
        width, height = c_int32(), c_int32()
        integer(_TEXTURE_BINDING_2D, byref(texture))
        integer(_READ_FRAMEBUFFER_BINDING, byref(before))
        level_integer(target, level, _TEXTURE_WIDTH, byref(width))
        level_integer(target, level, _TEXTURE_HEIGHT, byref(height))
        make_framebuffers(1, byref(made))
        bind_framebuffer(_READ_FRAMEBUFFER, made.value)
        attach(_READ_FRAMEBUFFER, _COLOR_ATTACHMENT0, target, texture.value, level)
        read_pixels(0, 0, width.value, height.value, base, kind, pixels)
        bind_framebuffer(_READ_FRAMEBUFFER, before.value)
        delete_framebuffers(1, byref(made))

    def mask(buffer: int, *channels: int) -> None:
        """GLES 3.1 masks all pictures of a framebuffer as one."""
        if buffer == 0:
            color_mask(*channels)

    made: dict[str, tuple[Callable[..., None], list[Any]]] = {
        "glClampColor": (lambda target, clamp: None, [c_uint32, c_uint32]),  # GLES never clamps what it reads
        "glClearDepth": (clear_depth, [c_double]),
        "glColorMaski": (mask, [c_uint32, *[c_uint8] * 4]),
        "glDepthRange": (depth_range, [c_double, c_double]),
        "glDisable": (partial(switch, disable), [c_uint32]),
        "glDrawBuffer": (lambda buffer: draw_buffers(1, byref(c_uint32(buffer))), [c_uint32]),
        "glEnable": (partial(switch, enable), [c_uint32]),
        "glGetTexImage": (read, [c_uint32, c_int32, c_uint32, c_uint32, c_void_p]),
        "glMultiDrawArraysIndirect": (multi_draw_arrays, [c_uint32, c_void_p, c_int32, c_int32]),
        "glMultiDrawElementsIndirect": (multi_draw_elements, [c_uint32, c_uint32, c_void_p, c_int32, c_int32]),
        "glTexImage2D": (image, picture),
    }
    return {name: CFUNCTYPE(None, *arguments)(function) for name, (function, arguments) in made.items()}
