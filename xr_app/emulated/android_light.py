"""XR_ANDROID_light_estimation: what the cameras make of the room's light (OpenXR 1.1 specification)."""

from __future__ import annotations

from typing import Any, ClassVar

import xr

from xr_app.emulated.calls import Refused, chain, check_type, read
from xr_app.emulated.emulation import Emulation, emulates

_KINDS = xr.StructureType
_ANSWERS = {
    _KINDS.AMBIENT_LIGHT_ANDROID.value,
    _KINDS.DIRECTIONAL_LIGHT_ANDROID.value,
    _KINDS.SPHERICAL_HARMONICS_ANDROID.value,
}


class AndroidLight(Emulation):
    """An estimator whose answers are set by whoever made it.

    correction: the ambient light's, None while it is not known; permitted: whether the user lets the app.
    """

    extensions: ClassVar = {"XR_ANDROID_light_estimation": 1}

    def __init__(self, *, supported: bool = True, permitted: bool = True) -> None:
        self.supported, self.permitted = supported, permitted
        self.correction: tuple[float, float, float] | None = None

    @property
    def living(self) -> int:
        """Estimators that are made."""
        return len(self.layer.handles.of("XrLightEstimatorANDROID"))

    def system_property(self, structure: Any) -> bool:
        if structure._type != _KINDS.SYSTEM_LIGHT_ESTIMATION_PROPERTIES_ANDROID.value:
            return False
        read(structure, xr.SystemLightEstimationPropertiesANDROID).supports_light_estimation = self.supported
        return True

    @emulates("xrCreateLightEstimatorANDROID")
    def create(self, session: Any, info: Any, estimator: Any) -> None:
        self.layer.handles.find("XrSession", session)
        check_type(info, _KINDS.LIGHT_ESTIMATOR_CREATE_INFO_ANDROID)
        if not self.supported:
            raise Refused(xr.Result.ERROR_FEATURE_UNSUPPORTED)
        if not self.permitted:
            raise Refused(xr.Result.ERROR_PERMISSION_INSUFFICIENT)
        self.layer.handles.create("XrLightEstimatorANDROID", estimator, parent=session)

    @emulates("xrDestroyLightEstimatorANDROID")
    def destroy(self, estimator: Any) -> None:
        self.layer.handles.destroy("XrLightEstimatorANDROID", estimator)

    @emulates("xrGetLightEstimateANDROID")
    def get(self, estimator: Any, asked: Any, answer: Any) -> None:
        self.layer.handles.find("XrLightEstimatorANDROID", estimator)
        given = check_type(asked, _KINDS.LIGHT_ESTIMATE_GET_INFO_ANDROID)
        if given.time <= 0:
            raise Refused(xr.Result.ERROR_TIME_INVALID)
        states = xr.LightEstimateStateANDROID
        state = states.INVALID if self.correction is None else states.VALID
        estimate = check_type(answer, _KINDS.LIGHT_ESTIMATE_ANDROID)
        estimate.state, estimate.last_updated_time = state, given.time
        for structure in chain(answer):
            if structure._type not in _ANSWERS:
                raise Refused(xr.Result.ERROR_VALIDATION_FAILURE)
            if structure._type == _KINDS.AMBIENT_LIGHT_ANDROID.value:
                ambient = read(structure, xr.AmbientLightANDROID)
                ambient.state = state
                # What is not valid is undefined.
                ambient.color_correction = xr.Vector3f(*(self.correction or (9.0, 9.0, 9.0)))
