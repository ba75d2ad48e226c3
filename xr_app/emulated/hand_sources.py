"""A runtime that tells seen fingers from guessed ones: XR_EXT_hand_tracking_data_source (OpenXR 1.1 specification,
12.60), over hands that the runtime below tracks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import xr

from xr_app.emulated.calls import Refused, chain, read
from xr_app.emulated.emulation import Emulation, wraps

SOURCES = xr.HandTrackingDataSourceEXT


class HandSources(Emulation):
    """Both hands' joints come from `source`; `hidden` is the place of one that is not seen."""

    extensions: ClassVar[Mapping[str, int]] = {"XR_EXT_hand_tracking_data_source": 1}

    def __init__(self, source: xr.HandTrackingDataSourceEXT) -> None:
        self.source = source
        self.hidden: int | None = None

    @wraps("xrCreateHandTrackerEXT")
    def create(self, runtime: Any, session: Any, info: Any, tracker: Any) -> Any:
        asked = [
            kind
            for each in chain(info)
            if each.type is xr.StructureType.HAND_TRACKING_DATA_SOURCE_INFO_EXT
            for wish in [read(each, xr.HandTrackingDataSourceInfoEXT)]
            for kind in wish._requested_data_sources[: wish.requested_data_source_count]
        ]
        if len(asked) != len(set(asked)) or not set(asked) <= {kind.value for kind in SOURCES}:
            raise Refused(xr.Result.ERROR_VALIDATION_FAILURE)
        return runtime(session, info, tracker)

    @wraps("xrLocateHandJointsEXT")
    def locate(self, runtime: Any, tracker: Any, info: Any, locations: Any) -> Any:
        result = runtime(tracker, info, locations)
        if self.hidden is not None:
            locations.contents._joint_locations[self.hidden]._location_flags = 0
        for each in chain(locations):
            if each.type is xr.StructureType.HAND_TRACKING_DATA_SOURCE_STATE_EXT:
                state = read(each, xr.HandTrackingDataSourceStateEXT)
                state.is_active = locations.contents.is_active
                state._data_source = self.source.value
        return result
