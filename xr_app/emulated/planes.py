"""XR_EXT_plane_detection: flat pieces of a room that its maker has furnished (OpenXR 1.1 specification, 12.33)."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import POINTER, c_int, cast
from dataclasses import dataclass
from typing import Any, ClassVar

import xr

from xr_app.emulated.calls import Refused, address, check_type, read
from xr_app.emulated.emulation import Emulation, emulates
from xr_app.poses import Pose

STATES = xr.PlaneDetectionStateEXT


@dataclass
class Flat:
    """A plane in the x and z of its pose, in the space that the app asks in."""

    pose: Pose
    size: tuple[float, float]
    kind: xr.PlaneDetectorSemanticTypeEXT = xr.PlaneDetectorSemanticTypeEXT.UNDEFINED
    contour: Sequence[tuple[float, float]] = ()
    known: bool = True


@dataclass
class Detector:
    """What the app made, and how far it is."""

    state: int = STATES.NONE.value
    asked: int = 0
    seen: Sequence[Flat] = ()


class PlaneDetection(Emulation):
    """Finds what is in `room`, after having been asked `patience` times.

    permitted: whether the user lets the app; ends: the state that a detection comes to.
    """

    extensions: ClassVar = {"XR_EXT_plane_detection": 2}

    def __init__(
        self, room: Sequence[Flat], *, supported: bool = True, permitted: bool = True, patience: int = 1
    ) -> None:
        self.room, self.supported, self.permitted, self.patience = list(room), supported, permitted, patience
        self.ends = STATES.DONE
        self.begun = 0

    def system_property(self, structure: Any) -> bool:
        if structure._type != xr.StructureType.SYSTEM_PLANE_DETECTION_PROPERTIES_EXT.value:
            return False
        features = xr.PlaneDetectionCapabilityFlagsEXT.PLANE_DETECTION_BIT.value if self.supported else 0
        read(structure, xr.SystemPlaneDetectionPropertiesEXT)._supported_features = features
        return True

    @emulates("xrCreatePlaneDetectorEXT")
    def create(self, session: Any, info: Any, detector: Any) -> None:
        self.layer.handles.find("XrSession", session)
        check_type(info, xr.StructureType.PLANE_DETECTOR_CREATE_INFO_EXT)
        if not self.supported:
            raise Refused(xr.Result.ERROR_FEATURE_UNSUPPORTED)
        self.layer.handles.create("XrPlaneDetectorEXT", detector, parent=session, value=Detector())

    @emulates("xrDestroyPlaneDetectorEXT")
    def destroy(self, detector: Any) -> None:
        self.layer.handles.destroy("XrPlaneDetectorEXT", detector)

    @emulates("xrBeginPlaneDetectionEXT")
    def begin(self, detector: Any, info: Any) -> None:
        mine = self.layer.handles.find("XrPlaneDetectorEXT", detector)
        given = check_type(info, xr.StructureType.PLANE_DETECTOR_BEGIN_INFO_EXT)
        box = given.bounding_box_extent
        if not given.max_planes or given.time <= 0 or min(box.width, box.height, box.depth) <= 0:
            raise Refused(xr.Result.ERROR_VALIDATION_FAILURE)
        if not address(given.base_space):
            raise Refused(xr.Result.ERROR_HANDLE_INVALID)
        if not self.permitted:
            raise Refused(xr.Result.ERROR_PLANE_DETECTION_PERMISSION_DENIED_EXT)
        self.begun += 1
        mine.state, mine.asked, mine.seen = STATES.PENDING.value, 0, list(self.room)

    @emulates("xrGetPlaneDetectionStateEXT")
    def state(self, detector: Any, state: Any) -> None:
        mine = self.layer.handles.find("XrPlaneDetectorEXT", detector)
        mine.asked += 1
        if mine.state == STATES.PENDING.value and mine.asked > self.patience:
            mine.state = self.ends.value
        cast(state, POINTER(c_int))[0] = mine.state

    @emulates("xrGetPlaneDetectionsEXT")
    def detections(self, detector: Any, info: Any, locations: Any) -> None:
        mine = self.layer.handles.find("XrPlaneDetectorEXT", detector)
        check_type(info, xr.StructureType.PLANE_DETECTOR_GET_INFO_EXT)
        out = check_type(locations, xr.StructureType.PLANE_DETECTOR_LOCATIONS_EXT)
        if mine.state != STATES.DONE.value:
            raise Refused(xr.Result.ERROR_CALL_ORDER_INVALID)
        out.plane_location_count_output = len(mine.seen)
        if not out.plane_location_capacity_input:
            return
        if out.plane_location_capacity_input < len(mine.seen):
            raise Refused(xr.Result.ERROR_SIZE_INSUFFICIENT)
        flags = xr.SpaceLocationFlags
        for number, flat in enumerate(mine.seen):
            row = out.plane_locations[number]
            if row._type != xr.StructureType.PLANE_DETECTOR_LOCATION_EXT.value:
                raise Refused(xr.Result.ERROR_VALIDATION_FAILURE)
            row.plane_id = 100 + number
            row._location_flags = (flags.ORIENTATION_VALID_BIT | flags.POSITION_VALID_BIT).value if flat.known else 0
            orientation, position = flat.pose
            row.pose = xr.Posef(xr.Quaternionf(*orientation), xr.Vector3f(*position))
            row.extents = xr.Extent2Df(*flat.size)
            row._semantic_type = flat.kind.value
            row.polygon_buffer_count = int(bool(flat.contour))

    @emulates("xrGetPlanePolygonBufferEXT")
    def polygon(self, detector: Any, plane: int, index: int, buffer: Any) -> None:
        mine = self.layer.handles.find("XrPlaneDetectorEXT", detector)
        out = check_type(buffer, xr.StructureType.PLANE_DETECTOR_POLYGON_BUFFER_EXT)
        if not 0 <= plane - 100 < len(mine.seen) or index or not mine.seen[plane - 100].contour:
            raise Refused(xr.Result.ERROR_VALIDATION_FAILURE)
        contour = mine.seen[plane - 100].contour
        out.vertex_count_output = len(contour)
        if not out.vertex_capacity_input:
            return
        if out.vertex_capacity_input < len(contour):
            raise Refused(xr.Result.ERROR_SIZE_INSUFFICIENT)
        for number, (x, z) in enumerate(contour):
            out.vertices[number] = xr.Vector2f(x, z)
