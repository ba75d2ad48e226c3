"""Eyes that are followed: XR_EXT_eye_gaze_interaction (OpenXR 1.1 specification, 12.36), whose paths the runtime below
knows though it has no eyes."""

from __future__ import annotations

from ctypes import byref, memmove, sizeof
from typing import Any

import xr

from xr_app.emulated.calls import address, read
from xr_app.emulated.emulation import Emulation, wraps
from xr_app.poses import Pose


class EyeGaze(Emulation):
    """Eyes that look along -z of `pose`, in whichever space the app asks for; None while they are closed."""

    def __init__(self, pose: Pose | None) -> None:
        self.pose = pose
        self._path: int | None = None
        self._spaces: set[int] = set()

    def instance_begun(self) -> None:
        self._path = None
        self._spaces.clear()

    def system_property(self, structure: Any) -> bool:
        if structure.type is not xr.StructureType.SYSTEM_EYE_GAZE_INTERACTION_PROPERTIES_EXT:
            return False
        read(structure, xr.SystemEyeGazeInteractionPropertiesEXT).supports_eye_gaze_interaction = 1
        return True

    @wraps("xrStringToPath")
    def name(self, runtime: Any, instance: Any, text: Any, path: Any) -> Any:
        result = runtime(instance, text, path)
        if text == b"/user/eyes_ext":
            self._path = path[0]
        return result

    @wraps("xrCreateActionSpace")
    def create(self, runtime: Any, session: Any, info: Any, space: Any) -> Any:
        result = runtime(session, info, space)
        if info.contents.subaction_path == self._path and self._path:
            self._spaces.add(address(space.contents))
        return result

    @wraps("xrLocateSpace")
    def locate(self, runtime: Any, space: Any, base: Any, time: Any, location: Any) -> Any:
        result = runtime(space, base, time, location)
        self._look(space, location.contents)
        return result

    @wraps("xrLocateSpacesKHR")
    def locate_all(self, runtime: Any, session: Any, info: Any, locations: Any) -> Any:
        result = runtime(session, info, locations)
        for number in range(info.contents.space_count):
            self._look(info.contents._spaces[number], locations.contents._locations[number])
        return result

    def _look(self, space: Any, location: Any) -> None:
        if address(space) not in self._spaces:
            return
        location._location_flags = 0 if self.pose is None else 0xF
        if self.pose is not None:
            pose = xr.Posef(xr.Quaternionf(*self.pose.orientation), xr.Vector3f(*self.pose.position))
            memmove(byref(location.pose), byref(pose), sizeof(pose))
