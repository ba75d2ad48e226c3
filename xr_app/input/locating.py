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

from xr_app.poses import matrix_of
from xr_app.session.calls import check, native
from xr_app.session.frame_calls import floats_of
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
        kind = type(self._locations[0])
        flags, pose = kind._location_flags.offset, kind.pose.offset
        self._words = np.frombuffer(self._locations, np.uint64).reshape(count, -1)[:, flags // 8]
        self._numbers = floats_of(self._locations).reshape(count, -1)[:, pose // 4 : pose // 4 + 7]
        self._flags: list[int] = [0] * count
        self._poses: list[list[float]] = []

    def locate(self, xr_time: int) -> None:
        """Find them all at a time."""
        if self._together is not None:
            self._info.time = xr_time
            result = self._together(self._session.handle, byref(self._info), byref(self._answer))
            check(result, "xrLocateSpacesKHR")
        else:
            for space, location in zip(self._spaces, self._locations, strict=True):
                result = native.xrLocateSpace(space, self._session.space, xr_time, byref(location))
                check(result, "xrLocateSpace")
        self._flags, self._poses = self._words.tolist(), self._numbers.tolist()

    def pose(self, number: int) -> F64 | None:
        """(4, 4) of one of them to the session's space; None while it is not known."""
        if self._flags[number] & _KNOWN != _KNOWN:
            return None
        return matrix_of(*self._poses[number])
