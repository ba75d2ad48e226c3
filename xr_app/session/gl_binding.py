"""The OpenGL context that the session draws in, and how the runtime is told of it: EGL where it can, else GLX.

Monado and its family take EGL (XR_MNDX_egl_enable), which needs no window system; SteamVR takes GLX alone, which needs
a DISPLAY. The choice is made from the extensions that the runtime offers, never from its name.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Collection
from ctypes import byref, c_int32, c_ulong, c_void_p, cast
from dataclasses import dataclass
from typing import Any, Final

import moderngl
import xr

from render.gl.targets import encode_srgb
from xr_app.errors import GraphicsError

GL_EXTENSION: Final = "XR_KHR_opengl_enable"
EGL_EXTENSION: Final = "XR_MNDX_egl_enable"

_EGL_CONFIG_ID: Final = 0x3028
_EGL_NONE: Final = 0x3038


@dataclass(frozen=True)
class GlBinding:
    """A current GL 4.3 context with sRGB framebuffers on, bound for one runtime."""

    ctx: moderngl.Context
    structure: Any
    """What xrCreateSession is given; it and what it points to must outlive the session."""
    kind: str
    """egl or glx."""
    make_current: Callable[[], None]
    """Put the context back where a runtime (SteamVR) left another or none current."""


def create_gl(offered: Collection[str]) -> GlBinding:
    """A context for a runtime that offers these extensions; GraphicsError where none can be had."""
    if GL_EXTENSION not in offered:
        raise GraphicsError("The OpenXR runtime does not take OpenGL (XR_KHR_opengl_enable); choose another runtime.")
    if EGL_EXTENSION in offered:
        return _egl()
    if not _display_answers():
        raise GraphicsError(
            "The OpenXR runtime takes OpenGL from an X display only, and none answers; set DISPLAY, then start again."
        )
    return _glx()


def _context(kind: str, **settings: Any) -> moderngl.Context:
    try:
        ctx = moderngl.create_context(standalone=True, require=430, **settings)
    except Exception as error:  # moderngl raises whatever its backend raises, bare Exception included
        raise GraphicsError(
            f"No OpenGL 4.3 context could be made through {kind} ({error}); install a driver for the graphics card, "
            "or Mesa (libegl1, libgl1-mesa-dri)."
        ) from error
    encode_srgb(ctx)
    return ctx


def _display_answers() -> bool:
    """Whether there is an X server; asked first because moderngl's GLX backend ends the whole process without one."""
    try:
        lib = ctypes.CDLL("libX11.so.6")
    except OSError:
        return False
    lib.XOpenDisplay.restype = c_void_p
    lib.XCloseDisplay.argtypes = [c_void_p]
    display = lib.XOpenDisplay(None)
    if display:
        lib.XCloseDisplay(display)
    return bool(display)


def _egl() -> GlBinding:
    ctx = _context("EGL", backend="egl")
    lib = ctypes.CDLL("libEGL.so.1")
    for name in ("eglGetCurrentDisplay", "eglGetCurrentContext", "eglGetCurrentSurface", "eglGetProcAddress"):
        getattr(lib, name).restype = c_void_p
    lib.eglMakeCurrent.argtypes = [c_void_p] * 4
    display, context = lib.eglGetCurrentDisplay(), lib.eglGetCurrentContext()
    surface = lib.eglGetCurrentSurface(0x3059)  # EGL_DRAW

    config, config_id, count = c_void_p(), c_int32(), c_int32()
    lib.eglQueryContext(c_void_p(display), c_void_p(context), _EGL_CONFIG_ID, byref(config_id))
    wanted = (c_int32 * 3)(_EGL_CONFIG_ID, config_id.value, _EGL_NONE)
    lib.eglChooseConfig(c_void_p(display), wanted, byref(config), 1, byref(count))
    if count.value != 1:
        raise GraphicsError("The EGL driver does not tell its context's configuration; update the graphics driver.")

    structure = xr.GraphicsBindingEGLMNDX()
    structure.get_proc_address = cast(lib.eglGetProcAddress, xr.PFN_xrEglGetProcAddressMNDX)
    _set_pointers(structure, display=display, config=config.value, context=context)

    def make_current() -> None:
        if lib.eglGetCurrentContext() != context:
            lib.eglMakeCurrent(display, surface, surface, context)

    return GlBinding(ctx, structure, "egl", make_current)


def _glx() -> GlBinding:
    ctx = _context("GLX")  # moderngl's own choice on Linux
    lib = ctypes.CDLL("libGL.so.1")
    lib.glXGetCurrentDisplay.restype = lib.glXGetCurrentContext.restype = c_void_p
    lib.glXGetCurrentDrawable.restype = c_ulong
    lib.glXMakeCurrent.argtypes = [c_void_p, c_ulong, c_void_p]
    display, context, drawable = lib.glXGetCurrentDisplay(), lib.glXGetCurrentContext(), lib.glXGetCurrentDrawable()

    structure = xr.GraphicsBindingOpenGLXlibKHR()
    _set_pointers(structure, x_display=display, glx_context=context)
    structure.glx_drawable = drawable

    def make_current() -> None:
        if lib.glXGetCurrentContext() != context:
            lib.glXMakeCurrent(display, drawable, context)

    return GlBinding(ctx, structure, "glx", make_current)


def _set_pointers(structure: Any, **values: int | None) -> None:
    """The fields' types are PyOpenGL's where that is installed, so each pointer is cast to what its field is."""
    types = dict(structure._fields_)
    for name, value in values.items():
        setattr(structure, name, cast(c_void_p(value), types[name]))
