"""The cameras' view by XR_FB_passthrough: a composition layer beneath the eyes' pictures (Quest, Link, Pico).

The feature is made when it is first shown and runs only while it is; cameras cost power. The runtime may lose it: it
says so by an event, which `Trouble` names.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from ctypes import byref
from enum import Enum
from typing import Any, Final

import xr

from xr_app.session.calls import check, explained
from xr_app.session.session import XrSession

EXTENSION: Final = "XR_FB_passthrough"

_Flags = xr.PassthroughStateChangedFlagsFB


class Trouble(Enum):
    """What the runtime says of its cameras."""

    MAKE_AGAIN = "it must be made again"
    LOST = "it will not come back in this session"
    INTERRUPTED = "it is not to be seen for now"
    RESTORED = "it is to be seen again"


_TROUBLES: Final = (
    (_Flags.NON_RECOVERABLE_ERROR_BIT, Trouble.LOST),
    (_Flags.REINIT_REQUIRED_BIT, Trouble.MAKE_AGAIN),
    (_Flags.RECOVERABLE_ERROR_BIT, Trouble.INTERRUPTED),
    (_Flags.RESTORED_ERROR_BIT, Trouble.RESTORED),
)


def is_supported(session: XrSession) -> bool:
    """Whether the extension is enabled and this headset has cameras for it."""
    if EXTENSION not in session.instance.extensions:
        return False
    cameras = xr.SystemPassthroughPropertiesFB()
    properties = xr.SystemProperties(next=cameras)
    instance = session.instance
    result = xr.raw_functions.xrGetSystemProperties(instance.handle, instance.system_id, byref(properties))
    check(result, "xrGetSystemProperties")
    return bool(cameras.supports_passthrough)


class FbPassthrough:
    """The cameras of one session; `told` is called with what the runtime says of them, between frames.

    Owns the feature and its layer between `show` and `close`.
    """

    def __init__(self, session: XrSession, told: Callable[[Trouble], None]) -> None:
        self._session, self._told = session, told
        self._feature: Any = None
        self._layer: Any = None
        self._composition: Any = None
        self._running = False
        session.heed(
            xr.StructureType.EVENT_DATA_PASSTHROUGH_STATE_CHANGED_FB,
            xr.EventDataPassthroughStateChangedFB,
            self._take,
        )

    def show(self) -> None:
        """Start the cameras and put them beneath all else; RuntimeFailedError where the runtime will not (no camera, or
        the user does not allow it).
        """
        if self._feature is None:
            self._make()
        elif not self._running:
            with explained("xrPassthroughStartFB"):
                xr.passthrough_start_fb(self._feature)
        self._running = True
        if self._composition not in self._session.under:
            self._session.under.insert(0, self._composition)

    def hide(self) -> None:
        """Take the layer away and let the cameras rest."""
        if self._composition in self._session.under:
            self._session.under.remove(self._composition)
        if self._running:
            self._running = False
            with explained("xrPassthroughPauseFB"):
                xr.passthrough_pause_fb(self._feature)

    def close(self) -> None:
        """Give everything back; `show` makes it anew."""
        if self._composition in self._session.under:
            self._session.under.remove(self._composition)
        with suppress(xr.exception.ErrorResult):  # the runtime may be gone, and its objects with it
            if self._layer is not None:
                xr.destroy_passthrough_layer_fb(self._layer)
            if self._feature is not None:
                xr.destroy_passthrough_fb(self._feature)
        self._feature = self._layer = self._composition = None
        self._running = False

    def _make(self) -> None:
        running = xr.PassthroughFlagsFB.IS_RUNNING_AT_CREATION_BIT
        try:
            with explained("xrCreatePassthroughFB"):
                self._feature = xr.create_passthrough_fb(
                    self._session.handle, xr.PassthroughCreateInfoFB(flags=running)
                )
            with explained("xrCreatePassthroughLayerFB"):
                self._layer = xr.create_passthrough_layer_fb(
                    self._session.handle,
                    xr.PassthroughLayerCreateInfoFB(
                        passthrough=self._feature, flags=running, purpose=xr.PassthroughLayerPurposeFB.RECONSTRUCTION
                    ),
                )
        except BaseException:
            self.close()
            raise
        self._composition = xr.CompositionLayerPassthroughFB(layer_handle=self._layer)
        # pyopenxr's constructor would put the flags where no runtime looks.
        self._composition.layer_flags = xr.CompositionLayerFlags.BLEND_TEXTURE_SOURCE_ALPHA_BIT

    def _take(self, event: Any) -> None:
        for flag, trouble in _TROUBLES:
            if event.flags & flag:
                self._told(trouble)
