"""WGL: GL in a hidden window of Windows."""

from __future__ import annotations

import ctypes
from ctypes import c_void_p
from typing import Any

import xr

from xr_app.session.gl_binding import GlBinding, Host, desktop_context, set_pointers


def bind_wgl(host: Host | None = None) -> GlBinding:
    """GL. Raises GraphicsError."""
    ctx = desktop_context("WGL", host)  # moderngl's own choice on Windows
    lib: Any = ctypes.CDLL("opengl32")  # of 64 bits, where there is one way to call
    lib.wglGetCurrentDC.restype = lib.wglGetCurrentContext.restype = c_void_p
    lib.wglMakeCurrent.argtypes = [c_void_p, c_void_p]
    device, context = lib.wglGetCurrentDC(), lib.wglGetCurrentContext()

    structure = xr.GraphicsBindingOpenGLWin32KHR()  # pyopenxr has it on Windows only
    set_pointers(structure, h_dc=device, h_glrc=context)

    def make_current() -> None:
        if lib.wglGetCurrentContext() != context:
            lib.wglMakeCurrent(device, context)

    return GlBinding(ctx, structure, "wgl", False, make_current)
