"""What the headset makes of the room's light: XR_ANDROID_light_estimation.

Of its answers the colour correction is taken, which the extension defines as a factor of the finished picture, in gamma
2.2. Its intensities have no stated unit, and its directions do not help an avatar whose light is baked.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress
from ctypes import byref
from typing import Any, Final

import xr

from render.stages.compose import Light
from xr_app.errors import RuntimeFailedError
from xr_app.session.calls import check, explained
from xr_app.session.session import XrSession

EXTENSION: Final = "XR_ANDROID_light_estimation"
_GAMMA: Final = 2.2
_BOUNDS: Final = (0.1, 3.0)
"""Of what is believed."""


class LightEstimator:
    """Of one session; gives nothing where the runtime has none, or the user does not allow it."""

    def __init__(self, session: XrSession) -> None:
        self._session = session
        self._handle: Any = None
        if EXTENSION not in session.instance.extensions or not _is_supported(session):
            return
        with suppress(RuntimeFailedError), explained("xrCreateLightEstimatorANDROID"):
            self._handle = xr.create_light_estimator_android(session.handle, xr.LightEstimatorCreateInfoANDROID())
        if self._handle is None:
            return
        # pyopenxr's own function takes no structures for the answers.
        self._get = ctypes.cast(
            xr.get_instance_proc_addr(session.instance.handle, "xrGetLightEstimateANDROID"),
            xr.PFN_xrGetLightEstimateANDROID,
        )
        self._asked = xr.LightEstimateGetInfoANDROID(space=session.space)
        self._ambient = xr.AmbientLightANDROID()
        self._estimate = xr.LightEstimateANDROID(next=self._ambient)

    def light(self, xr_time: int) -> Light | None:
        """At that time; None where it is not known."""
        if self._handle is None:
            return None
        self._asked.time = xr_time
        check(self._get(self._handle, byref(self._asked), byref(self._estimate)), "xrGetLightEstimateANDROID")
        valid = xr.LightEstimateStateANDROID.VALID.value
        if self._estimate._state != valid or self._ambient._state != valid:
            return None
        given = self._ambient.color_correction
        least, most = _BOUNDS
        red, green, blue = (min(max(max(c, 0.0) ** _GAMMA, least), most) for c in (given.x, given.y, given.z))
        return red, green, blue

    def close(self) -> None:
        """Give back what the runtime gave."""
        if self._handle is not None:
            with suppress(xr.exception.ErrorResult):  # the runtime may be gone, and its objects with it
                xr.destroy_light_estimator_android(self._handle)
        self._handle = None


def _is_supported(session: XrSession) -> bool:
    offered = xr.SystemLightEstimationPropertiesANDROID()
    properties = xr.SystemProperties(next=offered)
    instance = session.instance
    result = xr.raw_functions.xrGetSystemProperties(instance.handle, instance.system_id, byref(properties))
    check(result, "xrGetSystemProperties")
    return bool(offered.supports_light_estimation)
