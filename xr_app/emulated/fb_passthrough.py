"""XR_FB_passthrough: the cameras' view as a composition layer (OpenXR 1.1 specification, 12.93)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import xr

from xr_app.emulated.calls import Refused, address, check_type, read
from xr_app.emulated.emulation import Emulation, emulates

_UNEXPECTED = xr.Result.ERROR_UNEXPECTED_STATE_PASSTHROUGH_FB


@dataclass
class Passthrough:
    """The feature itself."""

    running: bool
    destroyed: bool = False


@dataclass
class PassthroughLayer:
    """One layer of it."""

    passthrough: Passthrough
    running: bool
    style: Any = None


class FbPassthrough(Emulation):
    """Cameras that can be shown.

    supported: whether the system's properties say so; permitted: whether the user lets the app.
    """

    extensions: ClassVar = {"XR_FB_passthrough": 3}
    layer_types: ClassVar = {xr.StructureType.COMPOSITION_LAYER_PASSTHROUGH_FB: xr.CompositionLayerPassthroughFB}

    def __init__(self, *, supported: bool = True, permitted: bool = True) -> None:
        self.supported, self.permitted = supported, permitted

    @property
    def running(self) -> list[bool]:
        """Whether each passthrough that lives is running."""
        return [each.running for each in self.layer.handles.of("XrPassthroughFB")]

    @property
    def layers(self) -> list[PassthroughLayer]:
        """Those that live."""
        return self.layer.handles.of("XrPassthroughLayerFB")

    def say(self, flags: xr.PassthroughStateChangedFlagsFB) -> None:
        """Send XrEventDataPassthroughStateChangedFB."""
        self.layer.send(xr.EventDataPassthroughStateChangedFB(flags=flags))

    def system_property(self, structure: Any) -> bool:
        capabilities = xr.PassthroughCapabilityFlagsFB
        if structure._type == xr.StructureType.SYSTEM_PASSTHROUGH_PROPERTIES_FB.value:
            read(structure, xr.SystemPassthroughPropertiesFB).supports_passthrough = self.supported
        elif structure._type == xr.StructureType.SYSTEM_PASSTHROUGH_PROPERTIES2_FB.value:
            offered = capabilities.BIT | capabilities.COLOR_BIT if self.supported else capabilities.NONE
            read(structure, xr.SystemPassthroughProperties2FB).capabilities = offered
        else:
            return False
        return True

    def check_layer(self, layer: Any) -> None:
        if address(layer.space) or not layer._layer_flags:
            raise Refused(xr.Result.ERROR_LAYER_INVALID)
        self._living(layer.layer_handle)

    def _living(self, layer: Any) -> PassthroughLayer:
        """A layer that exists, of a passthrough that does."""
        found: PassthroughLayer = self.layer.handles.find("XrPassthroughLayerFB", layer)
        if found.passthrough.destroyed:
            raise Refused(xr.Result.ERROR_HANDLE_INVALID)
        return found

    @emulates("xrCreatePassthroughFB")
    def create(self, session: Any, info: Any, passthrough: Any) -> None:
        self.layer.handles.find("XrSession", session)
        flags = check_type(info, xr.StructureType.PASSTHROUGH_CREATE_INFO_FB).flags
        if not self.supported:
            raise Refused(xr.Result.ERROR_FEATURE_UNSUPPORTED)
        if not self.permitted:
            raise Refused(xr.Result.ERROR_NOT_PERMITTED_PASSTHROUGH_FB)
        if self.running:
            raise Refused(xr.Result.ERROR_FEATURE_ALREADY_CREATED_PASSTHROUGH_FB)
        value = Passthrough(bool(flags & xr.PassthroughFlagsFB.IS_RUNNING_AT_CREATION_BIT))
        self.layer.handles.create("XrPassthroughFB", passthrough, parent=session, value=value)

    @emulates("xrDestroyPassthroughFB")
    def destroy(self, passthrough: Any) -> None:
        self.layer.handles.find("XrPassthroughFB", passthrough).destroyed = True
        self.layer.handles.destroy("XrPassthroughFB", passthrough)

    @emulates("xrPassthroughStartFB")
    def start(self, passthrough: Any) -> None:
        _turn(self.layer.handles.find("XrPassthroughFB", passthrough), on=True)

    @emulates("xrPassthroughPauseFB")
    def pause(self, passthrough: Any) -> None:
        _turn(self.layer.handles.find("XrPassthroughFB", passthrough), on=False)

    @emulates("xrCreatePassthroughLayerFB")
    def create_layer(self, session: Any, info: Any, layer: Any) -> None:
        self.layer.handles.find("XrSession", session)
        given = check_type(info, xr.StructureType.PASSTHROUGH_LAYER_CREATE_INFO_FB)
        passthrough = self.layer.handles.find("XrPassthroughFB", given.passthrough)
        if given._purpose != xr.PassthroughLayerPurposeFB.RECONSTRUCTION.value:
            raise Refused(xr.Result.ERROR_FEATURE_UNSUPPORTED)  # the others need more extensions
        value = PassthroughLayer(passthrough, bool(given.flags & xr.PassthroughFlagsFB.IS_RUNNING_AT_CREATION_BIT))
        self.layer.handles.create("XrPassthroughLayerFB", layer, parent=session, value=value)

    @emulates("xrDestroyPassthroughLayerFB")
    def destroy_layer(self, layer: Any) -> None:
        self.layer.handles.destroy("XrPassthroughLayerFB", layer)

    @emulates("xrPassthroughLayerPauseFB")
    def pause_layer(self, layer: Any) -> None:
        _turn(self._living(layer), on=False)

    @emulates("xrPassthroughLayerResumeFB")
    def resume_layer(self, layer: Any) -> None:
        _turn(self._living(layer), on=True)

    @emulates("xrPassthroughLayerSetStyleFB")
    def set_style(self, layer: Any, style: Any) -> None:
        given = check_type(style, xr.StructureType.PASSTHROUGH_STYLE_FB)
        if not 0 <= given.texture_opacity_factor <= 1:
            raise Refused(xr.Result.ERROR_VALIDATION_FAILURE)
        self._living(layer).style = given


def _turn(thing: Passthrough | PassthroughLayer, *, on: bool) -> None:
    if thing.running == on:
        raise Refused(_UNEXPECTED)
    thing.running = on
