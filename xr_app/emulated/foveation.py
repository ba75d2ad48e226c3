"""XR_FB_foveation, XR_FB_foveation_configuration and XR_FB_swapchain_update_state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import xr

from xr_app.emulated.calls import Refused, address, chain, check_type, read
from xr_app.emulated.emulation import Emulation, emulates, wraps


@dataclass
class Profile:
    """What was asked for."""

    level: xr.FoveationLevelFB
    dynamic: bool


class Foveation(Emulation):
    """Swapchains with coarser edges; willing: whether profiles are made."""

    extensions: ClassVar = {
        "XR_FB_foveation": 1,
        "XR_FB_foveation_configuration": 1,
        "XR_FB_swapchain_update_state": 3,
    }

    def __init__(self, *, willing: bool = True) -> None:
        self.willing = willing
        self.swapchains: dict[int, Profile | None] = {}
        """Those that can be foveated, and how they are."""
        self.others = 0
        """Swapchains that cannot."""

    @wraps("xrCreateSwapchain")
    def create_swapchain(self, runtime: Any, session: Any, info: Any, swapchain: Any) -> Any:
        kind = xr.StructureType.SWAPCHAIN_CREATE_INFO_FOVEATION_FB.value
        wished = [read(each, xr.SwapchainCreateInfoFoveationFB) for each in chain(info) if each._type == kind]
        result = runtime(session, info, swapchain)
        if wished and wished[0]._flags == xr.SwapchainCreateFoveationFlagsFB.SCALED_BIN_BIT.value:
            self.swapchains[address(swapchain.contents)] = None
        else:
            self.others += 1
        return result

    @emulates("xrCreateFoveationProfileFB")
    def create(self, session: Any, info: Any, profile: Any) -> None:
        self.layer.handles.find("XrSession", session)
        check_type(info, xr.StructureType.FOVEATION_PROFILE_CREATE_INFO_FB)
        if not self.willing:
            raise Refused(xr.Result.ERROR_RUNTIME_FAILURE)
        kind = xr.StructureType.FOVEATION_LEVEL_PROFILE_CREATE_INFO_FB.value
        (level,) = (read(each, xr.FoveationLevelProfileCreateInfoFB) for each in chain(info) if each._type == kind)
        value = Profile(xr.FoveationLevelFB(level._level), bool(level._dynamic))
        self.layer.handles.create("XrFoveationProfileFB", profile, parent=session, value=value)

    @emulates("xrDestroyFoveationProfileFB")
    def destroy(self, profile: Any) -> None:
        self.layer.handles.destroy("XrFoveationProfileFB", profile)

    @emulates("xrUpdateSwapchainFB")
    def update(self, swapchain: Any, state: Any) -> None:
        check_type(state, xr.StructureType.SWAPCHAIN_STATE_FOVEATION_FB)
        given = read(state.contents, xr.SwapchainStateFoveationFB)
        if address(swapchain) not in self.swapchains:
            raise Refused(xr.Result.ERROR_FEATURE_UNSUPPORTED)
        self.swapchains[address(swapchain)] = self.layer.handles.find("XrFoveationProfileFB", given.profile)
