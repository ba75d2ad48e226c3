"""OpenXR's time and the monotonic clock that everything else runs on."""

from __future__ import annotations

import ctypes
import time
from typing import Any, Final

import xr

from xr_app.session.calls import check

EXTENSION: Final = "XR_KHR_convert_timespec_time"


class XrClock:
    """Turns a runtime's XrTime into monotonic nanoseconds.

    With XR_KHR_convert_timespec_time the runtime converts. Without it the first frame sets the difference: XrTime is
    then taken to name the display time one period after the wait returned, right to within a frame.
    """

    def __init__(self, instance: Any, extensions: frozenset[str]) -> None:
        self._instance = instance
        self._timespec = xr.timespec()
        self._timespec_ref = ctypes.byref(self._timespec)
        self._convert = None
        self._difference: int | None = None
        if EXTENSION in extensions:
            # Looked up once: pyopenxr looks an extension's function up again in each call.
            self._convert = ctypes.cast(
                xr.get_instance_proc_addr(instance, "xrConvertTimeToTimespecTimeKHR"),
                xr.PFN_xrConvertTimeToTimespecTimeKHR,
            )

    def monotonic_ns(self, xr_time: int, period_ns: int) -> int:
        """Monotonic time of an XrTime; period_ns: of the display."""
        if self._convert is not None:
            result = self._convert(self._instance, xr_time, self._timespec_ref)
            check(result, "xrConvertTimeToTimespecTimeKHR")
            return int(self._timespec.tv_sec) * 1_000_000_000 + int(self._timespec.tv_nsec)
        if self._difference is None:
            self._difference = time.monotonic_ns() + period_ns - xr_time
        return xr_time + self._difference
