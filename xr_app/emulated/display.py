"""XR_FB_display_refresh_rate with several rates, and a look at the part of each eye's
picture that is shown."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, cast
from typing import Any, ClassVar

import xr

from xr_app.emulated.calls import Refused
from xr_app.emulated.emulation import Emulation, emulates, wraps


class Rates(Emulation):
    """A display that can show 72 to 120 pictures a second; follows: whether it does what it is asked for."""

    extensions: ClassVar = {"XR_FB_display_refresh_rate": 1}

    def __init__(self, *rates: float, now: float = 72.0, follows: bool = True) -> None:
        self.rates, self.now, self.follows = rates or (72.0, 80.0, 90.0, 120.0), now, follows
        self.asked: list[float] = []

    @emulates("xrEnumerateDisplayRefreshRatesFB")
    def enumerate(self, session: Any, room: int, count: Any, out: Any) -> Any:
        self.layer.handles.find("XrSession", session)
        count[0] = len(self.rates)
        if 0 < room < len(self.rates):
            raise Refused(xr.Result.ERROR_SIZE_INSUFFICIENT)
        for i, rate in enumerate(self.rates if room else ()):
            out[i] = rate

    @emulates("xrGetDisplayRefreshRateFB")
    def get(self, session: Any, out: Any) -> None:
        self.layer.handles.find("XrSession", session)
        cast(out, POINTER(ctypes.c_float))[0] = self.now

    @emulates("xrRequestDisplayRefreshRateFB")
    def request(self, session: Any, rate: Any) -> None:
        self.layer.handles.find("XrSession", session)
        rate = float(getattr(rate, "value", rate))
        if rate not in self.rates:
            raise Refused(xr.Result.ERROR_DISPLAY_REFRESH_RATE_UNSUPPORTED_FB)
        self.asked.append(rate)
        if self.follows:
            self.change(rate)

    def change(self, rate: float) -> None:
        """The display shows this many pictures a second from now on."""
        event = xr.EventDataDisplayRefreshRateChangedFB(
            from_display_refresh_rate=self.now, to_display_refresh_rate=rate
        )
        self.now = rate
        self.layer.send(event)

    @wraps("xrWaitFrame")
    def wait(self, runtime: Any, session: Any, info: Any, state: Any) -> Any:
        result = runtime(session, info, state)
        cast(state, POINTER(xr.FrameState)).contents.predicted_display_period = round(1e9 / self.now)
        return result


class Rects(Emulation):
    """Keeps what part of the pictures was shown."""

    def __init__(self) -> None:
        self.seen: list[list[tuple[int, int]]] = []
        """Of each frame with pictures: width and height of each eye's part, colour and (where there is any) depth."""

    @wraps("xrEndFrame")
    def end(self, runtime: Any, session: Any, info: Any) -> Any:
        given = cast(info, POINTER(xr.FrameEndInfo)).contents
        if given.layer_count:
            layer = cast(given._layers[0], POINTER(xr.CompositionLayerProjection)).contents
            sizes = []
            for view in layer._views[: layer.view_count]:
                images = [view.sub_image]
                if view._next:
                    images.append(cast(view._next, POINTER(xr.CompositionLayerDepthInfoKHR)).contents.sub_image)
                for image in images:
                    rect = image.image_rect
                    assert (rect.offset.x, rect.offset.y) == (0, 0)
                    sizes.append((rect.extent.width, rect.extent.height))
            self.seen.append(sizes)
        return runtime(session, info)
