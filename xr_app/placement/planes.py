"""Flat pieces of the room by XR_EXT_plane_detection, where a headset has it (OpenXR 1.1 specification, 12.33).

A detection runs beside the frames: it is begun, asked after, read, and begun again some time later, for the user may
have moved the chair. Planes lie in the x and z of their pose.
"""

from __future__ import annotations

import ctypes
from ctypes import byref
from typing import Any, Final

import numpy as np
import xr
from numpy.typing import NDArray

from xr_app.placement.extension import Functions, fine, said
from xr_app.placement.room import Kind, Plane
from xr_app.session.frame_calls import matrix_at

F64 = NDArray[np.float64]

EXTENSION: Final = "XR_EXT_plane_detection"
AGAIN_S: Final = 10.0
"""From one detection to the next."""
_ASK_S: Final = 0.2
"""From one look at a detection to the next."""
_MOST: Final = 64
_MOST_CORNERS: Final = 128
_SMALLEST_M2: Final = 0.04
_EXTENT_M: Final = 12.0
"""Sides of the box around the user that is looked at."""
_KNOWN: Final = (xr.SpaceLocationFlags.ORIENTATION_VALID_BIT | xr.SpaceLocationFlags.POSITION_VALID_BIT).value
_KINDS: Final = {
    xr.PlaneDetectorSemanticTypeEXT.FLOOR.value: Kind.FLOOR,
    xr.PlaneDetectorSemanticTypeEXT.CEILING.value: Kind.CEILING,
    xr.PlaneDetectorSemanticTypeEXT.WALL.value: Kind.WALL,
    xr.PlaneDetectorSemanticTypeEXT.PLATFORM.value: Kind.TABLE,
}


def finds_planes(instance: Any, system_id: Any, extensions: frozenset[str]) -> bool:
    """Whether this headset can: the extension is enabled, and the system says so too."""
    if EXTENSION not in extensions:
        return False
    can = xr.SystemPlaneDetectionPropertiesEXT()
    properties = xr.SystemProperties(next=can)
    if not fine(xr.raw_functions.xrGetSystemProperties(instance, system_id, byref(properties))):
        return False
    return bool(can._supported_features & xr.PlaneDetectionCapabilityFlagsEXT.PLANE_DETECTION_BIT.value)


class PlaneFinder:
    """Of one session; asks for planes in one space."""

    def __init__(self, instance: Any, session: Any, space: Any) -> None:
        self._space = space
        self._call = Functions(
            instance,
            "xrCreatePlaneDetectorEXT",
            "xrDestroyPlaneDetectorEXT",
            "xrBeginPlaneDetectionEXT",
            "xrGetPlaneDetectionStateEXT",
            "xrGetPlaneDetectionsEXT",
            "xrGetPlanePolygonBufferEXT",
        )
        self._detector = xr.PlaneDetectorEXT()
        info = xr.PlaneDetectorCreateInfoEXT(flags=xr.PlaneDetectorFlagsEXT.ENABLE_CONTOUR_BIT)
        self.refused = not fine(self._call.xrCreatePlaneDetectorEXT(session, byref(info), byref(self._detector)))
        """Whether the headset will not have it, or the user not."""
        self._made = not self.refused
        self._running = False
        self._next = 0

    def step(self, xr_time: int, head: F64) -> list[Plane] | None:
        """Go on at a display time, with the (4, 4) head pose; the planes, when they have just come to be known."""
        if self.refused or xr_time < self._next:
            return None
        self._next = xr_time + round(_ASK_S * 1e9)
        if not self._running:
            self._begin(xr_time, head)
            return None
        state = ctypes.c_int()
        states = xr.PlaneDetectionStateEXT
        if not fine(self._call.xrGetPlaneDetectionStateEXT(self._detector, byref(state))):
            state.value = states.ERROR.value
        if state.value == states.PENDING.value:
            return None
        self._running = False
        self._next = xr_time + round(AGAIN_S * 1e9)
        self.refused = state.value == states.FATAL.value
        return self._read(xr_time) if state.value == states.DONE.value else None

    def close(self) -> None:
        """Give the detector back."""
        if self._made:
            self._made, self.refused = False, True
            self._call.xrDestroyPlaneDetectorEXT(self._detector)

    def _begin(self, xr_time: int, head: F64) -> None:
        info = xr.PlaneDetectorBeginInfoEXT(
            base_space=self._space,
            time=xr_time,
            max_planes=_MOST,
            min_area=_SMALLEST_M2,
            bounding_box_pose=xr.Posef(position=xr.Vector3f(*(float(a) for a in head[:3, 3]))),
            bounding_box_extent=xr.Extent3Df(_EXTENT_M, _EXTENT_M, _EXTENT_M),
        )
        result = self._call.xrBeginPlaneDetectionEXT(self._detector, byref(info))
        self._running = fine(result)
        self.refused = said(result) == xr.Result.ERROR_PLANE_DETECTION_PERMISSION_DENIED_EXT
        if not self._running:
            self._next = xr_time + round(AGAIN_S * 1e9)

    def _read(self, xr_time: int) -> list[Plane] | None:
        info = xr.PlaneDetectorGetInfoEXT(base_space=self._space, time=xr_time)
        rows = (xr.PlaneDetectorLocationEXT * _MOST)(*(xr.PlaneDetectorLocationEXT() for _ in range(_MOST)))
        found = xr.PlaneDetectorLocationsEXT()
        found.plane_location_capacity_input, found.plane_locations = _MOST, rows
        if not fine(self._call.xrGetPlaneDetectionsEXT(self._detector, byref(info), byref(found))):
            return None
        planes = (self._plane(row) for row in rows[: min(found.plane_location_count_output, _MOST)])
        return [plane for plane in planes if plane is not None]

    def _plane(self, row: Any) -> Plane | None:
        if row._location_flags & _KNOWN != _KNOWN:
            return None
        flat = self._contour(row)
        if flat is None:
            w, h = row.extents.width / 2, row.extents.height / 2
            flat = np.array([(-w, -h), (w, -h), (w, h), (-w, h)])
        corners = np.zeros((len(flat), 3))
        corners[:, [0, 2]] = flat
        pose = matrix_at(row.pose)
        outline = corners @ pose[:3, :3].T + pose[:3, 3]
        if not np.isfinite(outline).all():
            return None
        return Plane(outline, _KINDS.get(row._semantic_type, Kind.OTHER))

    def _contour(self, row: Any) -> F64 | None:
        """(n, 2) the outside contour; None where there is none, or more than anything in a room has corners."""
        if not row.polygon_buffer_count:
            return None
        buffer = xr.PlaneDetectorPolygonBufferEXT()
        ask = self._call.xrGetPlanePolygonBufferEXT
        if not fine(ask(self._detector, row.plane_id, 0, byref(buffer))):
            return None
        count = int(buffer.vertex_count_output)
        if not 3 <= count <= _MOST_CORNERS:
            return None
        points = (xr.Vector2f * count)()
        buffer.vertex_capacity_input, buffer.vertices = count, points
        if not fine(ask(self._detector, row.plane_id, 0, byref(buffer))) or buffer.vertex_count_output != count:
            return None
        return np.array([(point.x, point.y) for point in points], np.float64)
