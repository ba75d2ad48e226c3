"""The cameras' view by XR_HTC_passthrough: a composition layer beneath the eyes' pictures (Vive).

It cannot be paused: it is made whenever it is to be seen, and given back when not.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

import xr

from xr_app.session.calls import explained
from xr_app.session.session import XrSession

EXTENSION: Final = "XR_HTC_passthrough"


class HtcPassthrough:
    """The cameras of one session; owns what it made between `show` and `hide`."""

    def __init__(self, session: XrSession) -> None:
        self._session = session
        self._feature: Any = None
        self._composition: Any = None

    def show(self) -> None:
        """Start the cameras and put them beneath all else; RuntimeFailedError where the runtime will not."""
        if self._feature is not None:
            return
        with explained("xrCreatePassthroughHTC"):
            self._feature = xr.create_passthrough_htc(
                self._session.handle, xr.PassthroughCreateInfoHTC(form=xr.PassthroughFormHTC.PLANAR)
            )
        self._composition = xr.CompositionLayerPassthroughHTC(
            space=self._session.space, passthrough=self._feature, color=xr.PassthroughColorHTC(alpha=1.0)
        )
        self._composition.layer_flags = xr.CompositionLayerFlags.BLEND_TEXTURE_SOURCE_ALPHA_BIT
        self._session.under.insert(0, self._composition)

    def hide(self) -> None:
        """Take the layer away and give the cameras back."""
        self.close()

    def close(self) -> None:
        """As `hide`."""
        if self._composition in self._session.under:
            self._session.under.remove(self._composition)
        if self._feature is not None:
            with suppress(xr.exception.ErrorResult):  # the runtime may be gone, and its objects with it
                xr.destroy_passthrough_htc(self._feature)
        self._feature = self._composition = None
