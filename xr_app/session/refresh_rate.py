"""How often a second the headset shows a new picture, where the app may say so (XR_FB_display_refresh_rate)."""

from __future__ import annotations

import ctypes
from collections.abc import Collection
from contextlib import suppress
from typing import Any, Final

import xr

from xr_app.errors import XrError
from xr_app.session.calls import explained
from xr_app.session.frame import Frame
from xr_app.session.life import Life
from xr_app.session.rate_control import RateController

EXTENSION: Final = "XR_FB_display_refresh_rate"


class RefreshRate:
    """The display's rate in one session: `wanted` where that is offered, or the nearest to it; without a wish, what
    the frames hold. Does nothing where the headset has one rate only, or does not tell.
    """

    def __init__(self, session: Any, extensions: Collection[str], life: Life, wanted: float | None) -> None:
        """wanted: Hz."""
        self._session = session
        self.offered: tuple[float, ...] = ()
        """Hz, rising."""
        self.now: float | None = None
        """Hz, as the runtime told it last."""
        self.requests = 0
        """How often another rate was asked for."""
        self._controller: RateController | None = None
        if EXTENSION not in extensions:
            return
        with explained("xrEnumerateDisplayRefreshRatesFB"):
            self.offered = tuple(sorted(float(each) for each in xr.enumerate_display_refresh_rates_fb(session)))
            self.now = self._ask()
        life.heed(
            xr.StructureType.EVENT_DATA_DISPLAY_REFRESH_RATE_CHANGED_FB,
            xr.EventDataDisplayRefreshRateChangedFB,
            self._changed,
        )
        if len(self.offered) < 2:
            return
        if wanted is None:
            self._controller = RateController(self.offered)
        else:
            self._request(min(self.offered, key=lambda rate: abs(rate - wanted)))

    def ended(self, frame: Frame) -> None:
        """Take in a frame that was submitted."""
        if self._controller is None or frame.needs_ms is None or self.now is None:
            return
        chosen = self._controller.choose(frame.begun_ns / 1e9, frame.cpu_ns / 1e6, frame.needs_ms, self.now)
        if chosen != self.now:
            with suppress(XrError):  # it may be too warm, or the wearer may have set it: then it stays as it is
                self._request(chosen)

    def _request(self, rate: float) -> None:
        self.requests += 1
        with explained("xrRequestDisplayRefreshRateFB"):
            xr.request_display_refresh_rate_fb(self._session, rate)

    def _changed(self, event: Any) -> None:
        self.now = float(event.to_display_refresh_rate)

    def _ask(self) -> float:
        rate = xr.get_display_refresh_rate_fb(self._session)
        return float(rate.value if isinstance(rate, ctypes.c_float) else rate)
