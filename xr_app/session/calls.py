"""What OpenXR's result codes mean to a user: every refused call becomes one of this package's errors."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import xr
from xr.library import openxr_loader_library

from xr_app.errors import (
    GraphicsError,
    HeadsetMissingError,
    RuntimeFailedError,
    RuntimeMissingError,
    SessionLostError,
    XrError,
)


class _Native:
    """The loader's functions by their names, for calls of every frame. Results are numbers: pyopenxr makes an
    enumeration of each, which takes as long as some calls."""

    def __getattr__(self, name: str) -> Callable[..., int]:
        function = openxr_loader_library[name]  # one of its own: pyopenxr's stays as it is
        function.argtypes, function.restype = getattr(xr.raw_functions, name).argtypes, ctypes.c_int32
        made: Callable[..., int] = function
        setattr(self, name, made)
        return made


native: Final = _Native()


def check(result: int, call: str) -> None:
    """Raise the error of a raw call's result; positive results are successes with a remark and pass."""
    if result < 0:
        known = result in xr.Result._value2member_map_
        raise error_of(xr.Result(result) if known else None, call)


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turn pyopenxr's exceptions into this package's; `doing` names the call or step for the message."""
    try:
        yield
    except xr.exception.ErrorResult as error:
        result = error.get_result_enum()
        raise error_of(result, doing) from error


def error_of(result: xr.Result | None, doing: str) -> XrError:
    """The error for a result code, with what to do about it."""
    name = "an unknown error" if result is None else f"XR_{result.name}"
    match result:
        case xr.Result.ERROR_RUNTIME_UNAVAILABLE:
            return RuntimeMissingError(
                "No OpenXR runtime could be loaded; make your headset's runtime the active one "
                "(SteamVR, WiVRn, Monado and Meta Link each have a switch for it)."
            )
        case xr.Result.ERROR_FORM_FACTOR_UNAVAILABLE | xr.Result.ERROR_FORM_FACTOR_UNSUPPORTED:
            return HeadsetMissingError("The OpenXR runtime answers but has no headset; connect it, then start again.")
        case xr.Result.ERROR_INSTANCE_LOST | xr.Result.ERROR_SESSION_LOST:
            return SessionLostError("The OpenXR runtime went away during the session; start it, then start again.")
        case xr.Result.ERROR_GRAPHICS_DEVICE_INVALID:
            return GraphicsError(
                "The OpenXR runtime does not take this OpenGL context; both must run on the same graphics card."
            )
        case xr.Result.ERROR_RUNTIME_FAILURE:
            return RuntimeFailedError(
                f"The OpenXR runtime is installed but failed in {doing} ({name}); see that its service is running, "
                "then start again."
            )
        case _:
            return RuntimeFailedError(
                f"The OpenXR runtime refused {doing} ({name}); restart the runtime, and if it stays, update it."
            )
