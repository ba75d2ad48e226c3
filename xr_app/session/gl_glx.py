"""GLX: GL in a hidden window of an X display."""

from __future__ import annotations

import ctypes
from ctypes import c_ulong, c_void_p

import xr

from xr_app.errors import GraphicsError
from xr_app.session.gl_binding import GlBinding, Host, desktop_context, set_pointers


def bind_glx(host: Host | None = None) -> GlBinding:
    """GL. Raises GraphicsError where no display answers."""
    if not _display_answers():
        raise GraphicsError(
            "The OpenXR runtime takes OpenGL from an X display only, and none answers; set DISPLAY, then start again."
        )
    ctx = desktop_context("GLX", host)  # moderngl's own choice on Linux
    lib = ctypes.CDLL("libGL.so.1")
    lib.glXGetCurrentDisplay.restype = lib.glXGetCurrentContext.restype = c_void_p
    lib.glXGetCurrentDrawable.restype = c_ulong
    lib.glXMakeCurrent.argtypes = [c_void_p, c_ulong, c_void_p]
    display, context, drawable = lib.glXGetCurrentDisplay(), lib.glXGetCurrentContext(), lib.glXGetCurrentDrawable()

    structure = xr.GraphicsBindingOpenGLXlibKHR()
    set_pointers(structure, x_display=display, glx_context=context)
    structure.glx_drawable = drawable

    def make_current() -> None:
        if lib.glXGetCurrentContext() != context:
            lib.glXMakeCurrent(display, drawable, context)

    return GlBinding(ctx, structure, "glx", False, make_current)


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
