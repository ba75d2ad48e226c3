"""XR_HTC_passthrough: the cameras' view as a composition layer, there as long as it is made."""

from __future__ import annotations

from typing import Any, ClassVar

import xr

from xr_app.emulated.calls import Refused, address, check_type
from xr_app.emulated.emulation import Emulation, emulates


class HtcPassthrough(Emulation):
    """Cameras that can be shown."""

    extensions: ClassVar = {"XR_HTC_passthrough": 1}
    layer_types: ClassVar = {xr.StructureType.COMPOSITION_LAYER_PASSTHROUGH_HTC: xr.CompositionLayerPassthroughHTC}

    @property
    def living(self) -> int:
        """How many are made."""
        return len(self.layer.handles.of("XrPassthroughHTC"))

    def check_layer(self, layer: Any) -> None:
        self.layer.handles.find("XrPassthroughHTC", layer.passthrough)
        if not 0 <= layer.color.alpha <= 1 or not address(layer.space):
            raise Refused(xr.Result.ERROR_LAYER_INVALID)

    @emulates("xrCreatePassthroughHTC")
    def create(self, session: Any, info: Any, passthrough: Any) -> None:
        self.layer.handles.find("XrSession", session)
        if check_type(info, xr.StructureType.PASSTHROUGH_CREATE_INFO_HTC)._form != xr.PassthroughFormHTC.PLANAR.value:
            raise Refused(xr.Result.ERROR_FEATURE_UNSUPPORTED)
        self.layer.handles.create("XrPassthroughHTC", passthrough, parent=session)

    @emulates("xrDestroyPassthroughHTC")
    def destroy(self, passthrough: Any) -> None:
        self.layer.handles.destroy("XrPassthroughHTC", passthrough)
