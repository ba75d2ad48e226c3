"""XR_EXT_performance_settings and XR_KHR_android_thread_settings."""

from __future__ import annotations

from typing import Any, ClassVar

import xr

from xr_app.emulated.calls import Refused
from xr_app.emulated.emulation import Emulation, emulates


def number(value: Any) -> int:
    return int(getattr(value, "value", value))


class PerformanceSettings(Emulation):
    """Clocks that can be set, and a headset that becomes warm; willing: whether it takes any hint."""

    extensions: ClassVar = {"XR_EXT_performance_settings": 4}

    def __init__(self, *, willing: bool = True) -> None:
        self.willing = willing
        self.set: list[tuple[xr.PerfSettingsDomainEXT, xr.PerfSettingsLevelEXT]] = []

    @emulates("xrPerfSettingsSetPerformanceLevelEXT")
    def level(self, session: Any, domain: Any, level: Any) -> None:
        self.layer.handles.find("XrSession", session)
        self.set.append((xr.PerfSettingsDomainEXT(number(domain)), xr.PerfSettingsLevelEXT(number(level))))
        if not self.willing:
            raise Refused(xr.Result.ERROR_RUNTIME_FAILURE)

    def notice(
        self,
        domain: xr.PerfSettingsDomainEXT,
        to: xr.PerfSettingsNotificationLevelEXT,
        sub_domain: xr.PerfSettingsSubDomainEXT = xr.PerfSettingsSubDomainEXT.THERMAL,
    ) -> None:
        """Send XrEventDataPerfSettingsEXT."""
        self.layer.send(xr.EventDataPerfSettingsEXT(domain=domain, sub_domain=sub_domain, to_level=to))


class AndroidThreads(Emulation):
    """Threads that say what they do."""

    extensions: ClassVar = {"XR_KHR_android_thread_settings": 6}

    def __init__(self) -> None:
        self.threads: list[tuple[xr.AndroidThreadTypeKHR, int]] = []

    @emulates("xrSetAndroidApplicationThreadKHR")
    def thread(self, session: Any, kind: Any, thread: Any) -> None:
        self.layer.handles.find("XrSession", session)
        self.threads.append((xr.AndroidThreadTypeKHR(number(kind)), number(thread)))
