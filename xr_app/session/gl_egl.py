"""EGL, which needs no window system: GL or GLES for Monado and its family, GLES for Android."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import byref, c_int32, c_void_p, cast
from ctypes.util import find_library
from dataclasses import dataclass
from typing import Any, Final

import xr

from render.errors import ContextError
from render.gl.context import standalone_context
from xr_app.errors import GraphicsError
from xr_app.session.gl_binding import GlBinding, Host, desktop_context, set_pointers

_CONFIG_ID: Final = 0x3028
_NONE: Final = 0x3038
_DRAW: Final = 0x3059
_GL_API: Final = 0x30A2
_ES_API: Final = 0x30A0


@dataclass(frozen=True)
class _Current:
    """What is current in this thread, and the way back to it."""

    display: int
    config: c_void_p
    context: int
    make_current: Callable[[], None]


def bind_egl(host: Host | None = None) -> GlBinding:
    """GL, for runtimes with XR_MNDX_egl_enable."""
    ctx = desktop_context("EGL", host, backend="egl")
    lib = _library()
    current = _current(lib, _GL_API)
    return GlBinding(ctx, _monado_structure(lib, current), "egl", False, current.make_current)


def bind_egl_es() -> GlBinding:
    """GLES, for runtimes with XR_MNDX_egl_enable."""
    ctx = _es_context()
    lib = _library()
    current = _current(lib, _ES_API)
    return GlBinding(ctx, _monado_structure(lib, current), "egl", True, current.make_current)


def bind_android() -> GlBinding:
    """GLES, as Android's runtimes take it."""
    ctx = _es_context()
    current = _current(_library(), _ES_API)
    structure = xr.GraphicsBindingOpenGLESAndroidKHR()
    set_pointers(structure, display=current.display, config=current.config.value, context=current.context)
    return GlBinding(ctx, structure, "android", True, current.make_current)


def _es_context() -> Any:
    try:
        return standalone_context("gles")
    except ContextError as error:
        raise GraphicsError(str(error)) from error


def _library() -> Any:
    lib = ctypes.CDLL(find_library("EGL") or "libEGL.so")  # it is there: a context was made
    for name in ("eglGetCurrentDisplay", "eglGetCurrentContext", "eglGetCurrentSurface", "eglGetProcAddress"):
        getattr(lib, name).restype = c_void_p
    lib.eglMakeCurrent.argtypes = [c_void_p] * 4
    return lib


def _current(lib: Any, api: int) -> _Current:
    display, context = lib.eglGetCurrentDisplay(), lib.eglGetCurrentContext()
    surface = lib.eglGetCurrentSurface(_DRAW)
    config, config_id, count = c_void_p(), c_int32(), c_int32()
    lib.eglQueryContext(c_void_p(display), c_void_p(context), _CONFIG_ID, byref(config_id))
    wanted = (c_int32 * 3)(_CONFIG_ID, config_id.value, _NONE)
    lib.eglChooseConfig(c_void_p(display), wanted, byref(config), 1, byref(count))
    if count.value != 1:
        raise GraphicsError("The EGL driver does not tell its context's configuration; update the graphics driver.")

    def make_current() -> None:
        if lib.eglGetCurrentContext() != context:
            lib.eglBindAPI(api)
            lib.eglMakeCurrent(display, surface, surface, context)

    return _Current(display, config, context, make_current)


def _monado_structure(lib: Any, current: _Current) -> Any:
    structure = xr.GraphicsBindingEGLMNDX()
    structure.get_proc_address = cast(lib.eglGetProcAddress, xr.PFN_xrEglGetProcAddressMNDX)
    set_pointers(structure, display=current.display, config=current.config.value, context=current.context)
    return structure
