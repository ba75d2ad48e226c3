"""Where several spaces are in the session's own: one call for all where the runtime has XR_KHR_locate_spaces, since
a call may be a message to another process; else one for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import byref, cast
from typing import Any, Final

import numpy as np
import xr
from numpy.typing import NDArray

from xr_app.poses import Pose, matrix
from xr_app.session.calls import check, native
from xr_app.session.session import XrSession

F64 = NDArray[np.float64]

EXTENSION: Final = "XR_KHR_locate_spaces"
_KNOWN: Final = (xr.SpaceLocationFlags.ORIENTATION_VALID_BIT | xr.SpaceLocationFlags.POSITION_VALID_BIT).value


class Located:
    """Where spaces were when `locate` was called last."""

    def __init__(self, session: XrSession, spaces: Sequence[Any]) -> None:
        self._session, self._spaces = session, list(spaces)
        self._together = None
        count = len(self._spaces)
        if EXTENSION in session.instance.extensions:
            self._together = cast(
                xr.get_instance_proc_addr(session.instance.handle, "xrLocateSpacesKHR"), xr.PFN_xrLocateSpacesKHR
            )
            self._locations = (xr.SpaceLocationData * count)()
            self._info = xr.SpacesLocateInfo(base_space=session.space, spaces=self._spaces)
            self._answer = xr.SpaceLocations(locations=self._locations)
        else:
            self._locations = (xr.SpaceLocation * count)(*(xr.SpaceLocation() for _ in self._spaces))

    def locate(self, xr_time: int) -> None:
        """Find them all at a time."""
        if self._together is not None:
            self._info.time = xr_time
            result = self._together(self._session.handle, byref(self._info), byref(self._answer))
            check(result, "xrLocateSpacesKHR")
            return
        for space, location in zip(self._spaces, self._locations, strict=True):
            result = native.xrLocateSpace(space, self._session.space, xr_time, byref(location))
            check(result, "xrLocateSpace")

    def pose(self, number: int) -> F64 | None:
        """(4, 4) of one of them to the session's space; None while it is not known."""
        location = self._locations[number]
        if location._location_flags & _KNOWN != _KNOWN:
            return None
        q, p = location.pose.orientation, location.pose.position
        return matrix(Pose((q.x, q.y, q.z, q.w), (p.x, p.y, p.z)))
