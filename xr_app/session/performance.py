"""What the runtime is told of the work that is to be done, for it to set the clocks of processor and GPU.

XR_EXT_performance_settings: sustained high, as long as the headset is not too warm for that.
XR_KHR_android_thread_settings: this thread draws.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from contextlib import suppress
from typing import Any, Final

import xr

from xr_app.errors import XrError
from xr_app.session.calls import explained
from xr_app.session.life import Life

EXTENSION: Final = "XR_EXT_performance_settings"
THREAD_EXTENSION: Final = "XR_KHR_android_thread_settings"

_LEVELS: Final = xr.PerfSettingsLevelEXT
_DOMAINS: Final = (xr.PerfSettingsDomainEXT.CPU, xr.PerfSettingsDomainEXT.GPU)


class Performance:
    """Of one session; hints only, so nothing here fails the session."""

    def __init__(self, session: Any, extensions: Collection[str], life: Life) -> None:
        self._session = session
        self.levels: dict[xr.PerfSettingsDomainEXT, xr.PerfSettingsLevelEXT] = {}
        """As asked for last, by domain; nothing where the runtime takes no hints."""
        if EXTENSION in extensions:
            for domain in _DOMAINS:
                self._ask(domain, _LEVELS.SUSTAINED_HIGH)
            life.heed(xr.StructureType.EVENT_DATA_PERF_SETTINGS_EXT, xr.EventDataPerfSettingsEXT, self._noticed)
        if THREAD_EXTENSION in extensions:
            with suppress(XrError), explained("xrSetAndroidApplicationThreadKHR"):
                xr.set_android_application_thread_khr(
                    session, xr.AndroidThreadTypeKHR.RENDERER_MAIN, threading.get_native_id()
                )

    def _ask(self, domain: xr.PerfSettingsDomainEXT, level: xr.PerfSettingsLevelEXT) -> None:
        if self.levels.get(domain) == level:
            return
        self.levels[domain] = level
        with suppress(XrError), explained("xrPerfSettingsSetPerformanceLevelEXT"):
            xr.perf_settings_set_performance_level_ext(self._session, domain, level)

    def _noticed(self, event: Any) -> None:
        """Less is asked for while the headset is warm: frames at a lower rate are better than throttled ones."""
        if event._sub_domain == xr.PerfSettingsSubDomainEXT.THERMAL.value:
            impaired = event._to_level == xr.PerfSettingsNotificationLevelEXT.IMPAIRED.value
            domain = xr.PerfSettingsDomainEXT(event._domain)
            self._ask(domain, _LEVELS.SUSTAINED_LOW if impaired else _LEVELS.SUSTAINED_HIGH)
