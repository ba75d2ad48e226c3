"""As much of EGL, by ctypes, as a GLES context without a window needs; moderngl's own backend makes desktop GL only."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from ctypes import byref, c_char_p, c_int32, c_void_p
from ctypes.util import find_library
from dataclasses import dataclass
from typing import Any, Final

from render.errors import ContextError

_PLATFORM_DEVICE: Final = 0x313F
_OPENGL_ES_API: Final = 0x30A0
_SURFACE_TYPE: Final = 0x3033
_RENDERABLE_TYPE: Final = 0x3040
_ES3_BIT: Final = 0x40
_CONTEXT_MAJOR: Final = 0x3098
_CONTEXT_MINOR: Final = 0x30FB
_DRAW: Final = 0x3059
_READ: Final = 0x305A
_NONE: Final = 0x3038
_MOST_DEVICES: Final = 16

Handle = int | None


@dataclass(frozen=True)
class Current:
    """What is current in a thread: EGL handles, all None where nothing is."""

    display: Handle
    draw: Handle
    read: Handle
    context: Handle


class Egl:
    """The EGL library of this machine. Raises ContextError where there is none."""

    def __init__(self) -> None:
        name = find_library("EGL") or "libEGL.so"
        try:
            self._lib: Any = ctypes.CDLL(name)
        except OSError as error:
            raise ContextError(f"There is no EGL on this machine ({error}); install libegl1.") from None
        for function, *arguments in (
            ("GetProcAddress", c_char_p),
            ("GetDisplay", c_void_p),
            ("GetCurrentDisplay",),
            ("GetCurrentContext",),
            ("GetCurrentSurface", c_int32),
            ("CreateContext", c_void_p, c_void_p, c_void_p, c_void_p),
        ):
            found = getattr(self._lib, f"egl{function}")
            found.restype, found.argtypes = c_void_p, arguments
        self._lib.eglMakeCurrent.argtypes = [c_void_p] * 4
        self._lib.eglDestroyContext.argtypes = [c_void_p] * 2

    def address(self, name: str) -> int:
        """Where the function `name` is, 0 where there is none."""
        return int(self._lib.eglGetProcAddress(name.encode()) or 0)

    def current(self) -> Current:
        """What this thread draws with."""
        lib = self._lib
        draw, read = (lib.eglGetCurrentSurface(which) for which in (_DRAW, _READ))
        return Current(lib.eglGetCurrentDisplay(), draw, read, lib.eglGetCurrentContext())

    def make_current(self, wanted: Current) -> None:
        """Let this thread draw with `wanted`, or with nothing."""
        display = wanted.display or self._lib.eglGetCurrentDisplay()
        if display:
            self._lib.eglMakeCurrent(display, wanted.draw, wanted.read, wanted.context)

    def create_es(self, major: int, minor: int) -> Current:
        """A GLES context of this version or a newer one that can do all of it, without a surface, made current.
        Raises ContextError."""
        before = self.current()
        self._lib.eglBindAPI(_OPENGL_ES_API)
        for display in self._displays():
            made = self._create_on(c_void_p(display), major, minor)
            if made is not None:
                context = Current(display, None, None, made)
                self.make_current(context)
                if self._lib.eglGetCurrentContext() == made:
                    return context
                self.destroy(context)
                self.make_current(before)
        raise ContextError(
            f"There is no OpenGL ES {major}.{minor} through EGL on this machine; install libegl1 and libgl1-mesa-dri."
        )

    def _create_on(self, display: c_void_p, major: int, minor: int) -> Handle:
        if not self._lib.eglInitialize(display, None, None):
            return None
        config, count = c_void_p(), c_int32()
        wanted = (c_int32 * 5)(_RENDERABLE_TYPE, _ES3_BIT, _SURFACE_TYPE, 0, _NONE)
        if not self._lib.eglChooseConfig(display, wanted, byref(config), 1, byref(count)) or not count.value:
            return None
        version = (c_int32 * 5)(_CONTEXT_MAJOR, major, _CONTEXT_MINOR, minor, _NONE)
        made: Handle = self._lib.eglCreateContext(display, config, None, version)
        return made

    def _displays(self) -> Iterator[int]:
        """Every device, then whatever is the default: Android has no devices."""
        query, platform = self.address("eglQueryDevicesEXT"), self.address("eglGetPlatformDisplayEXT")
        if query and platform:
            devices, count = (c_void_p * _MOST_DEVICES)(), c_int32()
            ctypes.CFUNCTYPE(c_int32, c_int32, c_void_p, c_void_p)(query)(_MOST_DEVICES, devices, byref(count))
            open_display = ctypes.CFUNCTYPE(c_void_p, c_int32, c_void_p, c_void_p)(platform)
            for device in devices[: count.value]:
                display = open_display(_PLATFORM_DEVICE, device, None)
                if display:
                    yield display
        default = self._lib.eglGetDisplay(None)
        if default:
            yield default

    def destroy(self, context: Current) -> None:
        """Give a context back; if it is current it lives until another is."""
        self._lib.eglDestroyContext(context.display, context.context)
